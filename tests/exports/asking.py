"""Asking for exports, and letting the worker make them."""

from threading import Event

from sqlalchemy.orm import Session

from app.commands.unit import opener
from app.kernel.access.viewer import Viewer
from app.kernel.db.unit import writing
from app.kernel.jobs.operations import run_next
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account
from app.league.appointments import queries as posts
from app.league.exports import operations
from app.league.exports.models import Export, ExportState, Format
from app.league.exports.operations import Wanted
from app.league.organisations.models import Organisation
from tests import factories as make


def viewing(work: Work, account: Account) -> Viewer:
    """The viewer that ``account`` is now."""
    live = posts.live_posts(work.session, account.id, work.today)
    return Viewer(account.id, account.public_id, account.name, posts=live, acting=live[0] if live else None)


def as_(work: Work, account: Account) -> Work:
    """The same moment, in the hands of ``account``."""
    return Work(work.session, work.now, Actor.of(viewing(work, account)), work.vault, work.settings)


def asks(work: Work, account: Account, place: Organisation, **other: object) -> Export:
    """Ask for everybody's name, place and number at ``place``."""
    values = {"standing": None, "columns": ["name", "id_number"], "whole": False, "format": Format.XLSX} | other
    reason = str(values.pop("reason", "核对全校团员名单"))
    mine = as_(work, account)
    with writing(work.session):
        return operations.ask(mine, viewing(mine, account), Wanted(place, reason=reason, **values))  # type: ignore[arg-type]


def worker_works(app) -> bool:
    """Let the worker take one job."""
    with app.app_context():
        return run_next(opener("worker"), "w1", Event())


def waiting_export(session: Session, account: Account, place: Organisation) -> Export:
    """An export that waits for a decision, without all that leads to it."""
    row = Export(
        account_id=account.id, asker_name=account.name, asker_path=place.path, organisation_id=place.id,
        org_path=place.path, columns=["name"], format=Format.XLSX, reason="核对团员名单", rows=1,
        state=ExportState.ASKED, asked_at=make.NOW,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
