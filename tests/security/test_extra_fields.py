"""A form changes what it shows: fields added by hand change nothing else, and a form sent twice acts once."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.league.notices.models import Notice, NoticeState
from app.league.organisations.models import Organisation
from tests import factories as make
from tests.conftest import Client
from tests.helpers import sign_in
from tests.security.site import read
from tests.world import World

# Columns somebody might wish to set himself.
WISHED = {
    "id": "1", "public_id": "A" * 22, "account_id": "1", "role": "committee_admin", "state": "approved",
    "status": "active", "organisation": "1", "organisation_id": "1", "org_path": "/", "path": "0", "depth": "0",
    "kind": "province", "parent_id": "", "verified": "1", "is_staff": "1", "second_factor": "1", "decided_by_id": "1",
    "decided_at": "2020-01-01", "approved_by": "1", "author_id": "1", "published_at": "2020-01-01", "issuer_id": "1",
    "in_use": "1", "created_at": "2000-01-01", "version": "1", "person_id": "1", "lane": "clean", "flags": "[]",
    "round": "9", "withdrawn_at": "2020-01-01", "closed_at": "2020-01-01",
}  # fmt: skip


def test_a_new_notice_takes_nothing_but_its_fields(client: Client, world: World, session: Session) -> None:
    sign_in(client, world.people["publisher"])
    form = next(f for f in read("", 200, client.get("/twt/notices/new").text).forms if "title" in f.texts)
    fields = form.filled("五月的工作")
    answer = client.post("/twt/notices/new", data={**WISHED, **fields})
    assert answer.status_code == 303
    row = session.scalars(select(Notice)).one()
    assert (row.state, row.published_at, row.withdrawn_at) == (NoticeState.DRAFT, None, None)
    assert (row.author_id, row.public_id == "A" * 22) == (world.people["publisher"].id, False)
    assert client.post("/twt/notices/new", data=fields).headers["Location"] == answer.headers["Location"]
    assert len(session.scalars(select(Notice)).all()) == 1, "the same form had a second effect"


def test_renaming_changes_the_name_alone(client: Client, world: World, session: Session) -> None:
    sign_in(client, world.people["school_s"])
    address = f"/twt/organisations/{world.college_c.public_id}/rename"
    form = next(f for f in read("", 200, client.get(address).text).forms if f.texts)
    kept = {c.name: getattr(world.college_c, c.name) for c in Organisation.__table__.columns}
    answer = client.post(address, data={**WISHED, **form.filled("财会学院")})
    assert answer.status_code == 303
    session.expire_all()
    row = session.get_one(Organisation, world.college_c.id)
    changed = {name for name, value in kept.items() if getattr(row, name) != value}
    assert "name" in changed
    assert not changed & {"path", "depth", "kind", "parent_id", "public_id", "in_use", "id", "created_at", "closed_at"}


def test_a_youth_cannot_name_himself_somebody_else(
    client: Client, world: World, session: Session, vault: Vault
) -> None:
    youth = world.people["youth"]
    kept = {c.name: getattr(youth, c.name) for c in youth.__table__.columns}
    sign_in(client, youth)
    form = read("", 200, client.get("/jia/security/password").text).forms[-1]
    client.post("/jia/security/password", data={**WISHED, **form.filled(make.PASSWORD)})
    session.expire_all()
    changed = {name for name, value in kept.items() if getattr(youth, name) != value}
    assert changed <= {"password_hash", "last_signed_in_at", "password_changed_at"}
