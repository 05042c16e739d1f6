"""File names as people typed them, made harmless: no folders, no controls, nothing that reads backwards."""

import re
import unicodedata

LONGEST = 120
FORBIDDEN = re.compile(r'[<>:"|?*\\/]')


def clean_name(typed: str, suffix: str) -> str:
    """The last part of ``typed`` without invisible and reserved characters, ending in ``suffix`` (".pdf").

    >>> clean_name("../../etc/通知\\u202efdp.exe", ".pdf")
    '通知fdp.pdf'
    """
    last = re.split(r"[\\/]", typed)[-1]
    visible = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    stem = FORBIDDEN.sub("", visible).strip(" .")
    stem = stem.rsplit(".", 1)[0] if "." in stem else stem
    return (stem.strip(" .")[:LONGEST] or "附件") + suffix
