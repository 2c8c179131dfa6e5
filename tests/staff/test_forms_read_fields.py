"""No form changes what it has no field for: none is taken whole, and a column's name sent along changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Request
from sqlalchemy import select
from werkzeug.datastructures import ImmutableMultiDict

from app.catalogue.models import Run
from app.drops.models import Drop
from app.kernel.db import Database, reading
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat
from tests.staff.test_roles import DEED_OF, FIRST, address, ids, rules

# These look through the names of a form: for those of its rows that have a number, or to send the same form along once more.
ROW_BY_ROW = {"shipping_many", "order_refund_check"}
TAKEN: list[str] = []


class Watched(ImmutableMultiDict[str, Any]):
    """A form that notes when somebody takes all of it at once."""

    def items(self, multi: bool = False) -> Iterator[tuple[str, Any]]:  # type: ignore[override]  # as werkzeug has it
        TAKEN.append("items")
        return super().items(multi)

    def to_dict(self, flat: bool = True) -> dict[str, Any]:  # type: ignore[override]  # as werkzeug has it
        TAKEN.append("to_dict")
        return super().to_dict(flat)


@pytest.fixture
def watched(app: Flask) -> Flask:
    """The shop, with forms that note it."""

    class Asked(Request):
        parameter_storage_class = Watched  # type: ignore[assignment]  # of its kind

    app.request_class = Asked
    return app


def test_no_form_is_taken_whole(watched: Flask, shelf: Shelf, owner: Seat) -> None:
    whole: dict[str, int] = {}
    for name, _method, rule in rules(watched, changing=True):
        path = address(watched, rule, {**ids(shelf, 1), **FIRST})
        if path is None or name == "sign_out":
            continue
        TAKEN.clear()
        answer = owner.client.post(path, data={"csrf_token": owner.token, "label": "0", "id": "99", "label_id": "99"})
        if TAKEN and answer.status_code < 400:  # a refused form is shown again as it was typed
            whole[name] = len(TAKEN)
    assert set(whole) <= ROW_BY_ROW
    assert len(DEED_OF) > 100


def test_a_columns_name_changes_nothing(db: Database, shelf: Shelf, owner: Seat) -> None:
    with reading(db) as session:
        before = [(row.id, row.label_id, row.published_at, row.closed_at, row.created_at) for row in session.scalars(select(Drop))]
        runs = [(row.id, row.release_id, row.pressed_at, row.edition_size) for row in session.scalars(select(Run))]
    sent = {
        "id": "99", "label_id": "99", "published_at": "2001-01-01T00:00", "closed_at": "2001-01-01T00:00", "release_id": "99",
        "created_at": "2001-01-01T00:00", "pressed_at": "", "edition_size": "1", "title": "Other words",
    }  # fmt: skip
    for path in (f"/staff/drops/{shelf.draft}", f"/staff/runs/{shelf.run}", f"/staff/releases/{shelf.release}"):
        owner.client.post(path, data={"csrf_token": owner.token, **sent})
    with reading(db) as session:
        assert before == [
            (row.id, row.label_id, row.published_at, row.closed_at, row.created_at) for row in session.scalars(select(Drop))
        ]
        assert runs == [(row.id, row.release_id, row.pressed_at, row.edition_size) for row in session.scalars(select(Run))]
