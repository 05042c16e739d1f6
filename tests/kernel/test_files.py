"""Uploads: only what is allowed, by content; images without anything hidden; names that do no harm."""

import io
import os
import zipfile

import pytest
from PIL import Image
from werkzeug.test import EnvironBuilder

from app.kernel.db.unit import writing
from app.kernel.errors import Invalid, NotFound
from app.kernel.files import types
from app.kernel.files.names import clean_name
from app.kernel.files.operations import files_of, open_file, remove, store, sweep
from app.kernel.files.types import examine
from app.surfaces.web.downloads import download


def picture(form: str = "JPEG", size=(40, 30), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, form, **options)
    return out.getvalue()


def office(*members: str, filler: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", *members):
            archive.writestr(name, filler or os.urandom(200))
    return out.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (picture(), ".jpg"),
        (picture("PNG"), ".png"),
        (picture("WEBP"), ".webp"),
        (PDF, ".pdf"),
        (office("word/document.xml"), ".docx"),
        (office("xl/workbook.xml"), ".xlsx"),
    ],
)
def test_what_is_allowed_is_recognised_by_content(content, suffix):
    assert examine(content)[0].suffix == suffix


def test_a_picture_too_wide_to_be_written_again_is_refused():
    """A WebP file may name a canvas wider than any that can be drawn anew."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    content = bytearray(out.getvalue())
    width = content.index(b"VP8X") + 12
    content[width : width + 3] = (19_999).to_bytes(3, "little")
    with pytest.raises(Invalid, match="太大"):
        examine(bytes(content))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"<?xml version='1.0'?><svg onload='x'/>",
        b"GIF89a" + b"\0" * 50,
        b"MZ" + b"\0" * 100,
        b"%PDF-1.7 and no end",
        b"PK\x03\x04 broken",
        office("word/document.xml", "word/vbaProject.bin"),
        office("readme.txt"),
        picture()[:200],
        b"\xff\xd8\xff" + b"<script>" * 20,
    ],
)
def test_everything_else_is_refused_with_a_sentence(content):
    with pytest.raises(Invalid) as refused:
        examine(content)
    assert refused.value.text


def test_a_picture_keeps_no_exif_and_nothing_behind_its_end():
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    exif.get_ifd(0x8825)[2] = (37.0, 52.0, 0.0)
    loaded = picture(exif=exif) + b"<script>PK\x03\x04"
    assert b"SECRETCAMERA" in loaded
    _, kept = examine(loaded)
    assert b"SECRETCAMERA" not in kept
    assert b"<script>" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()


def test_a_picture_is_turned_as_its_note_said_before_the_note_goes():
    exif = Image.Exif()
    exif[0x0112] = 6
    _, kept = examine(picture(size=(40, 30), exif=exif))
    assert Image.open(io.BytesIO(kept)).size == (30, 40)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_drawn():
    with pytest.raises(Invalid, match="像素"):
        examine(picture("PNG", size=(5000, 4001)))


def test_an_archive_that_unpacks_to_much_is_refused_unopened():
    bomb = office("xl/workbook.xml", filler=b"\0" * 30_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(Invalid, match="展开"):
        examine(bomb)
    with pytest.raises(Invalid, match="展开"):
        examine(office("xl/workbook.xml", *(f"m{n}" for n in range(300))))


def test_each_kind_has_its_size(monkeypatch):
    monkeypatch.setitem(types.KINDS, "pdf", types.Kind("PDF", "application/pdf", ".pdf", 10))
    with pytest.raises(Invalid, match="最大"):
        examine(PDF)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("通知.PDF", "通知.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\x\\报告.docx", "报告.pdf"),
        ("通知\u202efdp.exe", "通知fdp.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("...", "附件.pdf"),
        ("", "附件.pdf"),
        ("长" * 400 + ".pdf", "长" * 120 + ".pdf"),
    ],
)
def test_names_are_made_harmless(typed, kept):
    assert clean_name(typed, ".pdf") == kept


def test_a_stored_file_comes_back_whole_and_private(app, work, session):
    with writing(session):
        row = store(work, "notice", 7, "会议通知.pdf", io.BytesIO(PDF))
    path = work.settings.files_dir / row.storage_key
    assert path.stat().st_mode & 0o077 == 0
    assert "通知" not in row.storage_key
    assert [found.id for found in files_of(session, "notice", 7)] == [row.id]
    with open_file(work, row) as file:
        assert file.read() == PDF
    with app.request_context(EnvironBuilder().get_environ()):
        response = download(row)
        response.direct_passthrough = False
        headers = response.headers
        assert response.get_data() == PDF
        response.close()
    assert headers["Content-Disposition"].startswith('attachment; filename="____.pdf"; filename*=UTF-8')
    assert "sandbox" in headers["Content-Security-Policy"]


def test_what_no_row_speaks_of_is_swept_after_a_day(work, session, clock):
    with writing(session):
        kept = store(work, "notice", 7, "a.pdf", io.BytesIO(PDF))
        gone = store(work, "notice", 7, "b.pdf", io.BytesIO(PDF))
        remove(work, gone)
    path = work.settings.files_dir / gone.storage_key
    young = clock.now().timestamp()
    os.utime(path, (young, young))
    assert sweep(work) == 0
    os.utime(path, (young - 90000, young - 90000))
    assert sweep(work) == 1
    assert not path.exists()
    assert (work.settings.files_dir / kept.storage_key).exists()
    with pytest.raises(NotFound):
        open_file(work, gone)
