"""`python -m bench`: the drop against its floors; one table at the end, and a file. Exit code 1 when a gate fails."""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.fans import Fans, NoCompiler
from bench.flame import Flames
from bench.growth import Growth
from bench.lists import Lists
from bench.nginx import NoNginx
from bench.report import Row, failed, lines, write
from bench.rig import POSTGRES, SQLITE
from bench.run import SHORT, WHOLE, Run
from bench.say import say
from bench.scale import PARTS as STEPS
from bench.scale import Scale
from bench.soak import Soak
from tests.postgres import NoPostgres

KINDS = (SQLITE, POSTGRES)
Found = tuple[list[Row], dict[str, Any]]


def main(words: list[str] | None = None) -> int:
    """Run; 0 when every gate was passed, 1 when one was not, 2 when something is missing here."""
    given = _parser().parse_args(words)
    kinds = (given.on,) if given.on else KINDS
    say(f"seed {given.seed} (SEED={given.seed} repeats this run's arrivals)")
    begun = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything that was started is ended
    with tempfile.TemporaryDirectory(prefix="runout-bench-") as folder:
        try:
            rows, more = PARTS[given.part](given, kinds, Path(folder))
        except (NoCompiler, NoNginx, NoPostgres) as missing:
            print(missing, file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            return 130
    took = time.monotonic() - begun
    print("\n".join(lines(rows, took)))
    write(given.json or Path("build") / f"{given.part}.json", given.seed, took, rows, more)
    return int(failed(rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=tuple(PARTS), default="bench")
    parser.add_argument("--short", action="store_true", help="bench in about two minutes")
    parser.add_argument("--on", choices=KINDS, help="one kind of database only")
    parser.add_argument("--seed", default=os.environ.get("SEED") or str(random.randrange(10**6)))  # noqa: S311 - no secret
    parser.add_argument("--seconds", type=float, default=1200, help="of the soak")
    parser.add_argument("--orders", type=int, default=1_000_000, help="of the past, for growth")
    parser.add_argument("--only", action="append", choices=tuple(STEPS), default=[], help="a part of scale; may be given again")
    parser.add_argument("--json", type=Path)
    return parser


def _bench(given: argparse.Namespace, kinds: tuple[str, ...], home: Path) -> Found:
    minutes = 2 if given.short else 10
    say(f"rates beside their floors, drops, orders, a slow disk; on {' and then on '.join(kinds)}: about {minutes} minutes")
    run = Run(home, given.seed, SHORT if given.short else WHOLE)
    run.all(kinds)
    return run.rows, run.more


def _growth(given: argparse.Namespace, kinds: tuple[str, ...], home: Path) -> Found:
    say(
        f"more copies, drops, orders and processes; on {' and then on '.join(kinds)}: about 15 minutes, most of them to make orders"
    )
    growth = Growth(home, Fans(home), (1_000, given.orders))
    growth.all(kinds)
    return growth.rows + _lists(given, kinds, home)[0], {}


def _lists(given: argparse.Namespace, kinds: tuple[str, ...], home: Path) -> Found:
    say(f"the desk's lists with very many orders; on {' and then on '.join(kinds)}: about five minutes")
    lists = Lists(home, Fans(home), min(given.orders, 100_000))
    lists.all(kinds)
    return lists.rows, {}


def _soak(given: argparse.Namespace, kinds: tuple[str, ...], home: Path) -> Found:
    say(f"drop after drop; on {' and then on '.join(kinds)}: {given.seconds / 60:.0f} minutes")
    soak = Soak(home, Fans(home), given.seed)
    soak.all(kinds, given.seconds)
    return soak.rows, soak.more


def _scale(given: argparse.Namespace, kinds: tuple[str, ...], home: Path) -> Found:
    del kinds
    say("two machines on one PostgreSQL, nginx in front of a shop, SQLite beside PostgreSQL: about eight minutes")
    scale = Scale(home, Fans(home), given.seed)
    scale.all(given.only)
    return scale.rows, scale.more


def _flame(_given: argparse.Namespace, kinds: tuple[str, ...], home: Path) -> Found:
    folder = Path("build") / "flames"
    say(f"where the time goes, drawn into {folder}; on {' and then on '.join(kinds)}: about two minutes")
    flames = Flames(home, Fans(home), folder)
    flames.all(kinds)
    return flames.rows, {}


PARTS: dict[str, Callable[[argparse.Namespace, tuple[str, ...], Path], Found]] = {
    "bench": _bench, "growth": _growth, "lists": _lists, "soak": _soak, "flame": _flame, "scale": _scale,
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
