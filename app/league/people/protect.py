"""The protected facts of a file: ID number and phone, sealed beside a blind index for equality."""

from typing import Protocol

from app.kernel.vault import Vault

ID_NUMBER = "id_number"
PHONE = "phone"


class Sealed(Protocol):
    """Anything with the sealed columns of a file: a file, an application, an account."""

    id_number_sealed: str
    phone_sealed: str


def seal_file_fields(vault: Vault, id_number: str, phone: str) -> dict[str, str]:
    """Column values for an ID number and a phone; an empty phone stays empty and is never found."""
    return {
        "id_number_sealed": vault.seal(ID_NUMBER, id_number),
        "id_number_index": vault.index(ID_NUMBER, id_number),
        "phone_sealed": vault.seal(PHONE, phone) if phone else "",
        "phone_index": vault.index(PHONE, phone) if phone else "",
    }


def open_id_number(vault: Vault, row: Sealed) -> str:
    """The ID number of ``row`` in full. Showing it is an audited act of the caller."""
    return vault.open(ID_NUMBER, row.id_number_sealed)


def open_phone(vault: Vault, row: Sealed) -> str:
    """The phone of ``row`` in full, "" when there is none."""
    return vault.open(PHONE, row.phone_sealed) if row.phone_sealed else ""
