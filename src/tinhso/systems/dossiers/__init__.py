"""Dossiers: an applicant's case for one procedure, from submission to the returned result.

Nouns: a *dossier* (its code, the snapshot of the applicant and of the answers, its state as
the national portal numbers it), its *components* (papers handed in), its *letters* (official
forms 01 to 07, numbered and made after the fact), its *result* and the *fee receipts*.

Two agencies: the *receiving* agency took it in, the *competent* one decides.

One case, walked: a citizen submits online → code H15.24133-261122-0001, state 1, the
receptionist's task is due in 8 working hours → accepted: state 2, due time promised, form 01
numbered now and made by a job → assigned, appraised (state 4), proposed: a job drafts the
result with its number and date still empty → the leader signs → the clerk takes the next
number of the book; a job fills it in and seals → state 9 → the receptionist takes the fee
and returns it: state 10, the citizen downloads it, anyone can verify it.
"""
