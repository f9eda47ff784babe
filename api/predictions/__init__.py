"""What a model guesses of drugs, as an answer tells it: effects, reasons, and its reach."""
