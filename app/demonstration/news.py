"""Publishes the demonstration's news, so that the portal and the inboxes are alive."""

import io
import re
from dataclasses import replace
from datetime import timedelta

from app.demonstration.illustrations import draw
from app.demonstration.news_items import ITEMS, Item
from app.kernel.access.viewer import Viewer
from app.kernel.work import Actor, Work
from app.league.notices import images
from app.league.notices.models import Audience, Notice
from app.league.notices.operations import NoticeText, publish, write

TO_STAFF = "<p>请各级团组织核对本级管理员名单，任期将满的及时办理交接；花名册尚未录入的，请在本周内录入。</p>"


def publish_news(work: Work, viewer: Viewer) -> None:
    """Publish the articles as if over the last weeks, and one notice to the staff."""
    place = viewer.posts[0].organisation_public_id
    for seed, item in enumerate(ITEMS):
        then = replace(work, now=work.now - timedelta(days=item.days), actor=Actor.of(viewer), viewer=viewer)
        text = NoticeText(
            title=item.title,
            body=marked_up(item.body),
            audience=Audience.PORTAL,
            issuer=place,
            target="",
            category=item.category,
            summary=item.summary,
            document_number=item.number,
            source=item.source,
            pinned=item.pinned,
            lead=item.lead,
        )
        notice = write(then, viewer, text)
        _add_pictures(then, notice, item, seed)
        publish(then, notice, version=notice.version)
    now = replace(work, actor=Actor.of(viewer), viewer=viewer)
    notice = write(now, viewer, NoticeText("关于核对管理员名单和花名册的通知", TO_STAFF, Audience.STAFF, place, ""))
    publish(now, notice, version=notice.version)


def marked_up(body: str) -> str:
    """Paragraphs and headings as HTML; what is HTML already stays as it is."""
    if body.startswith("<"):
        return body
    blocks = (block.strip() for block in re.split(r"\n\s*\n", body))
    return "".join(f"<h2>{block[3:]}</h2>" if block.startswith("## ") else f"<p>{block}</p>" for block in blocks)


def _add_pictures(work: Work, notice: Notice, item: Item, seed: int) -> None:
    for number, picture in enumerate(item.pictures):
        stream = io.BytesIO(draw(picture.scene, seed * 10 + number))
        images.add(work, notice, stream, images.Caption(picture.alt, picture.caption), cover=number == 0)
