"""What the words of an order say of the daily dose; pure, and without any list of drugs."""
