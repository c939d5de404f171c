"""Linked procedures (liên thông): one application, dossiers at several agencies, one timeline.

Nouns: a *bundle* (which procedures, who decides each, what starts after what, which words of an earlier result go
into a later application; data with a date of effect), a *joint dossier* (an ordinary dossier of the joint procedure:
its form asks everything once), its *parts* (ordinary dossiers, each with its own clock and agency) and a *decision*
(what an agency whose system is not connected here answered, as the one-stop shop recorded it).

One case, walked: Hoa submits one declaration for her child (2.000986) → the counter accepts it once, one slip, one
promise → within a second a job opens the birth registration and accepts it → it is issued, 15/KS → the job opens
residence and health insurance with that number, without asking Hoa again → the counter passes them on and records what
the police and the insurance office answered → all are there: the joint dossier is processed; when the last is
returned, so is it. Had the birth been refused, nothing else would have been opened, and form 05 would have said why.

The rule: the joint dossier follows its parts, never the other way round, but for two things: accepting it opens them,
withdrawing it withdraws what is still open.
"""
