"""Reports are figures about nobody; an official's name stands there by their account."""

from tinhso.core.accounts import copies

copies.whole("statistics.report")
