"""One's own file: everybody has the pages, nobody another's; without a file there is nothing to change."""

from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from tests.pages.matrix import Row, signed_in
from tests.pages.table_corrections import THINGS as CORRECTIONS
from tests.people.files import file_at, working
from tests.world import World

OWNER = {"youth": 200}
ROWS = [
    Row("GET", "/jia/me", signed_in(200)),
    Row("POST", "/jia/me/reveal/<name>", OWNER, thing="number"),
    Row("GET", "/jia/me/history", OWNER, thing="mine"),
    Row("GET", "/jia/me/access", signed_in(200)),
    Row("GET", "/jia/me/rights", signed_in(200)),
    Row("POST", "/jia/me/copy", OWNER, thing="mine"),
    Row("GET", "/jia/me/edit", OWNER, thing="mine"),
    Row("POST", "/jia/me/edit", {"youth": 303}, thing="mine"),
    Row("GET", "/jia/me/correct", OWNER, thing="mine"),
    Row("GET", "/jia/me/correct/<name>", OWNER, thing="locked"),
    Row("POST", "/jia/me/correct/<name>", {"youth": 422}, thing="locked"),
    Row("POST", "/jia/me/corrections/<public_id>/withdraw", {"youth": 303}, thing="correction"),
]


def _mine(world: World, session: Session, vault: Vault) -> dict[str, str]:
    world.people["youth"].person_id = file_at(working(session, vault), world.branch_b1).id
    return {}


def _number(world: World, session: Session, vault: Vault) -> dict[str, str]:
    return {**_mine(world, session, vault), "name": "id_number"}


def _locked(world: World, session: Session, vault: Vault) -> dict[str, str]:
    return {**_mine(world, session, vault), "name": "birth_date"}


THINGS = {"mine": _mine, "number": _number, "locked": _locked, "correction": CORRECTIONS["correction"]}
