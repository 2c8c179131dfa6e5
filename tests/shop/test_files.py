"""Files that come with a copy, for who owns one: found on the order's page, taken by a link that ends, gone with the right."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.catalogue import file_store
from app.catalogue.models import FileKind, ReleaseFile
from app.checkout.parts import Choice, Plan
from app.fulfilment import shipping
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Unavailable
from app.orders.models import Order
from app.payments.gateway import Gateway
from app.payments.models import Fate
from app.payments.states import DisputeState, RefundState
from sandbox import LocalStripe
from tests.builders import disputed, give_back, make_release, open_drop
from tests.cast import NOW, SAM, StoppedClock
from tests.giving import copies_of
from tests.shop.shopper import JSON, Shopper, work
from tests.shop.test_orders import bought
from tests.site import make_app

CONTENT = bytes(range(256)) * 400
SUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def selling(db: Database, clock: StoppedClock, gateway: Gateway, tmp_path: Path) -> Flask:
    """The shop with a media folder of its own."""
    return make_app(db, clock, gateway, media_dir=tmp_path)


@pytest.fixture
def ada(selling: Flask, local_stripe: LocalStripe) -> Shopper:
    """Ada, who buys."""
    return Shopper(selling.test_client(), local_stripe)


@pytest.fixture
def order(selling: Flask, ada: Shopper, db: Database, tmp_path: Path) -> str:
    """Ada's paid order of two copies that an album comes with; its path."""
    open_drop(db, size=4)
    put_file(db, tmp_path)
    path = bought(ada, 2)
    work(selling)
    return path


def put_file(db: Database, media: Path, release: int = 1, name: str = "Night Bus, FLAC.zip") -> int:
    """A file that is all here."""
    with transaction(db) as session:
        row = ReleaseFile(
            release_id=release, position=1, name=name, kind=FileKind.ALBUM, file=f"{release:032x}", size=len(CONTENT), sha256=SUM,
            created_at=NOW, whole_at=NOW,
        )  # fmt: skip
        session.add(row)
        session.flush()
        (file_store.prepared(media) / row.file).write_bytes(CONTENT)
        return row.id


def look(who: Shopper, path: str, **more: Any) -> TestResponse:
    """What is answered, read to its end."""
    return who.client.get(path, buffered=True, **more)


def link(ada: Shopper, order: str, file_id: int = 1) -> str:
    """The link that a click on the order's page leads to."""
    answer = look(ada, f"{order}/files/{file_id}")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def downloads(db: Database) -> int:
    with reading(db) as session:
        return session.get_one(ReleaseFile, 1).downloads


def test_the_page_and_its_letters_name_them_and_a_click_brings_them(selling: Flask, ada: Shopper, db: Database, order: str) -> None:
    page = look(ada, order)
    assert f'href="{order}/files/1"' in page.text
    for words in ("Night Bus, FLAC.zip", "The album, 102 kB", SUM):
        assert words in page.text, words
    assert look(ada, order, headers=JSON).json["files"] == [
        {"name": "Night Bus, FLAC.zip", "kind": "album", "size": len(CONTENT), "sha256": SUM, "url": f"{order}/files/1"}
    ]
    got = look(ada, link(ada, order))
    assert (got.status_code, got.data) == (200, CONTENT)
    said = got.headers
    assert said["Content-Disposition"] == 'attachment; filename="Night Bus, FLAC.zip"'
    assert (said["X-Content-Type-Options"], said["Cache-Control"], said["X-Robots-Tag"]) == ("nosniff", "no-store", "noindex")
    assert (said["Content-Type"], said["Accept-Ranges"]) == ("application/octet-stream", "bytes")
    assert look(ada, link(ada, order)).data == CONTENT  # as often as one likes
    assert downloads(db) == 2


def test_the_mail_says_where_they_wait(selling: Flask, ada: Shopper, db: Database, tmp_path: Path) -> None:
    open_drop(db, size=4)
    put_file(db, tmp_path)
    bought(ada)
    [letter] = work(selling)
    for part in (letter.text, letter.html):
        assert "What comes with it waits on your order" in part
        assert "Night Bus, FLAC.zip" in part


def test_before_the_money_is_taken_they_wait(ada: Shopper, db: Database, tmp_path: Path) -> None:
    open_drop(db, size=4)
    put_file(db, tmp_path)
    path = bought(ada)
    assert "To be had here as soon as the money is taken." in look(ada, path).text
    assert look(ada, f"{path}/files/1").status_code == 404


def test_one_that_broke_off_goes_on(ada: Shopper, db: Database, order: str) -> None:
    at = link(ada, order)
    rest = look(ada, at, headers={"Range": "bytes=1000-"})
    assert (rest.status_code, rest.data) == (206, CONTENT[1000:])
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}"
    assert rest.headers["Cache-Control"] == "no-store"
    other = look(ada, at, headers={"Range": "bytes=1000-", "If-Range": '"another file"'})
    assert (other.status_code, other.data) == (200, CONTENT)
    assert look(ada, at, headers={"Range": f"bytes={len(CONTENT)}-"}).status_code == 416
    assert ada.client.head(at, buffered=True).headers["Content-Length"] == str(len(CONTENT))
    assert downloads(db) == 1  # the one from its first byte


