"""Pictures of notices: added while the notice is a draft, placed by [图1] in the text, shown to whoever may read it."""

from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.kernel.audit.record import record
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.files import operations as files
from app.kernel.files.models import StoredFile
from app.kernel.files.pictures import MEDIA_TYPE, render
from app.kernel.files.types import LARGEST
from app.kernel.work import Work
from app.league.notices import events as events
from app.league.notices.models import Audience, Notice, NoticeImage, NoticeState
from app.league.notices.sanitise import PLACE
from app.league.notices.states import Event, events_of

OWNER = "notice_image"
MOST = 20
NARROWEST_COVER = 400


@dataclass(frozen=True)
class Caption:
    """What a publisher says of a picture. ``alt`` is read aloud to those who do not see it."""

    alt: str
    text: str = ""


def add(work: Work, notice: Notice, stream: BinaryIO, caption: Caption, *, cover: bool = False) -> NoticeImage:
    """Add a picture to a draft. Raises Invalid beside the fields, Conflict when the notice is no draft any more."""
    _check_draft(notice)
    alt, text = caption.alt.strip(), caption.text.strip()
    if not alt:
        raise Invalid({"alt": "请写一句话说明图里有什么，看不见图的人靠它"})
    if len(alt) > 120 or len(text) > 200:
        raise Invalid({"alt" if len(alt) > 120 else "caption": "太长了：图片说明最多 120 个字，图注最多 200 个字"})
    last, count = work.session.execute(
        select(func.max(NoticeImage.number), func.count()).where(NoticeImage.notice_id == notice.id)
    ).one()
    if count >= MOST:
        raise Invalid({"image": f"一条通知最多 {MOST} 张图片"})
    try:
        renderings = render(stream.read(LARGEST + 1))
    except Invalid as problem:
        raise Invalid({"image": problem.text}) from problem
    widest = renderings[-1]
    if cover and widest.width < NARROWEST_COVER:
        raise Invalid({"image": f"题图至少要 {NARROWEST_COVER} 像素宽"})
    if cover:
        _uncover(work.session, notice)
    image = NoticeImage(
        notice_id=notice.id, number=(last or 0) + 1, alt=alt, caption=text, cover=cover,
        width=widest.width, height=widest.height, widths=[one.width for one in renderings],
    )  # fmt: skip
    work.session.add(image)
    work.session.flush()
    for one in renderings:
        files.keep(work, OWNER, image.id, f"{one.width}.webp", MEDIA_TYPE, one.content)
    _record(work, "notices:image:add", notice, alt)
    return image


def choose_cover(work: Work, notice: Notice, image_public_id: str) -> None:
    """Make a picture of a draft its cover. Raises NotFound, Conflict, Invalid for one too narrow."""
    _check_draft(notice)
    image = one(work.session, notice, image_public_id)
    if image.width < NARROWEST_COVER:
        raise Invalid(f"题图至少要 {NARROWEST_COVER} 像素宽")
    _uncover(work.session, notice)
    image.cover = True
    work.session.flush()
    _record(work, "notices:image:cover", notice, image.alt)


def remove(work: Work, notice: Notice, image_public_id: str) -> None:
    """Take a picture off a draft. Raises NotFound, Conflict."""
    _check_draft(notice)
    image = one(work.session, notice, image_public_id)
    _forget(work, image)
    _record(work, "notices:image:remove", notice, image.alt)


def remove_all(work: Work, notice: Notice) -> None:
    """Take all pictures off a notice that is about to be discarded."""
    for image in of(work.session, notice):
        _forget(work, image)


def of(session: Session, notice: Notice) -> list[NoticeImage]:
    """The pictures of a notice the caller may read, in their order."""
    query = select(NoticeImage).where(NoticeImage.notice_id == notice.id).order_by(NoticeImage.number)
    return list(session.scalars(query))


def one(session: Session, notice: Notice, image_public_id: str) -> NoticeImage:
    """One picture of a notice the caller may read. Raises NotFound."""
    for image in of(session, notice):
        if image.public_id == image_public_id:
            return image
    raise NotFound


def rendering(session: Session, notice: Notice, image_public_id: str, width: int) -> StoredFile:
    """One rendering of a picture of a notice the caller may read. Raises NotFound."""
    return _rendering(session, image_public_id, width, NoticeImage.notice_id == notice.id)


def public_rendering(session: Session, notice_public_id: str, image_public_id: str, width: int) -> StoredFile:
    """One rendering of a picture of a notice that everyone may read at this moment. Raises NotFound."""
    return _rendering(
        session,
        image_public_id,
        width,
        Notice.public_id == notice_public_id,
        Notice.state == NoticeState.PUBLISHED,
        Notice.audience == Audience.PORTAL,
    )


@dataclass(frozen=True)
class Part:
    """A stretch of an article: cleaned HTML, or a picture."""

    html: str = ""
    image: NoticeImage | None = None


def laid_out(body_html: str, images: list[NoticeImage]) -> list[Part]:
    """The article in the order it is read: pictures where [图1] stands; those named nowhere follow the text.

    The cover stands above the text and is not repeated, unless the text names it. A number without a picture is left
    out.
    """
    by_number = {image.number: image for image in images}
    parts: list[Part] = []
    pieces = PLACE.split(body_html)
    for html, number in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        parts += [Part(html=html)] if html.strip() else []
        image = by_number.pop(int(number), None) if number else None
        parts += [Part(image=image)] if image else []
    return parts + [Part(image=image) for image in by_number.values() if not image.cover]


def lost_places(body_html: str, images: list[NoticeImage]) -> list[int]:
    """Numbers the text names without there being such a picture."""
    there = {image.number for image in images}
    return sorted({int(number) for number in PLACE.findall(body_html)} - there)


def _rendering(session: Session, image_public_id: str, width: int, *where: ColumnElement[bool]) -> StoredFile:
    found = session.scalar(
        select(StoredFile)
        .join(NoticeImage, NoticeImage.id == StoredFile.owner_id)
        .join(Notice, Notice.id == NoticeImage.notice_id)
        .where(StoredFile.owner_type == OWNER, StoredFile.name == f"{width}.webp")
        .where(NoticeImage.public_id == image_public_id, *where)
    )
    if found is None:
        raise NotFound
    return found


def _uncover(session: Session, notice: Notice) -> None:
    session.execute(update(NoticeImage).where(NoticeImage.notice_id == notice.id).values(cover=False))


def _forget(work: Work, image: NoticeImage) -> None:
    for stored in files.files_of(work.session, OWNER, image.id):
        files.remove(work, stored)
    work.session.delete(image)
    work.session.flush()


def _check_draft(notice: Notice) -> None:
    if Event.EDIT not in events_of(notice.state):
        raise Conflict("只有草稿可以增减图片；已发布的请撤回后另发。")


def _record(work: Work, action: str, notice: Notice, reason: str) -> None:
    record(work, action, "notice", notice.public_id, org_path=notice.issuer_path, reason=reason)
