"""The index of names: it holds the files that were there before it, and follows every change of one."""

import sqlalchemy as sa
from sqlalchemy import Connection

from tests.migrations.rows import add_row

PEOPLE = sa.table("people", sa.column("id"), sa.column("name_key"), sa.column("org_path"), sa.column("name_initials"))
ROOT, BRANCH, ELSEWHERE = "00001", "0000100002", "0000100003"


def before(connection: Connection) -> None:
    """One file, written while names had no index."""
    add_row(connection, "organisations", id=1, path=ROOT, public_id="root")
    place = {"organisation_id": 1, "org_path": BRANCH}
    add_row(connection, "people", id=1, name_key="欧阳晓春", name_initials="oyxc", public_id="p1", **place)


def after(connection: Connection) -> None:
    """It is found by a piece of its name, by its sound and by its place, and stays found when it changes."""
    assert held(connection, "阳晓", f"0{BRANCH}") == held(connection, "1yx") == held(connection, "春") == [1]
    assert held(connection, "阳春") == held(connection, f"0{ELSEWHERE}") == []
    connection.execute(sa.update(PEOPLE).values(name_key="林晓春", org_path=ELSEWHERE))
    assert held(connection, "林晓", f"0{ELSEWHERE}") == [1]
    assert held(connection, "阳晓") == held(connection, f"0{BRANCH}") == []
    connection.execute(sa.update(PEOPLE).values(name_key="欧阳晓春", org_path=BRANCH))


def back(connection: Connection) -> None:
    """The file is as it was, and can be written without an index."""
    assert connection.execute(sa.select(PEOPLE.c.name_key, PEOPLE.c.org_path)).all() == [("欧阳晓春", BRANCH)]
    connection.execute(sa.update(PEOPLE).values(name_key="欧阳晓春"))


def held(connection: Connection, *tokens: str) -> list[int]:
    """Ids of the files that have all ``tokens``."""
    if connection.dialect.name == "postgresql":
        of_row = sa.func.people_name_tokens(PEOPLE.c.name_key, PEOPLE.c.name_initials, PEOPLE.c.org_path)
        wanted = sa.cast(list(tokens), sa.dialects.postgresql.ARRAY(sa.Text))
        query = sa.select(PEOPLE.c.id).where(of_row.op("@>")(wanted))
    else:
        query = sa.text("SELECT rowid FROM people_names WHERE people_names MATCH :wanted").bindparams(
            wanted=" AND ".join(f'"{token}"' for token in tokens)
        )
    return list(connection.scalars(query))
