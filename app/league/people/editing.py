"""Changing what may be changed freely (自由修改): by its owner, or by staff for him."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from app.kernel.audit.record import record
from app.kernel.errors import Conflict, Invalid, Refused
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.people import events as events
from app.league.people import history
from app.league.people.fields import FIELDS, EditClass, Field
from app.league.people.models import FileState, Person, Standing
from app.league.people.queries import owner_id

MY_FILE = "/jia/me"


def free_fields(person: Person) -> list[Field]:
    """The fields of this file that are changed without anybody's decision."""
    member = person.standing is Standing.MEMBER
    return [f for f in FIELDS.values() if f.edit is EditClass.FREE and (member or not f.members_only)]


def edit(work: Work, person: Person, typed: Mapping[str, str], *, version: int, reason: str = "") -> list[str]:
    """Change free fields of a file to what was ``typed``; others in it are passed over. Returns the names changed.

    An empty protected field stays as it is: it is never shown in a form. Raises Invalid by field, Conflict when the
    file changed since ``version``, Refused for a closed file.
    """
    if person.state is FileState.CLOSED:
        raise Refused("这份档案已经关闭，不能再修改")
    found: dict[str, tuple[Any, Any]] = {}
    errors: dict[str, str] = {}
    for field in free_fields(person):
        if field.name not in typed or (field.protected and not typed[field.name].strip()):
            continue
        try:
            new = field.clean(typed[field.name], work.today)
            found[field.name] = (history.value_of(work.vault, person, field.name), new)
        except Invalid as problem:
            errors[field.name] = problem.errors[""]
    if errors:
        raise Invalid(errors)
    changes = {name: pair for name, pair in found.items() if pair[0] != pair[1]}
    take(work, person, version)
    if not changes:
        return []
    for name, (_, new) in changes.items():
        put(work, person, name, new)
    work.session.flush()
    history.note(work, person, changes, "edit", reason)
    record(
        work,
        "people:file:edit",
        "person",
        person.public_id,
        org_path=person.org_path,
        person_id=person.id,
        reason=reason,
        changes=changes,
    )
    _tell_owner(work, person, list(changes))
    return list(changes)


def take(work: Work, person: Person, version: int) -> None:
    """Take the file for this transaction as it was seen: a compare-and-set. Raises Conflict when it changed since."""
    taken = work.session.execute(
        update(Person)
        .where(Person.id == person.id, Person.version == version)
        .values(version=Person.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise Conflict("这份档案在您打开页面之后被改过，请看清现在的内容再保存")
    work.session.refresh(person)


def put(work: Work, person: Person, name: str, value: Any) -> None:
    """Write one field, with the columns that belong to it."""
    if FIELDS[name].protected:
        setattr(person, f"{name}_sealed", work.vault.seal(name, value) if value else "")
        setattr(person, f"{name}_index", work.vault.index(name, value) if value else "")
        return
    setattr(person, name, value)


def _tell_owner(work: Work, person: Person, names: list[str]) -> None:
    owner = owner_id(work.session, person)
    if owner is None or owner == work.actor.account_id:
        return
    what = "、".join(FIELDS[name].label for name in names)
    body = f"修改的内容：{what}。如果不对，可以申请更正。"
    tell(work, owner, f"file:{person.public_id}:{person.version}", "您的档案有修改", body, link=MY_FILE)