def test_a_link_ends_and_cannot_be_made_up(ada: Shopper, ben: Shopper, clock: StoppedClock, order: str) -> None:
    at = link(ada, order)
    file_id, until, token = at.split("/")[2:]
    for wrong in (
        f"/files/2/{until}/{token}",
        f"/files/{file_id}/{int(until) + 9}/{token}",
        f"/files/{file_id}/{until}/1-{'x' * 27}",
    ):
        assert look(ben, wrong).status_code == 404, wrong
    assert look(ben, f"/files/{file_id}/{until}/{order.split('/')[2]}").status_code == 404
    assert look(ben, at).status_code == 200  # who is given the link may use it
    clock.forward(hours=24)
    ended = look(ada, at)
    assert (ended.status_code, "that is over" in ended.text) == (404, True)
    assert look(ada, link(ada, order)).status_code == 200


def test_a_busy_database_keeps_nobody_from_a_file(ada: Shopper, db: Database, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise Unavailable("The shop is very busy.")

    monkeypatch.setattr("app.catalogue.files.count", busy)
    assert look(ada, link(ada, order)).data == CONTENT
    assert downloads(db) == 0


def test_no_public_address_serves_them(ada: Shopper, order: str) -> None:
    for path in (f"/media/{1:032x}", f"/media/files/{1:032x}", f"/media/../files/{1:032x}"):
        assert look(ada, path).status_code == 404, path


def _cancelled(ada: Shopper, _db: Database, order: str) -> None:
    assert ada.client.post(f"{order}/cancel").status_code == 303


def _refunded(count: int) -> Callable[[Shopper, Database, str], None]:
    def refund(_ada: Shopper, db: Database, _order: str) -> None:
        give_back(db, 1, Plan({each: Choice(Fate.PUT_BACK) for each in copies_of(db, 1)[:count]}, whole=count == 2))

    return refund


def _kept(_ada: Shopper, db: Database, _order: str, state: RefundState = RefundState.SUCCEEDED) -> None:
    """Both copies are with the fan, who may keep them, and their money goes back."""
    with transaction(db) as session:
        shipping.pack(session, 1, NOW)
        shipping.ship(session, 1, "DHL", "", NOW, SAM)
    give_back(db, 1, Plan({each: Choice(Fate.KEPT) for each in copies_of(db, 1)}, sent=True), state)


def _disputed(state: DisputeState) -> Callable[[Shopper, Database, str], None]:
    return lambda _ada, db, _order: disputed(db, 1, state)  # type: ignore[return-value]  # what it gives is not wanted


def _revoked(_ada: Shopper, db: Database, _order: str) -> None:
    with transaction(db) as session:
        session.execute(update(Order).values(generation=2))


@pytest.mark.parametrize(
    "end",
    [
        _cancelled,
        _refunded(2),
        _kept,
        _disputed(DisputeState.NEEDS_RESPONSE),
        _disputed(DisputeState.LOST),
        _revoked,
    ],
    ids=["cancelled", "refunded", "refunded-but-kept", "disputed", "dispute-lost", "revoked"],
)
def test_with_the_copy_the_right_ends_and_links_of_before_die(
    ada: Shopper, db: Database, order: str, end: Callable[[Shopper, Database, str], None]
) -> None:
    at = link(ada, order)
    assert look(ada, at).status_code == 200
    end(ada, db, order)
    assert look(ada, at).status_code == 404
    assert look(ada, at, headers={"Range": "bytes=10-"}).status_code == 404
    assert look(ada, f"{order}/files/1").status_code == 404
    assert "Night Bus, FLAC.zip" not in look(ada, order).text


@pytest.mark.parametrize("goes_on", [_refunded(1), _disputed(DisputeState.WON)], ids=["one-of-two", "dispute-won"])
def test_as_long_as_a_copy_is_left_the_right_stays(
    ada: Shopper, db: Database, order: str, goes_on: Callable[[Shopper, Database, str], None]
) -> None:
    goes_on(ada, db, order)
    assert look(ada, link(ada, order)).status_code == 200


def test_a_refund_that_fell_through_brings_them_back(ada: Shopper, db: Database, order: str) -> None:
    _kept(ada, db, order, RefundState.FAILED)
    assert look(ada, link(ada, order)).status_code == 200


def test_files_of_what_was_not_bought_and_unfinished_ones_are_not_there(
    ada: Shopper, db: Database, order: str, tmp_path: Path
) -> None:
    with transaction(db) as session:
        other = make_release(session, session.get_one(ReleaseFile, 1).release.label).id
    not_bought = put_file(db, tmp_path, other, "Other.zip")
    at = link(ada, order)
    with transaction(db) as session:
        session.execute(update(ReleaseFile).where(ReleaseFile.id == 1).values(sha256=None, whole_at=None))
    page = look(ada, order).text
    assert "Other.zip" not in page
    assert "Comes with it" not in page
    answers: list[TestResponse] = [look(ada, path) for path in (f"{order}/files/{not_bought}", f"{order}/files/1", at)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_link_is_for_a_day(ada: Shopper, order: str) -> None:
    found = re.fullmatch(r"/files/1/(\d+)/[0-9a-f]+-[A-Za-z0-9_-]{27}", link(ada, order))
    assert found
    assert int(found[1]) == int((NOW + timedelta(days=1)).timestamp())
