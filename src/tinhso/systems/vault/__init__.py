"""The vault: a citizen's or a business's own papers, kept, reused and shown (NĐ 45/2020 article 16, NĐ 107/2021).

Nouns: a *paper* (what it is, of whom, until when it holds, how far it is verified), a *consent* (whoever stands at a
counter lets an official see their papers for one application) and a *share* (a link to one paper that ends by itself).
Actions: `add`, `take_out`, `ask_comparison`, `compare`, `decline`, `use`, `consent`, `share`, `end_share`.

One case, walked: Hoa's certificate is returned → a consumer of the ledger puts it into her vault, a row that points at
the result of the dossier; its file is the result's own, so a cancelled result is cancelled here in the same moment →
next month a form asks for it: "Use this one" gives her draft another hold on the same bytes and records it; the
official reads "From the vault" beside the paper → the bank wants to see it: a link for seven days, which she ends after
three; she sees that it was opened on Tuesday at 10:12.

How far a paper is verified (`Trust`): issued here; signed by an authority known here; digitised or compared with the
original by an official; handed in; only kept. The last two never stand where a procedure asks for an original.
"""
