"""Small makers of rows for tests: each returns the row, flushed, with invented values that pass every rule."""

import io
import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from app.kernel.access.rules import Role
from app.kernel.db.types import path_step
from app.kernel.files.models import StoredFile
from app.kernel.files.operations import keep, store
from app.kernel.files.pictures import BOUNDS, Rendering, render
from app.kernel.vault import Vault
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account
from app.league.accounts.passwords import hash_password
from app.league.appointments.models import Appointment
from app.league.joining.models import JoinRequest, Lane, RequestState
from app.league.notices.models import Audience, Notice, NoticeImage, NoticeState
from app.league.organisations import counters
from app.league.organisations.models import Kind, Organisation
from app.league.people.facts import check_digit, name_columns
from app.league.people.models import Door, Standing
from app.league.people.protect import seal_file_fields

NOW = datetime(2026, 4, 22, 2, 0, tzinfo=UTC)
TODAY = date(2026, 4, 22)
CHARACTERS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
PASSWORD = "春天的路灯一直亮着-2026"
_serial = itertools.count(1)
_in_line: dict[tuple[date, bool], Iterator[int]] = defaultdict(lambda: itertools.count(100))
"""The next number of each day and sex. It begins where the low ones, which tests ask for by name, are not soon met."""


def serial() -> int:
    """A number not used before in this process."""
    return next(_serial)


def id_number(birth: date = date(2006, 5, 17), *, male: bool = True, n: int | None = None) -> str:
    """A valid identity number of the demonstration area 149999.

    A day has 500 numbers for each sex: so many in a row are all different. ``n``: this one of them.
    """
    sequence = ((next(_in_line[birth, male]) if n is None else n) * 2 + (1 if male else 0)) % 1000
    first = f"149999{birth:%Y%m%d}{sequence:03d}"
    return first + check_digit(first)


def phone(n: int | None = None) -> str:
    """A phone of the marked block."""
    return f"1390001{(serial() if n is None else n) % 10000:04d}"


def organisation(
    session: Session,
    kind: Kind = Kind.BRANCH,
    parent: Organisation | None = None,
    name: str | None = None,
    **values: Any,
) -> Organisation:
    """An open organisation under ``parent``."""
    name = name or f"第{serial()}团支部"
    row = Organisation(
        parent_id=parent.id if parent else None,
        path=f"new-{serial()}",
        depth=parent.depth + 1 if parent else 0,
        kind=kind,
        name=name,
        full_name=values.pop("full_name", name),
        created_at=NOW,
        search_text=name.lower(),
        **values,
    )
    session.add(row)
    session.flush()
    row.path = (parent.path if parent else "") + path_step(row.id)
    session.flush()
    return row


