"""How Alembic runs the revisions: one transaction on both databases, so that an upgrade that dies leaves nothing half.

On SQLite a changed table is rebuilt and copied, which foreign keys would forbid: they are off while revisions run,
and everything that refers to something is checked before the commit. Other writers wait in the writer line.
"""

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from app.kernel.db.engine import writer_line
from app.kernel.db.revisions import compare_type, include_name, render_item

UPGRADE_LOCK = 490016
"""PostgreSQL's advisory lock: two upgrades at once follow each other."""

db = current_app.extensions["migrate"].db


def set_foreign_keys(connection: Connection, on: bool) -> None:
    """SQLite heeds this between transactions alone, hence past SQLAlchemy, which would begin one."""
    if connection.dialect.name == "sqlite":
        connection.connection.dbapi_connection.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def check_foreign_keys(connection: Connection) -> None:
    """Raises RuntimeError when a row refers to a row that is not there."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"foreign keys broken by a revision: {broken[:5]}")


def follow_the_one_before(connection: Connection) -> None:
    """On PostgreSQL: wait as long as another upgrade takes, be it one whose process was killed and which the server has
    not given up yet; it does so a second after, when this one is killed.
    """
    connection.exec_driver_sql("SET LOCAL client_connection_check_interval = '1s'")
    patience = connection.exec_driver_sql("SHOW lock_timeout").scalar_one()
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{patience}'")


def run() -> None:
    """Run the revisions that were asked for."""
    with writer_line(db.engine), db.engine.connect().execution_options(writing=True) as connection:
        set_foreign_keys(connection, False)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            render_item=render_item,
            compare_type=compare_type,
            include_name=include_name,
            transactional_ddl=True,
        )
        try:
            with context.begin_transaction():
                if connection.dialect.name == "postgresql":
                    follow_the_one_before(connection)
                context.run_migrations()
                check_foreign_keys(connection)
        finally:
            set_foreign_keys(connection, True)


run()
