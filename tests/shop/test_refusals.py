"""Every no has its own page: the right status, plain words, and one thing to do next."""

import pytest
from flask import Flask

from app.inventory.models import Hold
from app.kernel import errors
from app.kernel.db import Database
from app.kernel.errors import Refusal
from tests.builders import open_drop, take_some
from tests.shop.looking import drop_in_state, look
from tests.shop.shopper import Shopper

NEXT = {
    errors.NotOpenYet: (403, "Not open yet.", 'href="/drops/night"', "Wait at the drop"),
    errors.Closed: (403, "This drop is over.", 'href="/"', "See what is coming"),
    errors.Paused: (403, "Paused.", 'href="/drops/night"', "Wait at the drop"),
    errors.SoldOut: (409, "Too late by a moment.", 'href="/drops/night"', "Watch the drop"),
    errors.OverLimit: (409, "That is more than one fan may have.", 'href="/drops/night"', "Choose fewer"),
    errors.PriceChanged: (409, "The total has changed.", 'href="/holds/', "See the new total"),
    errors.Paying: (409, "You are paying.", '/stop-paying"', "Stop the payment"),
    errors.HoldLapsed: (410, "The time is over.", 'href="/drops/night"', "See what is left"),
    errors.CannotPostThere: (422, "We cannot post there.", 'href="/holds/', "Choose another address"),
    errors.NotFound: (404, "Nothing here.", 'href="/"', "To the shop front"),
    errors.TooMany: (429, "One moment.", 'href="/"', "To the shop front"),
    errors.Unavailable: (503, "Not right now.", 'href="/"', "To the shop front"),
    errors.Conflict: (409, "That is no longer possible.", 'href="/"', "To the shop front"),
    errors.Forbidden: (403, "Not allowed.", 'href="/"', "To the shop front"),
    errors.BadInput: (422, "Please look at the form again.", 'href="/drops/night"', "Back to the drop"),
    errors.AlreadyShipped: (409, "Already shipped.", 'href="/"', "To the shop front"),
}
ABOUT_A_HOLD = {errors.PriceChanged, errors.Paying, errors.CannotPostThere}


def refused(app: Flask, refusal: Refusal, path: str = "/") -> tuple[int, str]:
    """The page that a refusal makes."""
    with app.test_request_context(path):
        answer = app.make_response(app.handle_user_exception(refusal))
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.parametrize("kind", list(NEXT))
def test_each_has_its_page(app: Flask, kind: type[Refusal]) -> None:
    status, headline, address, verb = NEXT[kind]
    context: dict[str, object] = {"hold": Hold(id=7, generation=1)} if kind in ABOUT_A_HOLD else {}
    if "night" in address:
        context["drop"] = "night"
    got, page = refused(app, kind("What, why, what now.", **context))
    assert got == status
    assert headline in page
    assert "What, why, what now." in page
    assert address in page
    assert verb in page


@pytest.mark.parametrize("kind", list(NEXT))
def test_each_works_without_any_context(app: Flask, kind: type[Refusal]) -> None:
    status, page = refused(app, kind("What now."))
    assert status == kind.status
    assert 'class="verb' in page


@pytest.mark.parametrize("kind", list(NEXT))
def test_the_desk_is_led_back_to_the_desk(app: Flask, kind: type[Refusal]) -> None:
    if kind in {errors.NotFound, errors.Conflict, errors.Forbidden, errors.AlreadyShipped}:
        assert 'href="/staff/"' in refused(app, kind("No."), "/staff/orders")[1]


def test_what_people_typed_is_escaped(app: Flask) -> None:
    assert "<script>alert" not in refused(app, errors.NotFound("<script>alert(1)</script>", drop='"><script>alert(2)</script>'))[1]


@pytest.mark.parametrize(
    ("state", "status", "headline"),
    [
        ("announced", 403, "Not open yet."),
        ("about-to-open", 403, "Not open yet."),
        ("paused", 403, "Paused."),
        ("closed", 403, "This drop is over."),
        ("all-held", 409, "Too late by a moment."),
        ("sold-out", 409, "Too late by a moment."),
    ],
)
def test_a_click_on_a_drop_that_does_not_sell(app: Flask, db: Database, state: str, status: int, headline: str) -> None:
    slug = drop_in_state(db, state)
    before = look(app, f"/drops/{slug}/live").json["runs"]
    answer = app.test_client().post(f"/drops/{slug}/holds", data={"run": "run-1", "quantity": "1"})
    assert answer.status_code == status
    assert headline in answer.text
    assert "Set-Cookie" not in answer.headers
    assert look(app, f"/drops/{slug}/live").json["runs"] == before


def test_fewer_are_left(app: Flask, db: Database) -> None:
    drop_id, run_id = open_drop(db, size=3)
    take_some(db, drop_id, {run_id: 2})
    answer = app.test_client().post("/drops/drop-1/holds", data={"run": "run-1", "quantity": "2"})
    assert answer.status_code == 409
    assert "Fewer are left." in answer.text
    assert "Only one copy is free right now." in answer.text


def test_stop_paying_leads_to_the_hold(selling: Flask, db: Database, ada: Shopper) -> None:
    open_drop(db, size=3)
    hold = ada.take(1)
    ada.press_pay(hold)
    answer = ada.client.post("/drops/drop-1/holds", data={"run": "run-1", "quantity": "2"})
    assert answer.status_code == 409
    assert f'action="{hold}/stop-paying"' in answer.text


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/nowhere", "GET", 404), ("/imprint", "POST", 405), ("/healthz", "DELETE", 405)]
)
def test_addresses_that_are_none(app: Flask, db: Database, path: str, method: str, status: int) -> None:
    answer = app.test_client().open(path, method=method)
    assert answer.status_code == status
    assert 'class="verb' in answer.text
