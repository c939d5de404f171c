"""Downloads: an unguessable address, asked of the owner's package each time, in whole or in part."""
