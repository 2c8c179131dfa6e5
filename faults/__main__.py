"""`python -m faults`: every row, or those that are named, then one table; exit code 1 when something did not hold."""

import argparse
import json
import os
import platform
import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from faults.history import clock
from faults.rows import ROWS
from faults.run import Result, run_all
from faults.table import lines


def main(words: list[str] | None = None) -> int:
    """Run; 0 when every row held and every control was caught, 1 otherwise, 2 when a row is not known."""
    parser = argparse.ArgumentParser("python -m faults", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="such as F05; every row when none is named")
    parser.add_argument("--seed", default=os.environ.get("SEED") or str(random.randrange(10**6)))  # noqa: S311 - no secret
    parser.add_argument("--scale", type=float, default=1.0, help="of everything that lasts")
    parser.add_argument("--json", type=Path, default=Path("build/faults.json"))
    given = parser.parse_args(words)
    unknown = [id_ for id_ in given.rows if not any(row.id.startswith(id_) for row in ROWS)]
    if unknown:
        parser.error(f"there is no row {', '.join(unknown)}; there are {', '.join(row.id for row in ROWS)}")
    wanted = [row for row in ROWS if not given.rows or any(row.id.startswith(id_) for id_ in given.rows)]
    print(f"seed {given.seed} (SEED={given.seed} repeats this run)", flush=True)
    begun = clock()
    with tempfile.TemporaryDirectory(prefix="runout-faults-") as folder:
        results = run_all(wanted, Path(folder), given.seed, given.scale)
    took = clock() - begun
    print("\n".join(lines(results, took)))
    _write(given.json, given.seed, took, results)
    return int(any(result.verdict == "FAILED" for result in results))


def _write(file: Path, seed: str, took: float, results: list[Result]) -> None:
    box = {"cpus": os.cpu_count(), "machine": platform.machine(), "system": platform.system(), "python": platform.python_version()}
    whole = {"seed": seed, "at": datetime.now(UTC).isoformat(timespec="seconds"), "box": box, "seconds": round(took)}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**whole, "rows": [result.as_json() for result in results]}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
