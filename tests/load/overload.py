"""Bad evenings, one after the other: slow heads, slow bodies, a thousand silent lines, readers who do not read, ten
times as many people. Others come meanwhile; a ledger tells what was acknowledged, a clock when answers were as quick as before.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from tests.faults.server import Instance, Server
from tests.load.browser import Browser, NoAnswer
from tests.load.evening import Evening, compare, prepare, spread
from tests.load.people import Person

USUAL = 4.0
"""People a second who come at any time, whatever else happens."""
CALM, RECOVERY = 10.0, 30.0
"""Seconds before; within how many seconds after its end an evening must be as before (R21)."""
PROBED_EVERY = 0.25
SETTLED = 8
"""So many probes in a row must be well for all to be as before."""
SERVED, ANSWERED = (200,), (200, 429, 503)
QUICK = "answers as quick as before after, s"
"""Judged. When nobody stands in line any more is told beside it: those in line are served in turn, by as much as the
machine can do."""
HEAD = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"


class Weather(Evening):
    """People who come, and a probe that asks for a page of 青春家园 as one who has just arrived."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.probes: list[tuple[float, float, int]] = []
        self.unpolite = 0

    async def probe(self) -> None:
        """Ask again and again. Noted: when, how long, the status (0: none)."""
        while not self.stop.is_set():
            began, status = time.monotonic(), 0
            with suppress(NoAnswer):
                answer = await Browser(self.port, patience=10).get("/jia/account")
                status = answer.status
                self.unpolite += status >= 500 and not answer.retry_after
            self.probes.append((began, time.monotonic() - began, status))
            await asyncio.sleep(PROBED_EVERY)

    async def usual(self, people: list[Person], tasks: set) -> None:
        """People at the usual rate until told to stop."""
        dice = random.Random("usual")
        while people and not self.stop.is_set():
            await asyncio.sleep(dice.expovariate(USUAL))
            tasks.add(asyncio.create_task(self.live(people.pop(), self.now)))

    def recovered(self, ended: float, normal: float, statuses: tuple[int, ...]) -> float:
        """Seconds after ``ended`` until ``SETTLED`` probes in a row got one of ``statuses`` within ``normal`` seconds."""
        after = [one for one in self.probes if one[0] >= ended]
        for at in range(len(after) - SETTLED + 1):
            if all(status in statuses and seconds <= normal for _, seconds, status in after[at : at + SETTLED]):
                return max(after[at][0] - ended, 0.0)
        return float("inf")


async def lines(port: int, number: int, said: bytes, drop: bytes, every: float, stop: asyncio.Event) -> None:
    """``number`` connections that say ``said`` and then ``drop`` again and again; hung up on, they come anew."""

    async def one() -> None:
        while not stop.is_set():
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(said)
                while not stop.is_set() and not reader.at_eof():
                    writer.write(drop)
                    await writer.drain()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(1 if drop else 65536), every)
                writer.close()

    await asyncio.gather(*(one() for _ in range(number)))


async def unread(port: int, number: int, stop: asyncio.Event) -> None:
    """Connections that ask for pages one behind the other and read no answer."""
    pages = b"GET /help HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\n\r\n" * 40

    async def one() -> None:
        while not stop.is_set():
            with suppress(OSError, TimeoutError):
                _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
                writer.write(pages)
                await asyncio.wait_for(stop.wait(), 10)
                writer.close()

    await asyncio.gather(*(one() for _ in range(number)))


Trouble = Callable[[Weather, list[Person], set, asyncio.Event], Awaitable[None]]


def troubles(hourly: int) -> dict[str, Trouble]:
    """What may happen, by name."""

    async def surge(weather: Weather, people: list[Person], tasks: set, stop: asyncio.Event) -> None:
        dice = random.Random("surge")
        while people and not stop.is_set():
            await asyncio.sleep(dice.expovariate(hourly / 360))
            tasks.add(asyncio.create_task(weather.live(people.pop(), weather.now)))

    return {
        "slow heads": lambda w, _p, _t, stop: lines(w.port, 200, HEAD, b"X-Slow: 1\r\n", 0.5, stop),
        "slow bodies": lambda w, _p, _t, stop: lines(
            w.port, 200, HEAD + b"Content-Length: 10000\r\n\r\n", b"phone=1&", 0.5, stop
        ),
        "silent lines": lambda w, _p, _t, stop: lines(w.port, 1000, b"", b"", 5, stop),
        "unread answers": lambda w, _p, _t, stop: unread(w.port, 100, stop),
        "ten times as many": surge,
    }


