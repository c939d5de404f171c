"""Forms 06 and 07 of TT 03/2025/TT-VPCP: the control slip of a dossier and the register of an agency.

Both are made on request, as they stand at that moment, and are not kept: what they say follows from tasks and the
ledger, so they can be made again at any time. A PDF bears the agency's seal or is not handed out; an Excel file
bears none."""
