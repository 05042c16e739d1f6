"""Pictures for pages: one upload becomes a few renderings, each small enough for a slow line."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from app.kernel.errors import Invalid
from app.kernel.files.types import picture_in

MEDIA_TYPE = "image/webp"
BOUNDS = {200: 2_500, 400: 8_000, 720: 12_000, 1200: 60_000}
"""Width in pixels → bytes at most. All but the last are what lists and the front page show."""
QUALITIES = (80, 68, 56, 44, 32, 20, 8, 1)
TALLEST = 2
"""Height over width at most: nobody scrolls through one picture."""


@dataclass(frozen=True)
class Rendering:
    """The picture at one width: pixels, and the WebP bytes."""

    width: int
    height: int
    content: bytes


def render(content: bytes) -> list[Rendering]:
    """The renderings of an upload, narrowest first: every width it is wide enough for, or its own when it is narrower.

    They are drawn anew: upright, without metadata, on white. Raises Invalid with a sentence for whoever uploads.
    """
    picture = picture_in(content)
    if picture.height > TALLEST * picture.width:
        raise Invalid("图片太长，高度请不超过宽度的两倍")
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    widths = [width for width in BOUNDS if width <= picture.width] or [picture.width]
    return [_at(picture, width) for width in widths]


def _at(picture: Image.Image, width: int) -> Rendering:
    height = max(1, round(picture.height * width / picture.width))
    scaled = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    most = BOUNDS.get(width, BOUNDS[200])
    return Rendering(width, height, next(encoded for encoded in _smaller_and_smaller(scaled) if len(encoded) <= most))


def _smaller_and_smaller(picture: Image.Image) -> Iterator[bytes]:
    """The picture in lower and lower quality; then smoothed, for the rare one that is all grain; at last one colour."""
    for grain in (1, 2, 4, 8, max(picture.size)):
        smooth = picture.reduce(grain).resize(picture.size) if grain > 1 else picture
        yield from (_encoded(smooth, quality) for quality in (QUALITIES if grain == 1 else QUALITIES[-3:]))


def _encoded(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=quality, method=3)
    return out.getvalue()
