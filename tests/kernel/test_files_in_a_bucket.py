"""Uploads kept by a server that speaks S3 (rclone's, on loopback) instead of a folder: the same promises."""

import io
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.kernel.backup import box, content
from app.kernel.db.unit import writing
from app.kernel.errors import NotFound, Unavailable
from app.kernel.files.operations import open_file, remove, store, sweep
from app.kernel.files.stores import store_of
from app.kernel.verification import _files
from app.kernel.work import Work
from tests.faults.server import free_port

pytestmark = pytest.mark.embedded
PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"
KEY, SECRET = "tuanwutong", "a-secret-of-the-tests"
RCLONE = Path(sys.executable).with_name("rclone")


class Storage:
    """The server; its one bucket is a folder."""

    def __init__(self, folder: Path) -> None:
        self.bucket, self.port = folder / "bucket", free_port()
        self.bucket.mkdir(parents=True)
        command = [RCLONE, "serve", "s3", "--auth-key", f"{KEY},{SECRET}", "--addr", f"127.0.0.1:{self.port}", folder]
        self._process = subprocess.Popen(
            [*command, "--config", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("the storage did not start")

    def stop(self) -> None:
        """Away."""
        self._process.terminate()
        self._process.wait(10)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    started = Storage(tmp_path / "storage")
    yield started
    started.stop()


@pytest.fixture
def here(work: Work, storage: Storage) -> Work:
    named = {"s3_endpoint": f"http://127.0.0.1:{storage.port}", "s3_bucket": "bucket", "s3_key_id": KEY}
    return replace(work, settings=replace(work.settings, s3_secret=SECRET, **named))


def kept(here: Work):
    with writing(here.session):
        return store(here, "notice", 1, "通知.pdf", io.BytesIO(PDF))


def test_an_upload_lies_in_the_bucket_alone_and_is_handed_out_from_there(here, storage):
    stored = kept(here)
    assert (storage.bucket / stored.storage_key).read_bytes() == PDF
    assert not list(here.settings.files_dir.glob("??/*"))
    assert open_file(here, stored).read() == PDF
    assert list(_files(here)) == []


def test_what_was_removed_goes_with_the_sweep_and_the_rest_stays(here, storage):
    stays, goes = kept(here), kept(here)
    with writing(here.session):
        remove(here, goes)
    assert sweep(here) == 0, "not on the same day"
    later = replace(here, now=here.now + timedelta(days=20_000))
    assert sweep(later) == 1
    assert [path.name for path in storage.bucket.glob("??/*")] == [stays.storage_key[3:]]


def test_what_is_gone_or_changed_is_told(here):
    gone, changed = kept(here), kept(here)
    store_of(here.settings).delete(gone.storage_key)
    store_of(here.settings).put(changed.storage_key, PDF + b"more")
    with pytest.raises(NotFound):
        open_file(here, gone)
    assert sorted(text.split(" ", 1)[1] for text in _files(here)) == ["的文件不见了", "的文件内容变了"]


def test_a_bucket_that_is_away_or_refuses_keeps_nothing_by_half(here, storage):
    wrong = replace(here, settings=replace(here.settings, s3_secret="another"))
    with pytest.raises(Unavailable, match="暂时连不上"):
        kept(wrong)
    storage.stop()
    with pytest.raises(Unavailable, match="暂时连不上"):
        kept(here)
    assert not list(storage.bucket.glob("??/*"))


def test_a_backup_brings_the_bucket_back(here, storage, tmp_path, monkeypatch):
    monkeypatch.setattr(box, "COST", {"n": 2**4, "r": 8, "p": 1})
    stored = kept(here)
    content.make(here, tmp_path / "today.backup", "山西的春天来得不晚，花都开了")
    shutil.rmtree(storage.bucket / stored.storage_key[:2])
    key = stored.storage_key
    here.session.close()
    content.restore(here, tmp_path / "today.backup", "山西的春天来得不晚，花都开了", replace=True)
    assert (storage.bucket / key).read_bytes() == PDF
