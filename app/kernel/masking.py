"""How protected values look until somebody gives a reason to see them."""


def mask_id_number(number: str) -> str:
    """First six and last four characters of an identity number; short ones lose all but the last two."""
    if len(number) < 15:
        return "*" * max(len(number) - 2, 0) + number[-2:]
    return number[:6] + "*" * (len(number) - 10) + number[-4:]


def mask_phone(phone: str) -> str:
    """``139****0006``."""
    return phone[:3] + "****" + phone[-4:] if len(phone) >= 7 else "*" * len(phone)


def mask_name(name: str) -> str:
    """The surname stays, the rest is starred: 王*, 欧阳娜娜 → 欧***."""
    return name[:1] + "*" * max(len(name) - 1, 1)
