"""Secrets at rest: authenticated encryption per field, a keyed blind index for equality, keys outside the database.

A sealed value reads ``v1.<key id>.<base64 of nonce and ciphertext>``; it is bound to its purpose, so that a phone's
ciphertext cannot be pasted over an ID number's. A blind index is an HMAC under a separate key: a bare hash of an ID
number would be a look-up table.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class VaultError(Exception):
    """A value cannot be opened: unknown key, or bytes that were changed."""


@dataclass(frozen=True)
class Key:
    """One generation of keys: 32 bytes each for sealing, for the index and for seals and tokens."""

    id: str
    seal: bytes
    index: bytes
    sign: bytes

    @classmethod
    def new(cls, key_id: str) -> "Key":
        """A fresh generation. One that is retired has an empty ``seal``, and mostly an empty ``index``."""
        return cls(key_id, secrets.token_bytes(32), secrets.token_bytes(32), secrets.token_bytes(32))


class Vault:
    """Seals and opens field values. ``keys``: every generation still in use, the current one first."""

    def __init__(self, keys: list[Key]) -> None:
        if not keys:
            raise VaultError("no keys")
        self._keys = {key.id: key for key in keys}
        self._ciphers = {key.id: AESGCM(key.seal) for key in keys if key.seal}
        self.current = keys[0]

    @classmethod
    def load(cls, path: Path) -> "Vault":
        """Read the key file that ``init`` made. Raises VaultError when it is missing or others may read it."""
        if not path.exists():
            raise VaultError(f"找不到密钥文件 {path.name}，请先运行 flask --app wsgi init")
        if path.stat().st_mode & 0o077:
            raise VaultError(f"密钥文件 {path.name} 的权限过宽，请改为 600")
        document = json.loads(path.read_text(encoding="utf-8"))
        order = [document["current"], *(k for k in document["keys"] if k != document["current"])]
        return cls([_read_key(key_id, document["keys"][key_id]) for key_id in order])

    def save(self, path: Path) -> None:
        """Write the key file, readable by its owner alone, replacing it atomically."""
        document = {"current": self.current.id, "keys": {k.id: _write_key(k) for k in self._keys.values()}}
        temporary = path.with_suffix(".new")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    @property
    def opening_ids(self) -> list[str]:
        """Ids of the generations that can still open what they sealed."""
        return [key_id for key_id in self.key_ids if self._keys[key_id].seal]

    @property
    def key_ids(self) -> list[str]:
        """Ids of all generations, the current one first."""
        return [self.current.id, *(k for k in self._keys if k != self.current.id)]

    def with_new_key(self) -> "Vault":
        """A vault whose current generation is fresh; the older ones still open what they sealed."""
        number = max(int(key_id[1:]) for key_id in self._keys) + 1
        return Vault([Key.new(f"k{number}"), *self._keys.values()])

    def retired(self, key_id: str, *, index: bool = True) -> "Vault":
        """A vault in which the generation ``key_id`` opens nothing any more (never the current one).

        Its signing part stays: what the audit signed is never signed again. ``index``: whether its index goes too.
        """
        if key_id == self.current.id:
            raise VaultError("the current key stays")
        old = self._keys[key_id]
        bare = Key(old.id, b"", b"" if index else old.index, old.sign)
        return Vault([bare if k == key_id else self._keys[k] for k in self.key_ids])

    def seal(self, purpose: str, text: str) -> str:
        """Encrypt ``text`` for ``purpose`` (such as "id_number")."""
        nonce = os.urandom(12)
        body = self._ciphers[self.current.id].encrypt(nonce, text.encode(), purpose.encode())
        return f"v1.{self.current.id}.{base64.b64encode(nonce + body).decode()}"

    def open(self, purpose: str, sealed: str) -> str:
        """Decrypt what ``seal`` made for the same ``purpose``. Raises VaultError."""
        try:
            version, key_id, body = sealed.split(".", 2)
            raw = base64.b64decode(body)
            if version != "v1":
                raise VaultError("unknown format")
            return self._ciphers[key_id].decrypt(raw[:12], raw[12:], purpose.encode()).decode()
        except (KeyError, ValueError, InvalidTag) as error:
            raise VaultError("this value cannot be opened") from error

    def index(self, purpose: str, text: str) -> str:
        """The blind index of ``text`` under the current key."""
        return self._index(self.current, purpose, text)

    def indexes(self, purpose: str, text: str) -> list[str]:
        """The blind index under every key in use: look up with IN while keys rotate."""
        keys = (self._keys[key_id] for key_id in self.key_ids)
        return [self._index(key, purpose, text) for key in keys if key.index]

    def sign(self, purpose: str, data: bytes, key_id: str | None = None) -> bytes:
        """A 32-byte MAC of ``data`` for ``purpose``. Raises VaultError for an unknown key id."""
        try:
            key = self._keys[key_id or self.current.id]
        except KeyError as error:
            raise VaultError("unknown key") from error
        return hmac.new(key.sign, purpose.encode() + b"\0" + data, hashlib.sha256).digest()

    def secret(self, purpose: str) -> str:
        """A stable secret derived for ``purpose`` (cookie signing and the like), hexadecimal."""
        oldest = self._keys[min(self._keys, key=lambda k: int(k[1:]))]
        return hmac.new(oldest.sign, b"secret\0" + purpose.encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def _index(key: Key, purpose: str, text: str) -> str:
        digest = hmac.new(key.index, purpose.encode() + b"\0" + text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _read_key(key_id: str, entry: dict[str, str]) -> Key:
    return Key(key_id, *(base64.b64decode(entry[part]) for part in ("seal", "index", "sign")))


def _write_key(key: Key) -> dict[str, str]:
    return {part: base64.b64encode(getattr(key, part)).decode() for part in ("seal", "index", "sign")}
