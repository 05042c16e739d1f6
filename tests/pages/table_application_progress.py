"""Following one's own application; nobody reaches another's by any address, for there is none."""

from typing import Any

from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from tests import factories as make
from tests.pages.matrix import Row, signed_in
from tests.world import World


def _own(world: World, session: Session, vault: Vault) -> dict[str, Any]:
    make.join_request(session, vault, world.branch_b1, world.people["youth"])
    return {}


THINGS = {"own": _own}
ROWS = [
    Row("GET", "/jia/application", signed_in(303) | {"youth": 200}, thing="own"),
    Row("GET", "/jia/application/withdraw", {"youth": 200}, thing="own"),
    Row("POST", "/jia/application/withdraw", {"youth": 409}, thing="own"),
    Row("GET", "/jia/application/fix", {"youth": 409}, thing="own"),
    Row("POST", "/jia/application/fix", {"youth": 409}, thing="own"),
    Row("POST", "/jia/application/remind", {"youth": 409}, thing="own"),
]
