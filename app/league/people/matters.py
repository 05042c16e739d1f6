"""What corrections and identity cases share: a matter about a file waits at a place and is settled once.

Of two people who settle it at once one wins: ``settle`` is the guard, a compare-and-set on state and version.
"""

import enum
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.access.viewer import Viewer
from app.kernel.clock import local
from app.kernel.errors import Conflict
from app.kernel.work import Work
from app.league.people.models import Correction, IdentityCase

LONGEST_REASON = 500
Matter = TypeVar("Matter", Correction, IdentityCase)


def tidy(reason: str) -> str:
    """A decision's reason as it is kept: single spaces, at most ``LONGEST_REASON`` characters."""
    return " ".join(reason.split())[:LONGEST_REASON]


def by_public_id(scope: Scope, session: Session, kind: type[Matter], public_id: str) -> Matter:
    """One matter. Raises NotFound when it is absent or its place lies outside the scope."""
    row = session.scalars(select(kind).where(kind.public_id == public_id)).one_or_none()
    scope.require(row.org_path if row else None)
    assert row is not None
    return row


def page_of(
    scope: Scope,
    session: Session,
    kind: type[Matter],
    query: Select[*tuple[Any, ...]],
    *,
    state: enum.StrEnum | None,
    after: str | None,
    size: int,
) -> Select[*tuple[Any, ...]]:
    """``query`` about ``kind``, narrowed to a page: inside the scope, oldest first.

    ``state``: None for all. ``after``: the public id of the last one seen; raises NotFound when it lies outside.
    """
    query = query.where(scope.within(kind.org_path)).order_by(kind.id).limit(size)
    if state is not None:
        query = query.where(kind.state == state)
    if after:
        query = query.where(kind.id > by_public_id(scope, session, kind, after).id)
    return query


def settle(
    work: Work,
    row: Matter,
    version: int,
    *,
    waits: enum.StrEnum,
    to: enum.StrEnum,
    by: Viewer | None,
    reason: str,
    called: str,
    names: Mapping[Any, str],
) -> None:
    """Bring ``row`` from the state in which it waits to ``to``, unless somebody was first.

    ``by``: who decides; None when nobody does, because it is taken back. ``called`` and ``names``: the matter and its
    states in words. Raises Conflict naming who was first.
    """
    kind = type(row)
    done = work.session.execute(
        update(kind)
        .where(kind.id == row.id, kind.state == waits, kind.version == version)
        .values(
            state=to,
            version=kind.version + 1,
            decided_by_id=by.account_id if by else None,
            decided_by_name=by.name if by else "",
            decided_at=work.now,
            decision_reason=reason,
        )
        .execution_options(synchronize_session=False)
    )
    work.session.refresh(row)
    if done.rowcount:  # type: ignore[attr-defined]
        return
    if row.decided_by_name and row.decided_at is not None:
        text = f"已由 {row.decided_by_name} 于 {local(row.decided_at):%H:%M} 处理"
        raise Conflict(text, by=row.decided_by_name, at=row.decided_at)
    raise Conflict(f"这{called}现在是“{names[row.state]}”，请重新看一遍", at=row.decided_at)
