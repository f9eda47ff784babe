"""The medication report: an answer laid out for paper, as HTML and as PDF."""
