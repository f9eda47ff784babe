"""What must hold of a graph, each a function from tables to problems; ``kg.validate`` runs them."""
