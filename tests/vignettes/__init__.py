"""Clinical vignettes: one case per JSON file, and what compares an answer with it."""
