"""Pages: the catalogue for everyone, its editor for officials."""
