"""What runs and copies are called where they stand in a line, and that what is read there can be typed to find them."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Format, Release, Run
from app.inventory.models import Copy
from app.kernel.db import Database, transaction
from app.reports import finding
from app.reports.run_names import SomeCopies, copy_names, names, said
from tests.builders import make_label, make_release, make_run


def _release(session: Session, *runs: tuple[Format, str], pressed: bool = True) -> list[int]:
    """A release with these runs; their ids."""
    release = make_release(session, make_label(session))
    return [_run(session, release, *each, pressed=pressed) for each in runs]


def _run(session: Session, release: Release, format_: Format, title: str, *, pressed: bool = True) -> int:
    run = make_run(session, release, pressed=pressed)
    run.format, run.title = format_, title
    session.flush()
    return run.id


TAPE, RED, ZINE = (Format.CASSETTE, "100 clear"), (Format.CASSETTE, "20 red"), (Format.ZINE, "40 pages")


@pytest.mark.parametrize(
    ("runs", "called"),
    [
        ([TAPE], ["TAPE-001"]),
        ([TAPE, ZINE], ["TAPE-001 cassette", "TAPE-001 zine"]),
        ([TAPE, RED], ["TAPE-001 “100 clear”", "TAPE-001 “20 red”"]),
        ([TAPE, RED, ZINE], ["TAPE-001 “100 clear”", "TAPE-001 “20 red”", "TAPE-001 “40 pages”"]),
        ([TAPE, TAPE], ["run-1", "run-2"]),
    ],
)
def test_runs_of_one_release_are_told_apart(db: Database, runs: list[tuple[Format, str]], called: list[str]) -> None:
    with transaction(db) as session:
        ids = _release(session, *runs)
        assert names(session, ids) == dict(zip(ids, called, strict=True))
        assert names(session, ids[:1]) == {ids[0]: called[0]} | dict(zip(ids[1:], called[1:], strict=True))


def test_a_run_that_has_no_copies_yet_changes_no_name(db: Database) -> None:
    with transaction(db) as session:
        [tape] = _release(session, TAPE)
        [other] = _release(session, ZINE)
        planned = _run(session, session.get_one(Run, tape).release, *RED, pressed=False)
        assert names(session, [tape, other]) == {tape: "TAPE-001", other: "TAPE-002"}
        assert names(session, [planned])[planned] == "TAPE-001 “20 red”"
        assert names(session, []) == {}


@pytest.mark.parametrize("runs", [[TAPE], [TAPE, ZINE], [TAPE, RED], [TAPE, TAPE]])
def test_what_a_copy_is_called_finds_it(db: Database, runs: list[tuple[Format, str]]) -> None:
    with transaction(db) as session:
        _release(session, *runs)
        for copy_id, called in copy_names(session, session.scalars(select(Copy.id)).all()).items():
            typed = finding.copy_name(called)
            assert typed is not None
            wanted = select(Copy.id).join(Run, Run.id == Copy.run_id).join(Release, Release.id == Run.release_id)
            assert session.scalars(wanted.where(finding.is_copy(typed))).all() == [copy_id], called


def test_copies_in_a_line() -> None:
    tapes, zine, none = SomeCopies("TAPE-019", (17, 18), 100), SomeCopies("ZINE-010", (3,), 40), SomeCopies("CD-001", (), 9)
    assert said([tapes, none, zine]) == "TAPE-019 № 017, 018 · ZINE-010 № 03"
    assert said([none]) == ""
