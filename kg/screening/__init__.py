"""Screening: what a regimen means for one patient, from stated facts alone."""
