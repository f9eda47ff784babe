"""One file for each upstream source: what it says, in its own identifiers."""
