"""Drugs in free text: where a note names them, and what it says of each. No graph depends on it."""
