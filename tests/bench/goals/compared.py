"""P17: how much dearer a page is over more files. P21: one database beside the other."""

from collections.abc import Iterator

from tests.bench.results import Row, compared

GROWTH = {"search": 2.0, "approve": 1.5, "application": 1.5}
"""First word of a row's name → the most it may grow from the smallest province to the largest; 1.1 for the others."""
OTHERS = 1.1
GROWING = ("P1", "P4", "P5", "P6", "P7", "P9", "P10")
BESIDE = 1.5


@compared
def growth(rows: list[Row]) -> Iterator[Row]:
    """The ratio to the floor in the largest province against that in the smallest."""
    sizes = sorted({row.people for row in rows})
    if len(sizes) < 2:
        return
    known = {row.key: row for row in rows}
    for row in rows:
        small = known.get((row.name, row.database, sizes[0]))
        if row.people != sizes[-1] or row.goal not in GROWING or row.unit != "ms" or small is None or row.target <= 1:
            continue
        target = GROWTH.get(row.name.split(maxsplit=1)[0].rstrip(","), OTHERS)
        name = f"{row.name}, {sizes[-1]:,} files ÷ {sizes[0]:,}"
        yield Row(name, "P17", row.database, row.people, row.ratio, small.ratio, target, "ratio")


@compared
def databases(rows: list[Row]) -> Iterator[Row]:
    """PostgreSQL beside the embedded database, in processor time of server and database together."""
    known = {row.key: row for row in rows}
    for row in rows:
        embedded = known.get((row.name, "sqlite", row.people))
        if row.database != "postgresql" or row.goal not in GROWING or row.target <= 1 or embedded is None:
            continue
        name = f"{row.name}, PostgreSQL ÷ SQLite"
        yield Row(name, "P21", row.database, row.people, row.ratio, embedded.ratio, BESIDE, "ratio")
