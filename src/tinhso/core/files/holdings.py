"""What files hold of a person: the bytes themselves; for an anonymised copy."""

from ..accounts.copies import file_hash, file_mime, file_name, file_size, treat

treat("files.storedfile", sha256=file_hash, mime=file_mime, size=file_size)
treat("files.filelink", plain="owner_kind created_by origin", name=file_name, file_id=file_hash)
