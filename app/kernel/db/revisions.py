"""What Alembic needs to know of our columns, and the drawing of the first revision from the models."""

from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine

from app.kernel.db.types import UtcDateTime, Word

FIRST = '''"""The first tables. Drawn from the models by scripts/first-migration; not edited by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
{upgrade}


def downgrade() -> None:
    """Back to the one before."""
{downgrade}'''


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Column types as plain SQLAlchemy, so that a revision still means the same when our classes change."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Word):
        return "sa.String(length=32)"
    return False


def compare_type(
    _context: object, _inspected: object, _metadata: object, inspected_type: object, metadata_type: object
) -> bool | None:
    """A word is a string; everything else is compared by Alembic (None)."""
    return str(inspected_type) != "VARCHAR(32)" if isinstance(metadata_type, Word) else None


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic compares this table or index with the models: not the index of names, which SQL makes."""
    return not (kind in ("table", "index") and name is not None and name.removeprefix("ix_").startswith("people_names"))


def first_revision(metadata: MetaData) -> str:
    """The source of revision 0001: every table of ``metadata`` from nothing."""
    options: dict[str, Any] = {
        "target_metadata": metadata,
        "render_item": render_item,
        "sqlalchemy_module_prefix": "sa.",
        "alembic_module_prefix": "op.",
        "render_as_batch": False,
        "user_module_prefix": None,
    }
    with create_engine("sqlite://").connect() as nothing:
        context = MigrationContext.configure(nothing, opts=options)
        script = produce_migrations(context, metadata)
        return FIRST.format(upgrade=_body(script.upgrade_ops, context), downgrade=_body(script.downgrade_ops, context))


def _body(operations: Any, context: MigrationContext) -> str:
    code = render_python_code(operations, render_item=render_item, migration_context=context)
    return "".join(f"{line}\n" for line in code.splitlines() if not line.lstrip().startswith("#"))
