"""Pages of digital signatures: one's own certificates, the register, signing many documents, the token."""
