"""Index names: files are found by a fragment of the name inside a part of the tree.

On SQLite a full-text table that triggers on ``people`` keep, on PostgreSQL a GIN index over a function of the row.
SQLite forgets the triggers when ``people`` is rebuilt: a later revision that alters it in a batch must make them again.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBERS = "(VALUES " + ", ".join(f"({n})" for n in range(1, 51)) + ")"
TOKENS = (
    "(SELECT group_concat(token, ' ') FROM ("
    "SELECT substr({row}.name_key, column1, 1) AS token FROM {numbers} WHERE column1 <= length({row}.name_key)"
    " UNION ALL SELECT substr({row}.name_key, column1, 2) FROM {numbers} WHERE column1 < length({row}.name_key)"
    " UNION ALL SELECT '1' || substr({row}.name_initials, column1, 2) FROM {numbers}"
    " WHERE column1 < length({row}.name_initials)"
    " UNION ALL SELECT '0' || substr({row}.org_path, 1, column1 * 5) FROM {numbers}"
    " WHERE column1 > 1 AND column1 * 5 <= length({row}.org_path)))"
)
FUNCTION = (
    "CREATE FUNCTION people_name_tokens(name text, initials text, path text) RETURNS text[] "
    "LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT array("
    "SELECT substr(name, n, 1) FROM generate_series(1, length(name)) n "
    "UNION SELECT substr(name, n, 2) FROM generate_series(1, length(name) - 1) n "
    "UNION SELECT '1' || substr(initials, n, 2) FROM generate_series(1, length(initials) - 1) n "
    "UNION SELECT '0' || substr(path, 1, n * 5) FROM generate_series(2, length(path) / 5) n) $$"
)


def upgrade() -> None:
    """To this revision."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
        op.execute(
            "CREATE INDEX ix_people_names ON people USING gin "
            "(people_name_tokens(name_key, name_initials, org_path)) WITH (fastupdate = off)"
        )
        return
    new, old, row = (TOKENS.format(row=row, numbers=NUMBERS) for row in ("NEW", "OLD", "people"))
    add = f"INSERT INTO people_names (rowid, tokens) VALUES (NEW.id, {new});"
    remove = f"INSERT INTO people_names (people_names, rowid, tokens) VALUES ('delete', OLD.id, {old});"
    op.execute("CREATE VIRTUAL TABLE people_names USING fts5(tokens, content='', detail='none', tokenize='ascii')")
    op.execute(f"CREATE TRIGGER people_names_insert AFTER INSERT ON people BEGIN {add} END")
    op.execute(f"CREATE TRIGGER people_names_delete AFTER DELETE ON people BEGIN {remove} END")
    op.execute(
        "CREATE TRIGGER people_names_update AFTER UPDATE OF name_key, name_initials, org_path ON people "
        f"BEGIN {remove} {add} END"
    )
    op.execute(f"INSERT INTO people_names (rowid, tokens) SELECT people.id, {row} FROM people")


def downgrade() -> None:
    """Back to the one before."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_people_names")
        op.execute("DROP FUNCTION people_name_tokens(text, text, text)")
        return
    for verb in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER people_names_{verb}")
    op.execute("DROP TABLE people_names")
