"""Figures are about nobody."""

from ..accounts.copies import whole

whole("indicators.cell", "indicators.total", "indicators.fold")
