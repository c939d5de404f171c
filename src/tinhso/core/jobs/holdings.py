"""Failed jobs stay behind when the database is copied without personal data."""

from ..accounts.copies import empty

empty("jobs.failure")
