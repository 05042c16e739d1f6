"""A copy of everything held about a person, for that person (个人信息保护法 第四十五条)."""

from typing import Any

from sqlalchemy import select

from app.kernel.audit.record import record
from app.kernel.clock import local
from app.kernel.work import Work
from app.league.joining.models import JoinRequest
from app.league.joining.states import NAMES
from app.league.organisations.queries import place_names
from app.league.people import corrections, history, looks, queries
from app.league.people import events as events
from app.league.people.codes import DOORS, FILE_STATES
from app.league.people.fields import FIELDS, Field, label
from app.league.people.models import Person

MOST_LOOKS = 10_000


def copy(work: Work, person: Person) -> dict[str, Any]:
    """Everything held about the owner of ``person``, in words a person can read; the download is on record."""
    record(work, "people:file:copy", "person", person.public_id, org_path=person.org_path, person_id=person.id)
    place = place_names(work.session, [person.organisation_id])[person.organisation_id]
    facts = {field.label: _in_full(work, person, field) for field in FIELDS.values()}
    return {
        "制作时间": _moment(work.now),
        "档案": {
            **facts,
            "所在团组织": place,
            "档案状态": FILE_STATES[person.state],
            "来源": DOORS[person.door],
            "建档时间": _moment(person.created_at),
        },
        "团籍": [
            {"团支部": branch, "从": str(begun), "到": str(until or ""), "原因": why}
            for branch, begun, until, why in queries.memberships(work.session, person)
        ],
        "变更记录": [
            {"时间": _moment(line.at), "内容": line.label, "原来": line.old, "改为": line.new, "方式": line.cause}
            for line in history.lines(work, person)
        ],
        "更正申请": [
            {
                "时间": _moment(row.asked_at),
                "内容": label(row.field),
                "原来": corrections.shown(work, row, "old"),
                "改为": corrections.shown(work, row, "new"),
                "原因": row.reason,
                "结果": corrections.STATE_NAMES[row.state],
            }
            for row in corrections.of_person(work.session, person)
        ],
        "入档申请": [
            {"受理号": row.reference, "提交时间": _moment(row.submitted_at), "结果": NAMES[row.state]}
            for row in _requests(work)
        ],
        "谁看过我的档案": [
            {"时间": _moment(s.at), "做了什么": s.what, "谁": s.who, "身份": s.role, "组织": s.place, "原因": s.reason}
            for s in looks.seen(work, person, size=MOST_LOOKS)
        ],
    }


def _requests(work: Work) -> list[JoinRequest]:
    mine = work.viewer.account_id if work.viewer else None
    query = select(JoinRequest).where(JoinRequest.account_id == mine).order_by(JoinRequest.id)
    return list(work.session.scalars(query))


def _in_full(work: Work, person: Person, field: Field) -> str:
    value = history.value_of(work.vault, person, field.name)
    return str(value) if field.protected else field.show(value)


def _moment(moment: Any) -> str:
    return local(moment).strftime("%Y-%m-%d %H:%M")
