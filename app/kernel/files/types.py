"""What may be uploaded, told by its content alone: the name and the browser's word for it prove nothing."""

import io
import warnings
import zipfile
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from app.kernel.errors import Invalid

MEBIBYTE = 1024 * 1024
MOST_PIXELS = 20_000_000
MOST_UNPACKED = 100 * MEBIBYTE
MOST_RATIO = 50
MOST_MEMBERS = 200
"""Office files are zip archives: these bound what unpacking one may cost (ASVS 5.2.3)."""


@dataclass(frozen=True)
class Kind:
    """One sort of file. ``most``: bytes at most."""

    name: str
    media_type: str
    suffix: str
    most: int


KINDS = {
    "jpeg": Kind("JPG 图片", "image/jpeg", ".jpg", 10 * MEBIBYTE),
    "png": Kind("PNG 图片", "image/png", ".png", 10 * MEBIBYTE),
    "webp": Kind("WebP 图片", "image/webp", ".webp", 10 * MEBIBYTE),
    "pdf": Kind("PDF", "application/pdf", ".pdf", 20 * MEBIBYTE),
    "docx": Kind(
        "Word 文档",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ".docx",
        20 * MEBIBYTE,
    ),
    "xlsx": Kind(
        "Excel 表格", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", 20 * MEBIBYTE
    ),
}
IMAGES = frozenset({"jpeg", "png", "webp"})
LARGEST = max(kind.most for kind in KINDS.values())
ALLOWED = "可以上传 JPG、PNG、WebP 图片，PDF、Word（docx）和 Excel（xlsx）文件"
BROKEN = "图片损坏或太大，请换一张"
OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}


def examine(content: bytes) -> tuple[Kind, bytes]:
    """What ``content`` is, and the bytes to keep: images drawn anew, so that nothing hides in them or tells a place.

    Raises Invalid with a sentence for whoever uploads.
    """
    if not content:
        raise Invalid("文件是空的")
    if len(content) > LARGEST:
        raise Invalid(f"文件超过 {LARGEST // MEBIBYTE} MB，请压缩后再传")
    word = _recognise(content)
    if word is None:
        raise Invalid(f"不能上传这种文件。{ALLOWED}")
    kind = KINDS[word]
    if len(content) > kind.most:
        raise Invalid(f"{kind.name}最大 {kind.most // MEBIBYTE} MB，请压缩后再传")
    return kind, _redraw(content, word) if word in IMAGES else content


def picture_in(content: bytes) -> Image.Image:
    """The picture in an upload, upright, its metadata left behind, RGB or RGBA. Raises Invalid for anything else."""
    if len(content) > KINDS["jpeg"].most:
        raise Invalid(f"图片最大 {KINDS['jpeg'].most // MEBIBYTE} MB，请压缩后再传")
    word = _recognise(content) if content else None
    if word not in IMAGES:
        raise Invalid("请选择 JPG、PNG 或 WebP 图片")
    return _drawn(content, word)


def _recognise(content: bytes) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return "pdf"
    return _office(content) if content.startswith(b"PK\x03\x04") else None


def _office(content: bytes) -> str | None:
    """Word or Excel without macros, after a look at the directory alone: nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Invalid("文件损坏，请重新保存后再传") from None
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > min(MOST_UNPACKED, MOST_RATIO * len(content)):
        raise Invalid("文件展开后太大，不能上传")
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((word for member, word in OFFICE.items() if member in names), None)


def _redraw(content: bytes, word: str) -> bytes:
    """The picture and nothing else: no EXIF, no place, no comment, no second file behind the end."""
    try:
        return _saved(_drawn(content, word), word)
    except (OSError, ValueError):  # drawn, but larger than its format can be written
        raise Invalid(BROKEN) from None


def _drawn(content: bytes, word: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[word.upper()]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Invalid("图片超过 2000 万像素，请缩小后再传")
                picture.load()
                return _upright(picture)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning):
        raise Invalid(BROKEN) from None


def _upright(picture: Image.Image) -> Image.Image:
    """Turned the way the camera's note said, then without the note."""
    turned = ImageOps.exif_transpose(picture) or picture
    mode = "RGBA" if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info else "RGB"
    plain = turned.convert(mode)
    clean = Image.new(mode, plain.size)
    clean.paste(plain)
    return clean


def _saved(picture: Image.Image, word: str) -> bytes:
    out = io.BytesIO()
    if word == "jpeg":
        picture.convert("RGB").save(out, "JPEG", quality=88, optimize=True)
    else:
        picture.save(out, word.upper(), **({"quality": 88} if word == "webp" else {"optimize": True}))
    return out.getvalue()
