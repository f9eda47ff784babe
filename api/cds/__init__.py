"""CDS Hooks: what an electronic record asks while an order is being written, answered in cards."""
