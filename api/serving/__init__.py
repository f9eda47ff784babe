"""From a command to answers: a supervisor, crews that each opened one graph, and their workers."""
