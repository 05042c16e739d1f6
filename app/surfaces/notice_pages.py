"""What every page of a notice shows, whoever reads it: portal, inbox and preview alike."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.league.notices import attachments, images
from app.league.notices.models import Notice, NoticeImage


def content(session: Session, notice: Notice, pictures: Sequence[NoticeImage] | None = None) -> dict[str, Any]:
    """The cover, the text with its pictures, and the attachments; ``pictures``: those of the notice, when at hand."""
    found = images.of(session, notice) if pictures is None else list(pictures)
    return {
        "cover": next((image for image in found if image.cover), None),
        "parts": images.laid_out(notice.body_html, found),
        "files": attachments.of(session, notice),
    }
