"""The first person of a new installation."""

from sqlalchemy import func, select

from app.kernel.access.rules import Role
from app.league.accounts.models import Account
from app.league.accounts.passwords import verify
from app.league.appointments.models import Appointment
from app.league.organisations.models import Organisation

SHORT = "并州路上的老槐树"
PHONE = "13900010099"


def typed(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_an_empty_installation_gets_its_province_and_its_administrator(app, cli, session):
    password = "并州路上的老槐树都绿了呀"
    said = cli.invoke(args=["create-system-admin"], input=typed(PHONE, "李系统", password, password))
    assert said.exit_code == 0, said.output
    assert password not in said.output
    account = session.scalars(select(Account)).one()
    post = session.scalars(select(Appointment)).one()
    root = session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
    assert (post.role, post.organisation_id, post.account_id) == (Role.SYSTEM_ADMIN, root.id, account.id)
    assert verify(account.password_hash, password, memory_kib=64)
    assert root.in_use is False, "a system administrator alone does not put the province in use"


def test_a_weak_or_short_password_is_refused_with_a_sentence(app, cli, session):
    for weak in ("123456789012", SHORT, PHONE + "!"):
        said = cli.invoke(args=["create-system-admin"], input=typed(PHONE, "李系统", weak, weak))
        assert said.exit_code == 1
        assert "密码" in said.output
    assert session.scalar(select(func.count()).select_from(Account)) == 0
    assert cli.invoke(args=["create-system-admin"], input=typed("12345")).exit_code == 1


def test_a_registered_person_is_appointed_and_keeps_the_password(world, cli, session, vault):
    account = world.people["youth"]
    phone = vault.open("phone", account.phone_sealed)
    before = account.password_hash
    session.rollback()
    said = cli.invoke(args=["create-system-admin"], input=typed(phone))
    assert said.exit_code == 0, said.output
    assert "原来的" in said.output
    session.expire_all()
    assert account.password_hash == before
    again = cli.invoke(args=["create-system-admin"], input=typed(phone))
    assert again.exit_code == 1
