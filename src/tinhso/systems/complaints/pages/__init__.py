"""Pages of complaints: of whoever complains, of heads who answer."""
