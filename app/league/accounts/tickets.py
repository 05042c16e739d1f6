"""Short-lived sealed notes that a browser carries between two steps: readable and writable by us alone."""

import json
from datetime import datetime, timedelta
from typing import Any

from app.kernel.vault import VaultError
from app.kernel.work import Work


def write(work: Work, kind: str, values: dict[str, Any], life: timedelta) -> str:
    """A note of ``kind`` that holds ``values`` until ``life`` is over."""
    until = (work.now + life).isoformat()
    return work.vault.seal(f"ticket:{kind}", json.dumps({**values, "until": until}, ensure_ascii=False))


def read(work: Work, kind: str, note: str | None) -> dict[str, Any] | None:
    """What stands in ``note``; None when there is none, it is of another kind, was changed or is too old."""
    if not note:
        return None
    try:
        values: dict[str, Any] = json.loads(work.vault.open(f"ticket:{kind}", note))
    except VaultError:
        return None
    return values if work.now < datetime.fromisoformat(values.pop("until")) else None