async def play(weather: Weather, trouble: Trouble, people: list[Person], seconds: float) -> dict[str, float]:
    """Calm, the trouble for so long, and what comes after until all is as before."""
    tasks: set[asyncio.Task[None]] = set()
    others = [asyncio.create_task(weather.probe()), asyncio.create_task(weather.usual(people, tasks))]
    await asyncio.sleep(CALM)
    normal = max(2 * spread([one[1] for one in weather.probes])["p95"] / 1000, 0.3)
    stop, began = asyncio.Event(), time.monotonic()
    happening = asyncio.create_task(trouble(weather, people, tasks, stop))
    await asyncio.sleep(seconds)
    stop.set()
    ended = time.monotonic()
    await asyncio.wait([happening], timeout=15)
    while weather.recovered(ended, normal, SERVED) == float("inf") and time.monotonic() - ended < RECOVERY * 8:
        await asyncio.sleep(0.5)
    weather.stop.set()
    await asyncio.gather(*others)
    await asyncio.wait(tasks)
    meanwhile = [one for one in weather.probes if began <= one[0] < ended]
    return {
        QUICK: round(weather.recovered(ended, normal, ANSWERED), 1),
        "nobody in line after, s": round(weather.recovered(ended, normal, SERVED), 1),
        "normal, ms": round(normal * 1000),
        "probes meanwhile": len(meanwhile),
        "of these served": sum(1 for one in meanwhile if one[2] == 200),
        "refused politely": sum(1 for one in meanwhile if one[2] in (429, 503)),
        "without an answer": sum(1 for one in meanwhile if not one[2]),
        **{f"probe {name}, ms": value for name, value in spread([one[1] for one in meanwhile]).items()},
        "5xx without Retry-After": weather.unpolite,
    }


def one_evening(name: str, trouble: Trouble, count: int, seconds: float) -> tuple[bool, dict[str, object]]:
    """``name`` against a fresh server. Prints what became of it; returns whether nothing was lost and all came back."""
    with tempfile.TemporaryDirectory(prefix="overload-") as folder:
        settings = {"LOG_LEVEL": "WARNING", "SESSION_IDLE_MINUTES": "600"}
        instance = Instance(Path(folder) / "instance", os.environ.get("DATABASE_URL", ""), settings)
        instance.flask("init")
        people = prepare(instance, count)
        server = Server(instance).start()
        weather = Weather(server.port)
        try:
            met = asyncio.run(play(weather, trouble, people, seconds))
        finally:
            server.stop()
        found = compare(instance, weather)
    say(f"\n{name}, {seconds:.0f} s; load of the machine {os.getloadavg()[0]:.1f}")
    for word, figure in met.items():
        say(f"  {word:36} {figure}")
    say(f"  {'people':36} {dict(sorted(weather.now.counts.items()))}")
    say(f"  {'first click to answer':36} {spread(weather.now.served)}")
    say(f"  {'ledger':36} " + ", ".join(f"{number} {word}" for word, number in found.items()))
    late = met[QUICK] > RECOVERY
    well = not (found["lost"] or found["twice"] or late or met["5xx without Retry-After"])
    say(f"  {'verdict':36} {'well' if well else 'MISSED'}")
    return well, {**met, "ledger": found, "people": dict(weather.now.counts)}


def say(line: str) -> None:
    """Print it now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run them. Returns 1 when something was lost or did not come back in time."""
    known = list(troubles(0))
    parser = argparse.ArgumentParser(prog="scripts/overload", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=known, default=known, help="these evenings alone")
    parser.add_argument("--seconds", type=float, default=30, help="of each but the last (30)")
    parser.add_argument("--surge", type=float, default=120, help="seconds of ten times as many (120)")
    parser.add_argument("--hourly", type=int, default=50_000, help="people in an hour; ten times as many (50000)")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args(arguments)
    told, well = {}, True
    for name in options.only:
        surges = name == known[-1]
        seconds = options.surge if surges else options.seconds
        count = int((seconds + 300) * USUAL + (seconds * options.hourly / 360 if surges else 0)) + 50
        fine, told[name] = one_evening(name, troubles(options.hourly)[name], count, seconds)
        well = well and fine
    if options.json:
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=1))
    return not well


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
