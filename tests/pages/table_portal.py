"""The public portal."""

from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from tests.pages.matrix import Row, everyone
from tests.world import World

ROWS = [
    Row("GET", "/", everyone(200)),
    Row("GET", "/search", everyone(200)),
    Row("GET", "/orgs", everyone(200)),
    Row("GET", "/orgs/<public_id>", everyone(200), thing="school"),
    Row("GET", "/help", everyone(200)),
    Row("GET", "/privacy", everyone(200)),
    Row("GET", "/a11y", everyone(200)),
    Row("POST", "/a11y", everyone(303)),
    Row("GET", "/sitemap", everyone(200)),
    Row("GET", "/status", everyone(200)),
    Row("GET", "/out", everyone(400)),
    Row("GET", "/waiting", everyone(303)),
    Row("GET", "/favicon.ico", everyone(301)),
    Row("GET", "/manifest.webmanifest", everyone(200)),
    Row("GET", "/service-worker.js", everyone(200)),
    Row("GET", "/offline", everyone(200)),
    Row("GET", "/developers", everyone(200)),
]


def _school(world: World, session: Session, vault: Vault) -> dict[str, str]:
    return {"public_id": world.school_s.public_id}


THINGS = {"school": _school}
