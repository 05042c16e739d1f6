"""Who did what, when and why: the audit as sentences, for those who answer for an organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.rules import ROLE_NAMES, Role
from app.kernel.access.scope import Scope
from app.kernel.audit.events import all_actions
from app.kernel.audit.models import AuditEntry
from app.kernel.audit.queries import count_of, entries
from app.kernel.vault import VaultError
from app.league.joining.models import HASTY
from app.league.organisations.queries import names_at
from app.parts import know_all
from app.surfaces.tuanwutong import audit_words
from app.surfaces.web.forms import Form
from app.surfaces.web.house import house, me, work
from app.surfaces.web.pages import page, see
from app.surfaces.web.paging import one_page

bp = Blueprint("audit", __name__, url_prefix="/twt/audit")
SIZE = 50
LATELY = timedelta(days=30)
QUERY, CURSOR = "query", "audit_entry"
"""Entries have no public id: a page's end is named sealed, and how many there are elsewhere is not told."""
SOURCES = {"command": "命令行", "worker": "系统", "import": "导入", "api": "接口", "wechat": "微信"}


@dataclass(frozen=True)
class Line:
    """One entry as a person reads it. ``changes``: (label, before, after)."""

    at: datetime
    who: str
    role: str
    what: str
    where: str
    reason: str
    changes: list[tuple[str, Any, Any]]


class FilterForm(Form):
    """Whose acts, which, and on what day."""

    who = StringField("谁（姓名）", validators=[Length(max=64)])
    action = SelectField("做了什么", default="")
    day = DateField("哪一天", validators=[Optional()])

    def offer(self, actions: dict[str, str]) -> "FilterForm":
        """With every known act to choose from."""
        self.action.choices = [("", "全部"), *actions.items()]
        return self


@bp.get("")
@needs(Power.AUDIT_READ)
def index() -> AnyResponse:
    """The newest acts first; the name looked for travels sealed, never readable in an address."""
    form = _form(who=_opened(request.args.get("who")), action=request.args.get("action") or "")
    day = request.args.get("day", type=_day)
    form.day.data = day
    known = form.action.data if form.action.data in all_actions() else ""
    after = _after()
    scope = me().scope(Power.AUDIT_READ)
    found = entries(scope, work().session, who=form.who.data or "", action=known, day=day, after=after, size=SIZE + 1)
    kept: dict[str, Any] = {name: request.args.get(name) for name in ("who", "action", "day")}
    rows, more = one_page(found, SIZE, lambda last: url_for(".index", after=_sealed(last), **kept))
    return page(
        "tuanwutong/audit/index.html",
        "tuanwutong/audit/_list.html",
        form=form,
        lines=_lines(rows),
        next_url=more,
        first=after is None,
        hasty=_hasty(scope),
        hasty_url=url_for(".index", action=HASTY),
        lately=LATELY.days,
    )


@bp.post("")
@needs(Power.AUDIT_READ)
def find() -> AnyResponse:
    """Take the filter and show the result under an address of its own."""
    form = _form()
    if not form.validate():
        return page("tuanwutong/audit/index.html", form=form, lines=[], next_url=None, first=True, status=422)
    who = (form.who.data or "").strip()
    day = form.day.data.isoformat() if form.day.data else None
    sealed = house().vault.seal(QUERY, who) if who else None
    return see(url_for(".index", who=sealed, action=form.action.data or None, day=day))


def _hasty(scope: Scope) -> int:
    """审批过快: how often others in the scope passed applications faster than they can be read."""
    here = work()
    return count_of(scope, here.session, HASTY, here.now - LATELY, but=me().account_id)


def _form(**values: Any) -> FilterForm:
    know_all()
    return FilterForm(data=values).offer(all_actions()) if values else FilterForm().offer(all_actions())


def _sealed(last: AuditEntry) -> str:
    return house().vault.seal(CURSOR, str(last.id))


def _after() -> int | None:
    typed = _opened(request.args.get("after"), CURSOR)
    return int(typed) if typed else None


def _opened(sealed: str | None, purpose: str = QUERY) -> str:
    try:
        return house().vault.open(purpose, sealed) if sealed else ""
    except VaultError:
        return ""


def _day(text: str) -> Any:
    return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a calendar day has no zone


def _lines(found: Sequence[AuditEntry]) -> list[Line]:
    places = names_at(work().session, {entry.org_path for entry in found if entry.org_path})
    sentences = all_actions()
    return [
        Line(
            at=entry.at,
            who=entry.actor_name or SOURCES.get(entry.source, "本人"),
            role=ROLE_NAMES[Role(entry.actor_role)] if entry.actor_role in set(Role) else "",
            what=sentences.get(entry.action, "做了一项操作"),
            where=places.get(entry.org_path or "", ""),
            reason=entry.reason,
            changes=[
                (
                    audit_words.label_of(entry.object_type, name),
                    audit_words.said(name, old),
                    audit_words.said(name, new),
                )
                for name, (old, new) in (entry.changes or {}).items()
            ],
        )
        for entry in found
    ]
