"""Learning with PyKEEN: the only room of torch."""
