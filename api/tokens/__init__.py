"""Who may ask: a bearer token for all doors, one for the keeper, signed ones for CDS Hooks."""

from api.tokens.access import Access, TokenGate, admin, cds_caller
from api.tokens.cds import CdsTrust, read_trust
from api.tokens.secrets import read_secret

__all__ = [
    "Access",
    "CdsTrust",
    "TokenGate",
    "admin",
    "cds_caller",
    "read_secret",
    "read_trust",
]
