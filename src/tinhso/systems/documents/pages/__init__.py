"""The desk of documents."""
