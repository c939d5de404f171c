"""Telling people: in the app always, by e-mail where they have one, by one interface for more.

A system declares kinds of message in its `notices.py`::

    accepted = kind(
        "dossiers.accepted",
        title=_("Dossier %(code)s was accepted"),
        body=_("The result is due at %(due_at)s."),
        link=lambda notice: reverse("dossiers:mine", args=[notice.subject_id]),
    )

and sends them from a ledger consumer (`actions.notify_all`), so that each entry tells each
recipient once, whatever is killed or read again. A notice keeps a kind and codes; the words are
made when it is read, in the reader's language.

Exempt from the ledger: notices, deliveries and whether something was read. They follow from
entries, and reading one's own messages is no business of the state.
"""
