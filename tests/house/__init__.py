"""The ground of the test suite: databases, a served site, a browser."""
