"""Guesses about side effects, and how sure we may be of them."""

from embeddings.opening import OpenedModel, load

__all__ = ["OpenedModel", "load"]
