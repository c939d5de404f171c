"""A person's own notifications, for citizens and officials alike."""
