"""The one-stop counter: who stands there, the papers they bring, and where these papers go.

Nouns: a *card* (what the QR of an ID card says, as a scanner types it), a *scan* (pages of one paper on their way to
one PDF/A, and then that file), a *paper file* (of a dossier: who holds it), a *hand-over* (a numbered list of paper
files that one official gives and another receives) and a *day* (what one receptionist took in, gave out and was paid,
signed off by both).
Actions: `applicants.fill`; `scans.begin`, `add`, `change`, `make`, `drop`, `keep_signed`; `hand_overs.send`,
`receive`, `take_back`; `days.close`, `take_over`.

One case, walked: Hoa comes to the counter of her commune with her ID card and a bundle → the receptionist scans the
card: name, birth date and address stand in the form → puts the bundle into the scanner: 7 pages, one upside down and
one blank; she turns the one, takes the other out, and has one PDF/A, which stands at its question → submits, and signs
what she has digitised with her own key: the file says who converted it and when, and the vault keeps it as digitised →
at four o'clock she puts 31 paper files on a list for the judicial officer, sticks a label with a code on each, and he
ticks them off by scanning: from then on the dossier says that he holds it → at five she closes her day: 34 received,
12 returned, 480.000 đ; her colleague counts the money and signs for it.
"""
