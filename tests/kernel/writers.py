"""A process with several writing threads, for the test of the writer line: prints what each of them managed."""

import json
import sys
import threading
import time

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app.kernel.db.engine import configure
from app.kernel.db.unit import writing


def main(url: str, threads: int, seconds: float) -> None:
    """Write for so long, in so many threads."""
    engine = create_engine(url)
    configure(engine)
    results: list[dict[str, float | str]] = []

    def write() -> None:
        done, longest, end = 0, 0.0, time.monotonic() + seconds
        with Session(engine) as session:
            while (begun := time.monotonic()) < end:
                try:
                    with writing(session):
                        session.execute(text("UPDATE tally SET value = value + 1"))
                except Exception as error:  # noqa: BLE001
                    results.append({"error": f"{type(error).__name__}: {error}"})
                    return
                done += 1
                longest = max(longest, time.monotonic() - begun)
        results.append({"done": done, "longest": longest})

    running = [threading.Thread(target=write) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
