"""Public names of rows: unguessable, so that nothing can be counted or enumerated from outside."""

import secrets


def new_public_id() -> str:
    """128 random bits as 22 URL-safe characters."""
    return secrets.token_urlsafe(16)
