"""Attachments of notices: a few files, changed while the notice is a draft, read by whoever may read the notice."""

from typing import BinaryIO

from sqlalchemy.orm import Session

from app.kernel.audit.record import record
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.files import operations as files
from app.kernel.files.models import StoredFile
from app.kernel.work import Work
from app.league.notices import events as events
from app.league.notices.models import Notice
from app.league.notices.states import Event, events_of

OWNER = "notice"
MOST = 10


def attach(work: Work, notice: Notice, name: str, stream: BinaryIO) -> StoredFile:
    """Add a file to a draft. Raises Invalid for the field "upload", Conflict when the notice is no draft any more."""
    _check_draft(notice)
    if len(of(work.session, notice)) >= MOST:
        raise Invalid({"upload": f"一条通知最多 {MOST} 个附件"})
    try:
        stored = files.store(work, OWNER, notice.id, name, stream)
    except Invalid as problem:
        raise Invalid({"upload": problem.text}) from problem
    record(work, "notices:attachment:add", "notice", notice.public_id, org_path=notice.issuer_path, reason=stored.name)
    return stored


def detach(work: Work, notice: Notice, file_public_id: str) -> None:
    """Take a file off a draft. Raises NotFound, Conflict."""
    _check_draft(notice)
    stored = one(work.session, notice, file_public_id)
    files.remove(work, stored)
    record(
        work, "notices:attachment:remove", "notice", notice.public_id, org_path=notice.issuer_path, reason=stored.name
    )


def of(session: Session, notice: Notice) -> list[StoredFile]:
    """The files of a notice the caller may read."""
    return files.files_of(session, OWNER, notice.id)


def one(session: Session, notice: Notice, file_public_id: str) -> StoredFile:
    """One file of a notice the caller may read. Raises NotFound."""
    for stored in of(session, notice):
        if stored.public_id == file_public_id:
            return stored
    raise NotFound


def _check_draft(notice: Notice) -> None:
    if Event.EDIT not in events_of(notice.state):
        raise Conflict("只有草稿可以增减附件；已发布的请撤回后另发。")
