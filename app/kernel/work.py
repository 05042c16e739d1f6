"""The small context object every operation takes first: session, time, actor, vault, settings."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.config import Settings
from app.kernel.access.viewer import Viewer
from app.kernel.clock import local_date
from app.kernel.vault import Vault


@dataclass(frozen=True)
class Actor:
    """Who acts, for the audit. A person at a keyboard has an account; the system has a source alone.

    ``source``: web, api, wechat, command, worker or import.
    """

    source: str
    account_id: int | None = None
    name: str = ""
    role: str = ""
    appointment_id: int | None = None

    @classmethod
    def of(cls, viewer: Viewer, source: str = "web") -> "Actor":
        """The viewer as an actor, under the post chosen in the switch."""
        post = viewer.acting
        role, appointment = (post.role.value, post.appointment_id) if post else ("", None)
        return cls(source, viewer.account_id, viewer.name, role, appointment)


@dataclass
class Work:
    """One unit of work: inside ``writing`` when anything changes."""

    session: Session
    now: datetime
    actor: Actor
    vault: Vault
    settings: Settings
    viewer: Viewer | None = None
    request_id: str = ""
    address: str = ""

    @property
    def today(self) -> date:
        """The calendar day in Asia/Shanghai."""
        return local_date(self.now)
