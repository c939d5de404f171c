"""Official documents (văn bản) in every agency: drafted, signed, numbered and sent; received, directed and answered.

Nouns (docs/decisions/0038): a *document* is what one agency holds in its registers, outgoing or incoming; its *sheet*
is what it says, until it is signed; a *recipient* is whom it goes to, with every state that it has there; an
*assignment* is an order from it to one agency or person, as lead, in support or for information, with words and a
day, and may be handed down.

Actions: `draft`, `revise`, `submit`, `send_back`, `sign`, `number`, `issue`; `receive`, `register`, `refuse`;
`direct`, `hand_down`, `report`, `finish`, `file_away`.

One case, walked: an officer of the province office drafts a dispatch to 102 communes → the head of the office checks
it → the chairman signs in his capacity → the clerk issues it: it takes the next number of the year's book, number and
date go into their fields, the agency seals, and each commune holds it as incoming, state 01 → a commune's clerk
registers it under the next arrival number (03) → its chairman directs: the justice officer leads, by Friday, two
others support (04, 05) → the officer drafts an answer from it; issued, it closes the assignment and the document
(06), and the province sees all of it.
"""
