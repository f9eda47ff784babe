"""A published graph made ready for look-ups: an index in files that processes map and share."""
