"""Public notices, their writing, and the inbox."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.league.notices.models import Audience, Notice, NoticeState
from tests import factories as make
from tests.pages.matrix import Row, everyone, named, signed_in
from tests.world import World

# An empty form names no version, so the acts on a notice are stale (409); an edit without fields changes nothing.
WRITERS = named(200, "publisher")
ROWS = [
    Row("GET", "/notices", everyone(200)),
    Row("GET", "/columns/<key>", everyone(200), thing="column"),
    Row("GET", "/archive", everyone(200)),
    Row("GET", "/archive/<int:year>-<int:month>", everyone(200), thing="month"),
    Row("GET", "/notices/<public_id>/images/<image_id>/<int:width>.webp", everyone(200), thing="public_with_image"),
    Row("GET", "/twt/notices/<public_id>/images/<image_id>/<int:width>.webp", WRITERS, thing="draft_with_image"),
    Row("POST", "/twt/notices/<public_id>/images", named(422, "publisher"), thing="draft"),
    Row("POST", "/twt/notices/<public_id>/images/<image_id>/cover", named(303, "publisher"), thing="draft_and_image"),
    Row("POST", "/twt/notices/<public_id>/images/<image_id>/remove", named(303, "publisher"), thing="draft_and_image"),
    Row(
        "GET",
        "/inbox/<public_id>/images/<image_id>/<int:width>.webp",
        named(200, "school_s", "college_c", "delegate_c", "secretary_b1"),
        thing="to_school_s_with_image",
    ),
    Row("GET", "/notices/<public_id>", everyone(200), thing="public_notice"),
    Row("GET", "/twt/notices", WRITERS),
    Row("GET", "/twt/notices/new", WRITERS),
    Row("POST", "/twt/notices/new", named(422, "publisher")),
    Row("GET", "/twt/notices/<public_id>", WRITERS, thing="draft"),
    Row("GET", "/twt/notices/<public_id>/edit", WRITERS, thing="draft"),
    Row("POST", "/twt/notices/<public_id>/edit", named(303, "publisher"), thing="draft"),
    Row("POST", "/twt/notices/<public_id>/publish", named(409, "publisher"), thing="draft"),
    Row("POST", "/twt/notices/<public_id>/recall", named(409, "publisher"), thing="draft"),
    Row("POST", "/twt/notices/<public_id>/withdraw", named(409, "publisher"), thing="draft"),
    Row("POST", "/twt/notices/<public_id>/discard", named(409, "publisher"), thing="draft"),
    Row("POST", "/twt/notices/<public_id>/attach", named(422, "publisher"), thing="draft"),
    Row("GET", "/twt/notices/<public_id>/files/<file_id>", WRITERS, thing="draft_with_file"),
    Row("POST", "/twt/notices/<public_id>/files/<file_id>/remove", named(303, "publisher"), thing="draft_with_file"),
    Row("GET", "/notices/<public_id>/files/<file_id>", everyone(200), thing="public_with_file"),
    Row(
        "GET",
        "/inbox/<public_id>/files/<file_id>",
        named(200, "school_s", "college_c", "delegate_c", "secretary_b1"),
        thing="to_school_s_with_file",
    ),
    Row("GET", "/inbox", signed_in(200)),
    # Aimed at the staff of school S: those with a post at or below the school.
    Row(
        "GET",
        "/inbox/<public_id>",
        named(200, "school_s", "college_c", "delegate_c", "secretary_b1"),
        thing="to_school_s",
    ),
    Row(
        "POST",
        "/inbox/<public_id>/read",
        named(303, "school_s", "college_c", "delegate_c", "secretary_b1"),
        thing="to_school_s",
    ),
]


def _notice(world: World, session: Session, **values: object) -> dict[str, str]:
    return {"public_id": make.notice(session, world.province, world.people["publisher"], **values).public_id}


def _public(world: World, session: Session, vault: Vault) -> dict[str, str]:
    return _notice(world, session, state=NoticeState.PUBLISHED, audience=Audience.PORTAL)


def _draft(world: World, session: Session, vault: Vault) -> dict[str, str]:
    return _notice(world, session, state=NoticeState.DRAFT)


def _to_school_s(world: World, session: Session, vault: Vault) -> dict[str, str]:
    return _notice(world, session, state=NoticeState.PUBLISHED, audience=Audience.STAFF, target=world.school_s)


def _with_file(thing: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    """The same with a small picture attached."""

    def make_both(world: World, session: Session, vault: Vault) -> dict[str, str]:
        names = thing(world, session, vault)
        notice = session.scalars(select(Notice).where(Notice.public_id == names["public_id"])).one()
        stored = make.stored_picture(session, vault, "notice", notice.id)
        return {**names, "file_id": stored.public_id}

    return make_both


def _with_image(thing: Callable[..., dict[str, str]], *, width: bool = True) -> Callable[..., dict[str, object]]:
    """The same with a picture in it, and the width of one of its renderings."""

    def make_both(world: World, session: Session, vault: Vault) -> dict[str, object]:
        names = thing(world, session, vault)
        notice = session.scalars(select(Notice).where(Notice.public_id == names["public_id"])).one()
        image = make.notice_image(session, vault, notice)
        return {**names, "image_id": image.public_id, **({"width": 400} if width else {})}

    return make_both


THINGS = {
    "column": lambda world, session, vault: {"key": "news"},
    "month": lambda world, session, vault: {"year": 2026, "month": 4},
    "public_with_image": _with_image(_public),
    "draft_with_image": _with_image(_draft),
    "draft_and_image": _with_image(_draft, width=False),
    "to_school_s_with_image": _with_image(_to_school_s),
    "draft_with_file": _with_file(_draft),
    "public_with_file": _with_file(_public),
    "to_school_s_with_file": _with_file(_to_school_s),
    "public_notice": _public,
    "draft": _draft,
    "to_school_s": _to_school_s,
}
