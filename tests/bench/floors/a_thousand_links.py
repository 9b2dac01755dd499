"""The least that a sweep holds: that of a thousand links, which fit into one listing and a few pages."""

LINKS = 1_000
