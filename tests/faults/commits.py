"""Commits without end, each written down when it has returned: `python -m tests.faults.commits DATABASE LEDGER [MODE]`.

They go through the product's own engine and its own writing. MODE: another `synchronous` than the product's, for the
test that must lose something.
"""

import sys
from pathlib import Path

from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from app.kernel.db.engine import configure
from app.kernel.db.unit import writing


def main(database: str, ledger: str, mode: str = "") -> None:
    """Begin behind what is there."""
    engine = create_engine(f"sqlite:///{database}")
    configure(engine)
    if mode:
        for pragma in (f"synchronous={mode}", "wal_autocheckpoint=0"):
            event.listen(engine, "connect", lambda made, _record, pragma=pragma: made.execute(f"PRAGMA {pragma}"))
    with Session(engine) as session, Path(ledger).open("a", encoding="ascii") as written:
        number = session.scalar(text("SELECT coalesce(max(number), 0) FROM kept"))
        while True:
            number += 1
            with writing(session):
                session.execute(
                    text("INSERT INTO kept (number, words) VALUES (:n, hex(randomblob(1500)))"), {"n": number}
                )
            written.write(f"{number}\n")
            written.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
