"""The signatures and the encryption of WeChat's callback (消息加解密): AES-256-CBC, padded to blocks of 32 bytes.

What is encrypted: 16 random bytes, the length of the text (4 bytes, big-endian), the text, the appid.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 32
RANDOM = 16
KEY = re.compile(r"[A-Za-z0-9]{43}")
"""What an EncodingAESKey looks like."""


class Forged(Exception):
    """A message that is not WeChat's: wrong signature, wrong account, unreadable, or too old."""


def signature(token: str, *parts: str) -> str:
    """The signature of a message: SHA-1 over ``token`` and ``parts``, sorted and put together."""
    return hashlib.sha1("".join(sorted((token, *parts))).encode(), usedforsecurity=False).hexdigest()


def signed(given: str, token: str, *parts: str) -> bool:
    """Whether ``given`` is that signature, compared in constant time; never where there is no ``token`` to know."""
    return bool(token) and hmac.compare_digest(given.encode(), signature(token, *parts).encode())


def encrypt(aes_key: str, app_id: str, text: bytes) -> str:
    """``text`` for ``app_id``, base64."""
    body = os.urandom(RANDOM) + struct.pack(">I", len(text)) + text + app_id.encode()
    padding = BLOCK - len(body) % BLOCK
    sealing = _cipher(aes_key).encryptor()
    return base64.b64encode(sealing.update(body + bytes([padding]) * padding) + sealing.finalize()).decode()


def decrypt(aes_key: str, app_id: str, encrypted: str) -> bytes:
    """The text. Raises Forged when it cannot be read or was meant for another account."""
    try:
        raw = base64.b64decode(encrypted, validate=True)
        opening = _cipher(aes_key).decryptor()
        body = opening.update(raw) + opening.finalize()
    except (binascii.Error, ValueError) as error:
        raise Forged("unreadable") from error
    padding = body[-1] if body else 0
    if not 1 <= padding <= BLOCK or len(body) < RANDOM + 4 + padding:
        raise Forged("padding")
    body = body[RANDOM:-padding]
    (length,) = struct.unpack(">I", body[:4])
    text, meant_for = body[4 : 4 + length], body[4 + length :]
    if not hmac.compare_digest(meant_for, app_id.encode()):
        raise Forged("another account")
    return text


def _cipher(aes_key: str) -> Cipher[CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(AES(key), CBC(key[:16]))
