"""The national portal (Cổng Dịch vụ công quốc gia): what it is told of our dossiers, what it sends us.

Nouns: an *item* (one entry of the ledger that the portal has to be told, as a dossier or as a step of its progress),
the *link* (from when on we tell, and whether the portal answers just now), an *application* (what the portal handed
to us) and the *reading* of its catalogue. Actions: `begin`, `send_again`, `skip`, `take_in`.

One dossier, walked: hoa submits → the consumer reads `dossiers.submitted` and writes two items, DongBoHoSoMC and
CapNhatTienDoHoSoMC → the job sends them, the dossier first → accepted, assigned … each entry its items, in order of
the ledger → the portal refuses one (a code it does not know): the item is parked with the field and the reason, later
items of that dossier wait, those of others go on → an official mends the code and sends it again.

An item says *that*, never *what*: no personal data. What goes out is made from the dossier's rows when it is sent,
as they stood at that entry, so that the same item gives the same bytes however often and however late it goes.
"""
