"""Why two drugs are linked: kinds of paths, their weights, how unusual they are, and words."""
