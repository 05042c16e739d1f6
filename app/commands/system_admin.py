"""``flask create-system-admin``: the first person of a new installation, made on the machine itself."""

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from app.commands.unit import command_work
from app.kernel.audit.record import record
from app.kernel.db.unit import writing
from app.kernel.errors import Invalid, Problem, Refused
from app.kernel.work import Work
from app.league.accounts.models import Account, AccountStatus
from app.league.accounts.operations import account_by_phone, blank, choose_password
from app.league.appointments.operations import appoint_system_admin
from app.league.organisations.models import Organisation
from app.league.organisations.seed import plant_province
from app.league.people.facts import clean_name, clean_phone


@click.command("create-system-admin")
@with_appcontext
def create_system_admin() -> None:
    """Make a system administrator: asks for phone, name and password on the terminal."""
    with command_work() as work:
        try:
            phone = clean_phone(click.prompt("手机号"))
            known = account_by_phone(work, phone)
            if known and known.status != AccountStatus.ACTIVE:
                raise Refused("这个账号现在不能使用")
            name, password_hash = (known.name, "") if known else _ask(work, phone)
            with writing(work.session):
                province = work.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).first()
                account = account_by_phone(work, phone) or _account(work, phone, name, password_hash)
                appoint_system_admin(work, account, province or plant_province(work))
        except Invalid as problem:
            raise click.ClickException("；".join(problem.errors.values())) from None
        except Problem as problem:
            raise click.ClickException(problem.text) from None
        kept = "，密码还是原来的" if known else ""
        click.echo(f"{name}已是系统管理员{kept}。请用手机号登录，并马上开启动态口令。")


def _ask(work: Work, phone: str) -> tuple[str, str]:
    name = clean_name(click.prompt("姓名"))
    password = click.prompt("密码（至少 12 位）", hide_input=True, confirmation_prompt="再输一次")
    return name, choose_password(work, password, name=name, phone=phone, birth_date=None, staff=True)


def _account(work: Work, phone: str, name: str, password_hash: str) -> Account:
    row = blank(work, phone, name, password_hash)
    work.session.add(row)
    work.session.flush()
    record(work, "accounts:account:register", "account", row.public_id)
    return row
