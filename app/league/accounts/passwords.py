"""Passwords: argon2id, and a dummy to verify against, so that unknown accounts take the same time."""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MAX_LENGTH = 256


@lru_cache(maxsize=4)
def _hasher(memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=memory_kib, parallelism=1)


@lru_cache(maxsize=4)
def _dummy(memory_kib: int) -> str:
    return _hasher(memory_kib).hash("nobody's password")


def hash_password(password: str, *, memory_kib: int) -> str:
    """The argon2id hash to keep."""
    return _hasher(memory_kib).hash(password)


def verify(kept: str | None, password: str, *, memory_kib: int) -> bool:
    """Whether ``password`` is the one behind ``kept``; None (no such account) takes as long and is False."""
    if len(password) > MAX_LENGTH:
        password = ""
    try:
        _hasher(memory_kib).verify(kept or _dummy(memory_kib), password)
        return kept is not None
    except (VerificationError, InvalidHashError):
        return False
