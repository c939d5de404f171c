"""Pages: the joint dossier for its applicant, for officials, and what another agency decided."""
