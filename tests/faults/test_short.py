"""The short form of `make faults`: a few rows at a small scale. The whole is run by hand and before a version."""

from pathlib import Path

import pytest

from faults.rows import ROWS
from faults.run import CAUGHT, HELD, Runner

SHORT = {"F14": HELD, "F15d": HELD, "F26b": CAUGHT}


@pytest.mark.parametrize("id_", SHORT)
def test_a_row(id_: str, tmp_path: Path) -> None:
    row = next(row for row in ROWS if row.id == id_)
    with Runner(tmp_path, seed="1", scale=0.3) as runner:
        result = runner.run(row)
    assert (result.verdict, result.problems) == (SHORT[id_], [])
