"""Bytes, kept once by their content, and the links by which subjects own them.

A *stored file* is a run of bytes under `DATA_DIR/files/ab/cd/<sha256>`; a *link* is one
owner's hold on it, with an unguessable id and a name to show. When the last link goes, the
bytes go too: that is erasure.

Exempt from the ledger: a file is a part of its owner (a dossier, a letter), and the owner's
action records that it was attached. An upload that nobody owns is swept after a day.

How bytes and rows stay together without a transaction over both (`disk`, `actions`, `jobs`):

- whoever makes a link holds a **shared** advisory lock on the content's hash until its
  transaction ends, and moves the bytes into place under it;
- whoever removes bytes holds the **exclusive** lock, sees no link, and removes row and bytes
  under it. So bytes with a link, even an uncommitted one, are never removed;
- a rolled-back store leaves bytes without a row, a crash leaves a temporary file: both are swept.
"""
