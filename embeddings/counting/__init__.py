"""What can be read off the training facts without learning, and the stack upon it."""
