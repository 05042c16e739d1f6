"""Public names of rows: unguessable, so that nothing can be counted or enumerated from outside."""

import secrets


def new_public_id() -> str:
    """128 random bits or nearly, as 22 URL-safe characters of which the first is a letter or a digit.

    A name that began with a dash would be taken for an option on a command line and for a formula in a spreadsheet.
    """
    while not (name := secrets.token_urlsafe(16))[0].isalnum():
        pass
    return name
