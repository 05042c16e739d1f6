"""Asking a guardian from within the application: there only for a child."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.config import Settings
from app.kernel.vault import Vault
from app.kernel.work import Actor, Work
from app.league.joining import drafts
from tests import factories as make
from tests.pages.matrix import Row
from tests.world import World


def _child(world: World, session: Session, vault: Vault) -> dict[str, Any]:
    work = Work(session, make.NOW, Actor("command"), vault, Settings())
    typed = {"id_type": "resident", "id_number": make.id_number(date(2012, 4, 23))}
    drafts.keep(work, world.people["youth"].id, "document", typed, version=0)
    return {}


THINGS = {"child": _child}
ROWS = [
    Row("GET", "/jia/apply/guardian", {"youth": 200}, thing="child"),
    Row("POST", "/jia/apply/guardian", {"youth": 422}, thing="child"),
]
