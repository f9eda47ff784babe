"""Guesses about side effects, and how sure we may be of them."""
