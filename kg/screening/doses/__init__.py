"""Daily doses: which limits hold in a list, and what they make of its findings. Pure."""
