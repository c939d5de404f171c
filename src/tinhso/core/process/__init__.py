"""Work in steps: a table-driven step graph, and the tasks people find in their inbox.

Nouns: a *definition* is a validated, immutable step graph (data, named by its digest); a
*task* is one open or closed step of one subject (a dossier, later a document), done by a
role at an agency. Several may be open at once. A *step kind* ("receive", "sign", "collect
payment") is registered by the system that answers it, with the outcomes it can give.

Actions: `start` opens the first step; `complete` closes a task with an outcome and opens
what follows; `assign`, `claim`, `hand_over` say who does it. What a subject's own action
changes is recorded by that action; who does a task is recorded here, on the subject.

A case: an application arrives → `start` opens "receive" at the receiving agency, due in 8
working hours → the receptionist accepts → `complete(task, "accept")` opens "assign" for
the unit head of the competent agency → … → outcome with no next step: the work is done.
A step that waits for the applicant stops the clock: `queries.pauses` tells from when to when.
"""
