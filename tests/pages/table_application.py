"""The pages of the application: for whoever is signed in, and about oneself alone."""

from typing import Any

from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from tests.pages.matrix import Row, signed_in
from tests.world import World


def _step(world: World, session: Session, vault: Vault) -> dict[str, Any]:
    return {"step": "name"}


def _branch(world: World, session: Session, vault: Vault) -> dict[str, Any]:
    return {"public_id": world.branch_b1.public_id}


THINGS = {"step": _step, "branch": _branch}
ROWS = [
    Row("GET", "/jia/apply", signed_in(200)),
    Row("POST", "/jia/apply/again"),
    Row("GET", "/jia/apply/<step>", signed_in(200), thing="step"),
    Row("POST", "/jia/apply/<step>", signed_in(422), thing="step"),
    Row("POST", "/jia/apply/<step>/keep", signed_in(200), thing="step"),
    Row("POST", "/jia/apply/document/check", signed_in(200)),
]
