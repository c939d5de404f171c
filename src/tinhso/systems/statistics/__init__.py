"""Statistics of the one-stop shop: how many, how quickly, how well, of any agency and period, down to each dossier.

Nouns: a *measure* (what is counted: received, late, refused…), a *cut* (by agency, field, procedure, officer, channel,
time), a *period* (a day to a year, beside the one before), a *report* (the official periodic table as it was sent:
frozen, with who and when, and how today's figures differ). Actions: `send`.

Every figure is read from indicators (`core/indicators`), never counted over dossiers; what time alone changes (late
and still open) is counted when the day closes. A figure opens down to its dossiers by the same cells: they say on
which days in which agencies there are any, and only those rows are read (`cases`). Who reads sees own reach only.
"""
