"""Complaints about a dossier (Luật Khiếu nại 2011) and reflections on how it was handled (phản ánh, kiến nghị).

Nouns: a *complaint* (who says what about which agency, handed to whom, by when, how it was answered), its *limits*
(data with a date of effect, `data/limits.json`), the *answer* (a letter that a leader signs and the agency seals).
Actions: `file`, `take_on`, `write_answer`, `sign_answer`, `deliver`, `withdraw`, `forget`.

One case, walked: Hoa's result came late → from its page she complains, and has the number 3 and the day by which she
hears → the chairman signed it, so he may not judge; his deputy, who had no hand in it, is told and takes it on within
10 days → writes that she is right and why, reads the draft, signs it → it is numbered and sealed, Hoa is told and reads
it on the same page. Not content, she complains again: now the agency above decides.

Who may see one: whoever filed it, and leaders and auditors of the agency that answers and of those above, save whoever
had the dossier in hand. So the desk's page of the dossier says nothing of it.
"""
