"""A printed year is not told to the portal: items are ordered by their entries' places, and copies have others."""

from tinhso.simulation.rooms import left_out

left_out("national_portal.item", "national_portal.told")
