"""Satisfaction: whoever applied says, once a dossier has ended, how it went (TT 01/2018/TT-VPCP).

Nouns: a *sheet* (the questions and the few figures in force on a day, `data/sheets.json`), an *answer* (marks by
question, of an agency and of the month in which the dossier ended; about nobody) and a *reply* (to which dossier the
answer belongs, who gave it, and their words). Actions: `answer`, `trace`, `forget`.

One case, walked: the result of H15.24133-261122-0001 is returned → its page shows "How did it go?" for 30 days → Hoa
marks time 4 and all in all 3 and writes a sentence → one answer, one reply, one entry with marks and month → she may
change it until the 30 days are over. On 1 December the heads of her commune read: 41 of 96 asked have answered, 88 %
good or very good, and among the words hers, without her name.

Who may know who said what. Nobody who handled the dossier, so that no answer can be held against a person:

* The ledger's entry names the answer, not the dossier, and the system, not the account. The dossier's timeline,
  search, notices and the desk know nothing of it; keys of answers are random, so that they say nothing of the time.
* Answer and reply are two rows. Figures and recounts read answers alone. When the person is erased the reply's words
  and name go; the marks stay, about nobody.
* Heads, leaders and auditors see a month only when it is over: else whoever returned a dossier at 10:00 would look at
  10:05. They see shares and words only where enough have answered (the sheet says how many); words without name,
  dossier, day or order.
* The slip's code and secret are known to officials who print it. So by the slip one can answer once, and never read or
  change an answer; one given with the account takes the place of the slip's. Heads see how many came by slip.
* An auditor may trace one answer to its dossier; the access log keeps it under the dossier, where the person sees it.

What this cannot hide: words in which somebody tells who they are (the page warns); from who holds the slip, that there
is an answer, though not which; from people with the database itself in their hands, anything.
"""
