"""Drugs of which no training fact tells: guessed at from what is known of each alone."""