def account(
    session: Session, vault: Vault, name: str = "测试甲", *, number: str | None = None, **values: Any
) -> Account:
    """An active account that can sign in with PASSWORD."""
    number = number or phone()
    row = Account(
        name=name,
        phone_sealed=vault.seal("phone", number),
        phone_index=vault.index("phone", number),
        password_hash=hash_password(PASSWORD, memory_kib=64),
        created_at=NOW,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def appoint(
    session: Session, who: Account, where: Organisation, role: Role = Role.COMMITTEE_ADMIN, **values: Any
) -> Appointment:
    """A live appointment."""
    values.setdefault("starts_on", TODAY - timedelta(days=30))
    row = Appointment(account_id=who.id, organisation_id=where.id, role=role, created_at=NOW, **values)
    session.add(row)
    where.in_use = True
    session.flush()
    return row


def join_request(
    session: Session, vault: Vault, organisation: Organisation, who: Account | None = None, **values: Any
) -> JoinRequest:
    """A submitted application of ``who`` (or somebody new) to ``organisation``, counted as pending and filled.

    ``number``: the ID number in full, a fresh one unless given. Any column may be named; flags are not computed.
    """
    birth = values.pop("birth_date", date(2006, 5, 17))
    number = values.pop("number", None) or id_number(birth)
    name = values.pop("name", None) or f"青年{CHARACTERS[serial() % len(CHARACTERS)]}"
    who = who or account(session, vault, name)
    values = {
        "lane": Lane.CLEAN,
        "standing": Standing.MEMBER,
        "door": Door.PC,
        "sex": "1" if int(number[16]) % 2 else "2",
        "ethnicity": "01",
        "native_place": "山西朔州",
        "education": "21",
        "political_status": "03",
        "joined_league_on": date(2020, 5, 4),
        "joined_league_at": "演示中学",
        "certificate_number": f"{serial():08d}",
        "submitted_at": NOW,
        "attention_path": organisation.path,
        "flags": [],
        **values,
    }
    row = JoinRequest(
        reference=f"{serial():08d}",
        account_id=who.id,
        organisation_id=organisation.id,
        org_path=organisation.path,
        **name_columns(name),
        birth_date=birth,
        **seal_file_fields(vault, number, phone()),
        **values,
    )
    session.add(row)
    session.flush()
    state = row.state
    moved = {
        "pending": int(state is RequestState.SUBMITTED),
        "filled": int(state not in (RequestState.WITHDRAWN, RequestState.REJECTED, RequestState.LAPSED)),
    }
    counters.move(session, organisation.path, moved)
    return row


def notice(session: Session, issuer: Organisation, author: Account, **values: Any) -> Notice:
    """A notice of ``issuer``; ``target`` (an organisation) is the issuer itself unless said."""
    target = values.pop("target", issuer)
    state = values.setdefault("state", NoticeState.PUBLISHED)
    body = values.pop("body", "请各级团组织按时完成。")
    row = Notice(
        title=values.pop("title", f"关于第{serial()}号工作的通知"),
        body_html=f"<p>{body}</p>",
        body_text=body,
        issuer_id=issuer.id,
        issuer_path=issuer.path,
        author_id=author.id,
        audience=values.pop("audience", Audience.STAFF),
        target_id=target.id,
        target_path=target.path,
        created_at=NOW,
        updated_at=NOW,
        published_at=NOW if state in (NoticeState.PUBLISHED, NoticeState.WITHDRAWN) else None,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def notice_image(
    session: Session, vault: Vault, notice: Notice, *, cover: bool = True, fullest: bool = False
) -> NoticeImage:
    """A plain picture in a notice; ``fullest``: one whose renderings are as heavy as they may be. The test has put its
    settings into ``session.info``."""
    work = Work(session, NOW, Actor("command"), vault, session.info["settings"])
    drawn = _fullest_picture() if fullest else _plain_picture()
    widths, height = [one.width for one in drawn], drawn[-1].height
    image = NoticeImage(
        notice_id=notice.id, number=serial(), alt="红旗", cover=cover, width=widths[-1], height=height, widths=widths
    )
    session.add(image)
    session.flush()
    for one in drawn:
        keep(work, "notice_image", image.id, f"{one.width}.webp", "image/webp", one.content)
    return image


@cache
def _plain_picture() -> list[Rendering]:
    drawn = io.BytesIO()
    Image.new("RGB", (480, 270), "red").save(drawn, "PNG")
    return render(drawn.getvalue())


@cache
def _fullest_picture() -> list[Rendering]:
    """Grain compresses badly; what stands behind the end of a WebP file is ignored by browsers."""
    drawn = io.BytesIO()
    Image.effect_noise((960, 540), 90).convert("RGB").save(drawn, "PNG", compress_level=1)
    return [replace(one, content=one.content.ljust(BOUNDS[one.width], b"\0")) for one in render(drawn.getvalue())]


def stored_picture(session: Session, vault: Vault, owner_type: str, owner_id: int) -> StoredFile:
    """A small picture kept for its owner; the test has put its settings into ``session.info``."""
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(drawn, "PNG")
    work = Work(session, NOW, Actor("command"), vault, session.info["settings"])
    return store(work, owner_type, owner_id, "公告.png", io.BytesIO(drawn.getvalue()))
