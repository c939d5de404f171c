"""Items go with their dossiers; what the portal said of an application that became none is kept here without a name.
For an anonymised copy all of it stays behind: the copy has no portal."""

from tinhso.core.accounts import copies

copies.empty("national_portal.item", "national_portal.told", "national_portal.link", "national_portal.application")
