"""A graph taken elsewhere: KGX, N-Quads, Turtle, GraphML and Parquet, with sources and terms."""
