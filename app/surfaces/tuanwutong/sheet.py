"""The sheet: the rows that were on the screen with the versions seen, sealed, so that no unseen row can be decided."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from app.kernel.access.viewer import Viewer
from app.kernel.errors import Invalid
from app.kernel.vault import Vault, VaultError
from app.league.joining.queries import Row

SIZE = 20
PURPOSE = "sheet"


class Picked(NamedTuple):
    """What was ticked, each with the version that was shown, and when the sheet was shown."""

    items: list[tuple[str, int]]
    shown_at: datetime


def seal(vault: Vault, viewer: Viewer, rows: Iterable[Row], now: datetime) -> str:
    """The rows, shown at ``now``, as one opaque text for a hidden field, good for this viewer alone."""
    shown = [[row.public_id, row.version] for row in rows]
    return vault.seal(PURPOSE, json.dumps([viewer.account_id, now.timestamp(), shown]))


def picked(vault: Vault, viewer: Viewer, sealed: str, picks: Sequence[str]) -> Picked:
    """What was ticked of the sheet ``sealed``.

    Raises Invalid for a sheet of somebody else or of nobody, for a row that was not on it, or when nothing is ticked.
    """
    try:
        account_id, shown_at, shown = json.loads(vault.open(PURPOSE, sealed))
    except (VaultError, ValueError):
        raise Invalid("这张名单已经失效，请重新打开审核页") from None
    seen = dict(shown)
    if account_id != viewer.account_id or not seen.keys() >= set(picks):
        raise Invalid("只能处理这一屏上的申请，请重新打开审核页")
    if not picks:
        raise Invalid({"pick": "请先勾选要通过的人"})
    items = [(public_id, seen[public_id]) for public_id in dict.fromkeys(picks)]
    return Picked(items, datetime.fromtimestamp(shown_at, UTC))
