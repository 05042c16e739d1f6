"""The encrypted file: a header in the open, then numbered blocks of AES-256-GCM, the last one marked as the last.

No block can be changed, dropped, repeated or swapped, nor the end cut off, without the reader saying so.
"""

import io
import json
import os
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.kernel.errors import Problem

MAGIC = b"TUANWUTONG BACKUP 1\n"
BLOCK = 1024 * 1024
TAG = 16
COST = {"n": 2**15, "r": 8, "p": 1}
"""scrypt: about 50 ms and 32 MiB for each guess at a passphrase."""
LONGEST_HEADER = 65536


class Damaged(Problem):
    """The file is not what was written."""


class WrongPassphrase(Problem):
    """The passphrase does not open this file."""

    def __init__(self) -> None:
        super().__init__("口令不对，或文件开头已经损坏")


class Writer(io.RawIOBase):
    """Encrypts what is written to it into ``target``. Close it: a file without its last block is damaged."""

    def __init__(self, target: BinaryIO, passphrase: str, facts: dict[str, Any]) -> None:
        super().__init__()
        salt = os.urandom(16)
        header = json.dumps({**facts, "kdf": {**COST, "salt": salt.hex()}}, sort_keys=True).encode()
        self._cipher = AESGCM(_key(passphrase, salt, COST))
        self._target, self._header, self._number = target, header, 0
        self._waiting = bytearray()
        check = self._cipher.encrypt(_nonce(0, check=True), b"", header)
        target.write(MAGIC + struct.pack(">I", len(header)) + header + check)

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes in."""
        self._waiting += data
        while len(self._waiting) > BLOCK:
            self._put(bytes(self._waiting[:BLOCK]), last=False)
            del self._waiting[:BLOCK]
        return len(data)

    def close(self) -> None:
        """Write the last block."""
        if not self.closed:
            self._put(bytes(self._waiting), last=True)
            super().close()

    def _put(self, plain: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, last=last), plain, self._header))
        self._number += 1


class Reader(io.RawIOBase):
    """Decrypts ``source``. ``facts``: the header. Raises Damaged and WrongPassphrase."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        super().__init__()
        self._source = source
        self.facts, header = read_header(source)
        try:
            kdf = self.facts["kdf"]
            cost = {name: int(kdf[name]) for name in COST}
            if cost["n"] > 2**20 or cost["r"] > 32 or cost["p"] > 16:
                raise Damaged("文件开头已经损坏")
            self._cipher = AESGCM(_key(passphrase, bytes.fromhex(kdf["salt"]), cost))
            self._cipher.decrypt(_nonce(0, check=True), source.read(TAG), header)
        except InvalidTag:
            raise WrongPassphrase from None
        except (KeyError, TypeError, ValueError):
            raise Damaged("文件开头已经损坏") from None
        self._blocks = self._opened(header)
        self._ready = b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give bytes out, each checked before."""
        while not self._ready:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._ready = block
        part = self._ready[: len(buffer)]
        self._ready = self._ready[len(part) :]
        buffer[: len(part)] = part
        return len(part)

    def _opened(self, header: bytes) -> Iterator[bytes]:
        number, sealed = 0, self._source.read(BLOCK + TAG)
        while True:
            following = self._source.read(BLOCK + TAG)
            try:
                yield self._cipher.decrypt(_nonce(number, last=not following), sealed, header)
            except InvalidTag:
                raise Damaged(f"备份文件已经损坏（第 {number + 1} 块）") from None
            if not following:
                return
            number, sealed = number + 1, following


def read_header(source: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """The facts in the open, and the bytes they stand in. Raises Damaged."""
    if source.read(len(MAGIC)) != MAGIC:
        raise Damaged("这不是本系统的备份文件")
    length_bytes = source.read(4)
    length = struct.unpack(">I", length_bytes)[0] if len(length_bytes) == 4 else 0
    header = source.read(min(length, LONGEST_HEADER))
    try:
        facts = json.loads(header)
    except ValueError:
        raise Damaged("文件开头已经损坏") from None
    if not isinstance(facts, dict):
        raise Damaged("文件开头已经损坏")
    return facts, header


def _key(passphrase: str, salt: bytes, cost: dict[str, int]) -> bytes:
    return Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode())


def _nonce(number: int, *, last: bool = False, check: bool = False) -> bytes:
    """Twelve bytes, each used once per key: the salt is fresh, so the key is."""
    return struct.pack(">BBHQ", check, last, 0, number)
