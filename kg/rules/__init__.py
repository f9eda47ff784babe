"""Readers of the rule tables of ``kg/curated``: rows become the frozen rules of screening."""
