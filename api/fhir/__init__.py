"""FHIR: what records of FHIR resources say, and our answers in its words."""
