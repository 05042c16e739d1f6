"""Where contents lie: a folder of this machine, or a bucket of a server that speaks S3, when the settings name one.

Both know a content by its key (``storage_key``), so that one is moved to the other by copying the files as they are.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from app.config import Settings
from app.kernel.errors import NotFound, Unavailable

if TYPE_CHECKING:
    pass

FULL = "磁盘空间不足，文件没有保存，请稍后再试"
AWAY = "存放文件的地方暂时连不上，请稍后再试"
PATIENCE = timedelta(seconds=10)


class Store(Protocol):
    """Contents by key."""

    def put(self, key: str, content: bytes) -> None:
        """Keep a content for good. Raises Unavailable."""
        ...

    def open(self, key: str) -> BinaryIO:
        """A content, for reading. Raises NotFound, Unavailable."""
        ...

    def delete(self, key: str) -> None:
        """Forget a content; one that is not there is forgotten already."""
        ...

    def keys(self) -> Iterator[tuple[str, float]]:
        """Every key with the moment it was put (seconds of the epoch)."""
        ...


def store_of(settings: Settings) -> Store:
    """The store that the settings name."""
    if not settings.s3_endpoint:
        return Folder(settings.files_dir)
    return _bucket(settings.s3_endpoint, settings.s3_bucket, settings.s3_key_id, settings.s3_secret, settings.s3_region)


class Folder:
    """Files below ``path``, readable by their owner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, key: str, content: bytes) -> None:
        """On the disk when this returns."""
        path = self._path / key
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unavailable(FULL) from error

    def open(self, key: str) -> BinaryIO:
        """The file."""
        try:
            return (self._path / key).open("rb")
        except FileNotFoundError:
            raise NotFound from None

    def delete(self, key: str) -> None:
        """Remove the file."""
        (self._path / key).unlink(missing_ok=True)

    def keys(self) -> Iterator[tuple[str, float]]:
        """Every file."""
        for path in sorted(self._path.glob("??/*")):
            if path.is_file():
                yield path.relative_to(self._path).as_posix(), path.stat().st_mtime


class Bucket:
    """Objects of ``bucket`` at an S3 server."""

    def __init__(self, endpoint: str, bucket: str, key_id: str, secret: str, region: str) -> None:
        from obstore.store import S3Store

        self._bucket: S3Store = S3Store(
            bucket,
            endpoint=endpoint,
            access_key_id=key_id,
            secret_access_key=secret,
            region=region,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "timeout": PATIENCE,
                "connect_timeout": PATIENCE / 2,
            },
            retry_config={"max_retries": 2, "retry_timeout": PATIENCE},
        )

    def put(self, key: str, content: bytes) -> None:
        """Kept by the server when this returns."""
        with _told():
            self._bucket.put(key, content)

    def open(self, key: str) -> BinaryIO:
        """The whole content; none is larger than an upload may be."""
        with _told():
            return io.BytesIO(bytes(self._bucket.get(key).bytes()))

    def delete(self, key: str) -> None:
        """Remove the object."""
        with _told():
            self._bucket.delete(key)

    def keys(self) -> Iterator[tuple[str, float]]:
        """Every object."""
        with _told():
            found = [one for part in self._bucket.list() for one in part]
        for one in found:
            yield str(one["path"]), one["last_modified"].timestamp()


@lru_cache
def _bucket(endpoint: str, bucket: str, key_id: str, secret: str, region: str) -> Bucket:
    return Bucket(endpoint, bucket, key_id, secret, region)


@contextmanager
def _told() -> Iterator[None]:
    """What the library raises, in our words."""
    from obstore.exceptions import BaseError, NotFoundError

    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise NotFound from None
    except BaseError as error:
        raise Unavailable(AWAY) from error
