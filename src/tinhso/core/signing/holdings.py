"""Certificates name people, and their keys are not copied; they stay behind in an anonymised copy."""

from ..accounts.copies import empty, whole

empty("signing.certificate", "signing.preparation")
whole("signing.upkeep")
