"""What the next release may bring: a column in the largest table, which SQLite copies for it. Never in the product.

It shows what a table that is rebuilt costs at any size, and that nothing is lost when the copying is killed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
from alembic.script import ScriptDirectory

from app import MIGRATIONS

revision = "rehearsed"
down_revision = ScriptDirectory(str(MIGRATIONS)).get_current_head()
branch_labels = None
depends_on = None

TRIGGERS = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'people'"


def upgrade() -> None:
    """A column that every file has."""
    with _people() as people:
        people.add_column(sa.Column("rehearsed", sa.String(length=8), nullable=False, server_default=""))


def downgrade() -> None:
    """Without it."""
    with _people() as people:
        people.drop_column("rehearsed")


@contextmanager
def _people() -> Iterator[BatchOperations]:
    """`people` in a batch, rebuilt on SQLite, its triggers made again afterwards, as 0003 asks for."""
    embedded = op.get_bind().dialect.name == "sqlite"
    triggers = list(op.get_bind().exec_driver_sql(TRIGGERS).scalars()) if embedded else []
    recreate = "always" if embedded else "never"
    with op.batch_alter_table("people", recreate=recreate, table_kwargs={"sqlite_autoincrement": True}) as people:
        yield people
    for trigger in triggers:
        op.get_bind().exec_driver_sql(trigger)
