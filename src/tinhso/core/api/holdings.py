"""What machines asked lately stays behind in an anonymised copy."""

from ..accounts.copies import empty

empty("api.idempotencykey", "api.ratecount")
