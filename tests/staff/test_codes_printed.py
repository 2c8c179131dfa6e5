"""Recovery codes can be printed, and the sheet says whose they are, of which shop, and since when."""

from flask import Flask

from app.kernel.db import Database
from tests.staff.conftest import Shelf
from tests.staff.door import EMAIL, enrolled, make_sam
from tests.staff.seat import words


def test_the_sheet_says_whose_they_are(app: Flask, db: Database, shelf: Shelf) -> None:
    seat, codes = enrolled(app, db, make_sam(db, shelf.label))
    answer = seat.post("/staff/me/codes")
    said = words(answer)
    for part in (EMAIL, "http://runout-tests", "Tinsel Tapes", "27 November 2026"):
        assert part in said, part
    assert not set(codes) & set(said.split())  # they are new ones
    button = answer.get_data(as_text=True).partition("data-print")
    assert button[1]
    assert " hidden" in button[2].partition(">")[0]  # a script shows it, as only a script can print
