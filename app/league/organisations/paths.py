"""Every copy of an organisation's path, and rewriting them all when a subtree moves."""

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.kernel.audit.models import AuditEntry
from app.kernel.db.types import path_chain, path_end
from app.league.exports.models import Export
from app.league.imports.models import ImportBatch
from app.league.joining.cases import common_ancestor
from app.league.joining.models import JoinRequest
from app.league.notices.models import Notice
from app.league.organisations.models import Organisation
from app.league.people.models import Correction, IdentityCase, Person

COPIES: tuple[InstrumentedAttribute[str], ...] = (
    Person.org_path,
    JoinRequest.org_path,
    JoinRequest.attention_path,
    Correction.org_path,
    Export.asker_path,
    Export.org_path,
    IdentityCase.org_path,
    ImportBatch.org_path,
    Notice.issuer_path,
    Notice.target_path,
)
KEPT_AS_WRITTEN = (AuditEntry.org_path,)
"""The audit tells where something stood on its day; nothing of it is ever changed."""


def rewrite(session: Session, old: str, new: str, new_parent: str) -> int:
    """Let the subtree at ``old`` stand at ``new``, under ``new_parent``, everywhere. Returns how many rows changed.

    Ids stay, so appointments, memberships and rosters need nothing. What was decided by where two things meet (an
    identity case) or had climbed above the subtree (an overdue application) is settled anew.
    """
    shift = len(path_chain(new)) - len(path_chain(old))
    rows = _replace(session, Organisation.path, old, new, depth=Organisation.depth + shift)
    rows += sum(_replace(session, column, old, new) for column in COPIES)
    session.execute(
        update(JoinRequest)
        .where(JoinRequest.org_path >= new, JoinRequest.org_path < path_end(new), JoinRequest.attention_path < new)
        .values(attention_path=new_parent)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    settle_cases(session, new)
    return rows


def settle_cases(session: Session, path: str) -> None:
    """Put each identity case of the subtree where its file and its application meet now."""
    file, request = aliased(Person), aliased(JoinRequest)
    rows = session.execute(
        select(IdentityCase.id, IdentityCase.org_path, file.org_path, request.org_path)
        .join(file, file.id == IdentityCase.person_id)
        .join(request, request.id == IdentityCase.request_id)
        .where(or_(_inside(file.org_path, path), _inside(request.org_path, path)))
    ).all()
    for case_id, held, one, other in rows:
        meeting = common_ancestor(one, other)
        if meeting != held:
            session.execute(update(IdentityCase).where(IdentityCase.id == case_id).values(org_path=meeting))


def _replace(session: Session, column: InstrumentedAttribute[str], old: str, new: str, **more: object) -> int:
    changed = session.execute(
        update(column.class_)
        .where(_inside(column, old))
        .values({column.key: new + func.substr(column, len(old) + 1), **more})
        .execution_options(synchronize_session=False)
    )
    return int(changed.rowcount)  # type: ignore[attr-defined]


def _inside(column: InstrumentedAttribute[str], path: str) -> ColumnElement[bool]:
    return (column >= path) & (column < path_end(path))
