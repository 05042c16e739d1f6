"""Writing an entry: in the transaction of what it tells of, with protected values masked."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from app.kernel.audit.events import known
from app.kernel.audit.models import AuditEntry
from app.kernel.db import bulk
from app.kernel.db.base import table_of
from app.kernel.masking import mask_id_number, mask_phone
from app.kernel.work import Work

_ENTRIES = table_of(AuditEntry)
MASKS = {"id_number": mask_id_number, "phone": mask_phone, "guardian_phone": mask_phone}
MACED = (
    "at", "action", "source", "actor_account_id", "actor_name", "actor_role", "appointment_id", "object_type",
    "object_id", "subject_person_id", "org_path", "reason", "changes", "request_id", "address",
)  # fmt: skip


def record(
    work: Work,
    action: str,
    object_type: str,
    object_id: str = "",
    *,
    org_path: str | None = None,
    person_id: int | None = None,
    reason: str = "",
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> None:
    """Write one audit entry.

    ``action``: a tag declared in the events of a package, ``subject:object:action``.
    ``object_id``: the object's public id. ``person_id``: whose file it is about, so that the person can see it.
    ``changes``: field → (before, after); protected fields are masked here.
    Raises KeyError for an undeclared action.
    """
    row = entry(
        work, action, object_type, object_id, org_path=org_path, person_id=person_id, reason=reason, changes=changes
    )
    record_all(work, [row])


def record_all(work: Work, entries: Sequence[Mapping[str, Any]]) -> None:
    """Write many entries made by ``entry`` at once."""
    bulk.put_many(work.session, _ENTRIES, entries)


def entry(
    work: Work,
    action: str,
    object_type: str,
    object_id: str = "",
    *,
    org_path: str | None = None,
    person_id: int | None = None,
    reason: str = "",
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> dict[str, Any]:
    """The row of an entry, with its MAC; the arguments are those of ``record``."""
    known(action)
    values: dict[str, Any] = {
        "at": work.now,
        "action": action,
        "source": work.actor.source,
        "actor_account_id": work.actor.account_id,
        "actor_name": work.actor.name,
        "actor_role": work.actor.role,
        "appointment_id": work.actor.appointment_id,
        "object_type": object_type,
        "object_id": object_id,
        "subject_person_id": person_id,
        "org_path": org_path,
        "reason": reason,
        "changes": {k: [_plain(k, old), _plain(k, new)] for k, (old, new) in (changes or {}).items()} or None,
        "request_id": work.request_id,
        "address": work.address,
    }
    values["key_id"] = work.vault.current.id
    values["mac"] = work.vault.sign("audit", canonical(values)).hex()
    return values


def canonical(values: Mapping[str, Any]) -> bytes:
    """The bytes an entry's MAC is taken over."""
    picked = {name: values[name] for name in MACED}
    picked["at"] = picked["at"].astimezone(UTC).isoformat()
    return json.dumps(picked, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    text = str(value)
    return MASKS[name](text) if name in MASKS and text else text
