"""What is stated, by whom, and what it means for one patient."""
