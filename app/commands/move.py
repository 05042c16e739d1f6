"""``flask move-to-postgresql``."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from app.commands.unit import command_work
from app.commands.verify import wrong_answers
from app.extensions import db
from app.kernel.audit.events import declare
from app.kernel.audit.record import record
from app.kernel.db import moving
from app.kernel.db.engine import writer_line
from app.kernel.db.unit import writing
from app.kernel.errors import Refused
from app.kernel.readiness import head
from app.surfaces.web.house import house
from app.tables import metadata

declare({"machine:database:move": "把数据搬到了 PostgreSQL"})
FROM_HERE = "请先停止网站和后台进程"


@click.command("move-to-postgresql")
@click.option("--target", envvar="TARGET_DATABASE_URL", prompt="目标数据库地址", help="也可写在 TARGET_DATABASE_URL。")
@click.option("--batch", default=10_000, show_default=True, type=click.IntRange(1), help="每次提交的行数。")
@with_appcontext
def move_to_postgresql(target: str, batch: int) -> None:
    """Carry the embedded database over to an empty PostgreSQL; broken off, the same command goes on."""
    import psycopg  # not with the application, which may do without it

    there = _application(target)
    if db.engine.dialect.name != "sqlite":
        raise click.ClickException("这里用的不是内嵌数据库，没有什么可搬。请去掉 DATABASE_URL 再运行")
    try:
        with there.app_context():
            engine = db.engine
            if moving.occupied(engine):
                raise Refused("目标数据库里已经有东西，没有改动。请给一个空的数据库")
        with _held() as source:
            _carry(source, there, engine, batch)
    except Refused as problem:
        raise click.ClickException(problem.text) from None
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        said = cause.diag.message_primary if isinstance(cause, psycopg.Error) else type(cause).__name__
        raise click.ClickException(f"没有搬完：{said or type(cause).__name__}。排除后再运行一次，会接着搬") from None
    click.echo("搬完了。请把 DATABASE_URL 设为新地址，再启动网站和后台进程；原来的文件没有动，确认无误后自行移走。")


def _carry(source: Connection, there: Flask, engine: Engine, batch: int) -> None:
    from flask_migrate import upgrade  # not with the application (Migrations)

    if unknown := moving.unknown_tables(source, metadata):
        raise Refused(f"有不认识的表：{'、'.join(unknown)}")
    with there.app_context():
        # The note that it is ours comes first: a schema broken off in the middle is gone on with, too.
        with engine.begin() as connection:
            for statement in moving.NOTES:
                connection.exec_driver_sql(statement)
        upgrade()
    moving.begin(engine)
    for table in metadata.sorted_tables:
        with click.progressbar(length=1, label=table.name) as bar:
            for done, total in moving.carry(source, engine, table, batch):
                bar.length = total
                bar.update(done - bar.pos)
    moving.complete(source, engine, metadata, lambda statement: click.echo(f"  {statement[:100]}"))
    for name, rows in moving.compare(source, engine, metadata):
        click.echo(f"  {name}：{rows} 行，逐行相符")
    with there.app_context():
        moving.finish(engine)
        with command_work() as work, writing(work.session):
            record(work, "machine:database:move", "database")
        if wrong := wrong_answers():  # row by row the same: it was wrong before
            click.echo(f"数据已逐行相符地搬完，但有 {wrong} 项不符；原来的数据库里也是如此。")


def _application(address: str) -> Flask:
    """The application over the target."""
    from app import create_app

    try:
        if make_url(address).get_backend_name() != "postgresql":
            raise click.ClickException("目标地址要以 postgresql+psycopg:// 开头")
    except ArgumentError:
        raise click.ClickException("目标地址写得不对，应像 postgresql+psycopg://用户@主机/数据库") from None
    here = house()
    os.environ.pop("TARGET_DATABASE_URL", None)
    return create_app(replace(here.settings, database_url=address, replica_url=""), vault=here.given, clock=here.clock)


@contextmanager
def _held() -> Iterator[Connection]:
    """The embedded database as it stands; nobody writes while it is carried."""
    engine = db.engine
    with writer_line(engine), engine.connect() as connection:
        try:
            connection = connection.execution_options(writing=True)
            revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        except OperationalError:
            raise Refused(f"内嵌数据库打不开，或正被使用。{FROM_HERE}") from None
        if revision != head():
            raise Refused("内嵌数据库还是旧版本的，请先运行 flask --app wsgi init")
        yield connection
        connection.rollback()
