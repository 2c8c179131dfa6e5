"""The clock: what falls due happens, whether somebody asks or not."""

import time

from sandbox import Clock, LocalStripe, Options
from sandbox.client import wait_for
from tests.sandbox.builders import session_params
from tests.sandbox.conftest import make_client


def test_a_session_expires_by_itself(client, control, session, shop_door):
    control.advance(41 * 60)
    wait_for(lambda: shop_door.posts, 5)
    assert shop_door.types() == ["checkout.session.expired"]
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_not_a_second_too_soon(client, control, session):
    control.set_clock(session.expires_at - 30)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    control.set_clock(session.expires_at)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_a_paid_session_does_not_expire(client, control, authorised):
    control.advance(60 * 60)
    assert client.v1.checkout.sessions.retrieve(authorised.id).status == "complete"


def test_an_authorisation_lapses_after_seven_days(client, control, authorised):
    control.advance(7 * 24 * 60 * 60 + 1)
    intent = client.v1.payment_intents.retrieve(authorised.payment_intent)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "automatic")


def test_new_objects_carry_the_sandboxs_time(client, control):
    control.advance(10_000)
    session = client.v1.checkout.sessions.create(session_params(expires_at=None))
    assert abs(session.created - (time.time() + 10_000)) < 5


def test_the_shared_offset_file(tmp_path):
    file = tmp_path / "offset"
    clock = Clock(file, base=lambda: 1000.0)
    assert clock.now() == 1000
    file.write_text("250.5\n")
    assert clock.now() == 1250.5
    clock.advance(10)
    clock.set(5000)
    assert clock.now() == 5000
    file.write_text("nonsense")
    assert clock.file_offset() == 0


def test_the_tick_needs_no_request(tmp_path):
    file = tmp_path / "offset"
    with LocalStripe(Options(clock_file=file)) as local:
        session = make_client(local.url).v1.checkout.sessions.create(session_params())
        file.write_text("7200")
        wait_for(lambda: (local.box.store.find("checkout.session", session.id) or {})["status"] == "expired", 5)
