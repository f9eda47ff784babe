"""Names, and which names mean the same thing."""
