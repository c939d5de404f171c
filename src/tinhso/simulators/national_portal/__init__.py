"""A stand-in for the national portal, behind an adapter of the NDXP: sessions, `DongBoHoSoMC`, `CapNhatTienDoHoSoMC`,
applications and catalogue. It checks every field strictly.

`GET /` shows what it took and has buttons to be slow, down or unwilling, and to let a constructed citizen apply;
`GET` and `POST /mo-phong` are the same for tests. Never part of a production install.
"""
