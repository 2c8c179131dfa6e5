"""What nobody should send, to every address of buying: always a clear refusal, never a fault of ours.

Where the list of bad inputs has a number, it is in the test's words; B01, B05, B07, B19 are in test_taking.py, B09, B17, B21,
B36, B38 in test_buying.py, B11 in test_holds.py, B22 to B32 in test_webhooks.py, B63 in test_orders.py.
"""

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.db import Database
from tests.builders import open_drop
from tests.shop.shopper import JSON
from tests.shop.test_taking import post

WAYS = ("details", "checkout", "put-back", "stop-paying")
FIELDS = ("email", "country", "postage", "note", "shown", "run", "quantity", "name", "line1")
ANYTHING = st.dictionaries(st.sampled_from(FIELDS), st.lists(st.text(max_size=60), min_size=1, max_size=2), max_size=6)


@pytest.mark.parametrize(
    "body", [b"\xff\xfe=\x80", b"email=%ff%fe&country=%00", b"shown=%F0%9F%98%80", b"&&&=&=", b"%", b"a" * 60_000]
)
@pytest.mark.parametrize("way", WAYS)
def test_broken_bodies(client: FlaskClient, db: Database, way: str, body: bytes) -> None:
    open_drop(db)
    hold = post(client).headers["Location"]
    for kind in (
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
        "text/plain",
        "x" * 3000,
    ):
        answer = client.post(f"{hold}/{way}", data=body, content_type=kind)
        assert answer.status_code in {200, 303, 400, 409, 410, 413, 415, 422, 503}, (kind, answer.text)
    answer = client.post("/drops/drop-1/holds", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/drops/drop-1/holds", "/orders/find", "{hold}/details", "{hold}/checkout"])
def test_bodies_that_are_too_large(client: FlaskClient, db: Database, path: str) -> None:
    open_drop(db)
    hold = post(client).headers["Location"]
    answer = client.post(path.format(hold=hold), data={"note": "x" * 70_000})
    assert answer.status_code == 413
    assert client.post(path.format(hold=hold), data={f"f{n}": "x" for n in range(300)}).status_code in {413, 422, 303}


@pytest.mark.parametrize(
    "path", ["/drops/drop-1/holds", "{hold}/details", "{hold}/checkout", "{hold}/put-back", "{hold}/stop-paying", "/orders/find"]
)
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}])
def test_posts_of_other_sites(client: FlaskClient, db: Database, path: str, headers: dict[str, str]) -> None:
    """B56."""
    open_drop(db)
    hold = post(client).headers["Location"]
    answer = client.post(path.format(hold=hold), data={"run": "run-1", "quantity": "3"}, headers={**headers, **JSON})
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert len(client.get(hold, headers=JSON).json["copies"]) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_deed_is_no_link(client: FlaskClient, db: Database, way: str) -> None:
    open_drop(db)
    hold = post(client).headers["Location"]
    assert client.get(f"{hold}/{way}").status_code == 405
    assert client.delete(hold).status_code == 405
    assert client.get("/webhooks/stripe").status_code == 405
    assert client.get(hold, headers=JSON).json["state"] == "active"


def test_there_is_no_way_to_prolong_a_hold(client: FlaskClient, db: Database) -> None:
    """B09."""
    open_drop(db)
    hold = post(client).headers["Location"]
    assert client.post(f"{hold}/extend").status_code == 404


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=ANYTHING, way=st.sampled_from(WAYS[:2]), as_json=st.booleans())
def test_whatever_a_form_holds(client: FlaskClient, db: Database, form: dict[str, list[str]], way: str, as_json: bool) -> None:
    if client.get_cookie("fan") is None:
        open_drop(db)
        post(client)
    hold = client.get("/holds").headers["Location"]
    form = {name: [value.encode("utf-8", "replace").decode() for value in values] for name, values in form.items()}
    answer = client.post(f"{hold}/{way}", data=form, headers=JSON if as_json else {})
    assert answer.status_code in {200, 202, 303, 409, 422, 503}
    taken = client.post("/drops/drop-1/holds", data=form)
    assert taken.status_code == 422
