"""How good a model is, and how sure its guesses are, on facts that it has not seen."""
