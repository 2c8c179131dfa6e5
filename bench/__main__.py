"""`python -m bench`: the drop against its floors; one table at the end, and a file. Exit code 1 when a gate fails."""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from bench.fans import NoCompiler
from bench.report import failed, lines, write
from bench.rig import POSTGRES, SQLITE
from bench.run import SHORT, WHOLE, Run
from bench.say import say
from tests.postgres import NoPostgres

KINDS = (SQLITE, POSTGRES)


def main(words: list[str] | None = None) -> int:
    """Run; 0 when every gate was passed, 1 when one was not, 2 when something is missing here."""
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="in two minutes")
    parser.add_argument("--on", choices=KINDS, help="one kind of database only")
    parser.add_argument("--seed", default=os.environ.get("SEED") or str(random.randrange(10**6)))  # noqa: S311 - no secret
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"))
    given = parser.parse_args(words)
    kinds = (given.on,) if given.on else KINDS
    say(f"seed {given.seed} (SEED={given.seed} repeats this run's arrivals)")
    say(f"rates beside their floors, then drops, on {' and then on '.join(kinds)}: about {2 if given.short else 10} minutes")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="runout-bench-") as folder:
        try:
            run = Run(Path(folder), given.seed, SHORT if given.short else WHOLE)
            run.all(kinds)
        except (NoCompiler, NoPostgres) as missing:
            print(missing, file=sys.stderr)
            return 2
    took = time.monotonic() - begun
    print("\n".join(lines(run.rows, took)))
    write(given.json, given.seed, took, run.rows, run.more)
    return int(failed(run.rows))


if __name__ == "__main__":
    sys.exit(main())
