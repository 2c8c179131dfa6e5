"""The second factor at the door: enrolling, codes that count once, recovery codes, and nothing of the desk before it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import factors, totp
from app.accounts.models import AuditEntry, StaffRecoveryCode, StaffTotp
from app.kernel import throttle
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job
from app.kernel.tokens import Tokens
from app.staff import enrol
from tests.cast import NOW, TOKENS, StoppedClock
from tests.staff.conftest import Shelf
from tests.staff.door import codes_of, door, enrolled, following, half, make_sam, seat_of, shown
from tests.staff.seat import words
from tests.staff.test_roles import DEED_OF, FIRST, HALF, OPEN, address, ids, rules


@pytest.fixture
def sam(db: Database, shelf: Shelf) -> int:
    """Somebody who has no second factor yet."""
    return make_sam(db, shelf.label)


def _deeds(db: Database) -> list[str]:
    with reading(db) as session:
        return list(session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id)))


def _told(db: Database) -> list[str]:
    with reading(db) as session:
        return [
            job.payload["what"] for job in session.scalars(select(Job).where(Job.kind == "mail.sign_in_changed").order_by(Job.id))
        ]


def test_a_password_alone_opens_nothing(app: Flask, db: Database, shelf: Shelf, sam: int) -> None:
    """Every address of the desk, from the url map: to the second factor, but for those that are it."""
    seat, reached = half(app), set()
    for name, method, rule in rules(app):
        path = address(app, rule, {**ids(shelf, sam), **FIRST})
        assert path is not None
        if name == "sign_out":
            continue
        answer = seat.get(path) if method == "GET" else seat.post(path)
        if (answer.status_code, answer.headers.get("Location", "").split("?")[0]) != (303, "/staff/factor"):
            reached.add(name)
    opened = {name for name, deed in DEED_OF.items() if deed in {OPEN, HALF}}
    assert reached <= opened
    assert {"enrol", "enrol_app", "sign_in_post"} <= reached
    assert seat.post("/staff/sign-out").headers["Location"] == "/staff/sign-in"


def test_enrolling_an_app(app: Flask, db: Database, sam: int) -> None:
    seat = half(app, next_="/staff/drops?x=1")
    page = seat.get("/staff/factor?next=/staff/drops", follow_redirects=True)
    secret = following(db, sam)
    assert secret in page.get_data(as_text=True).replace(" ", "")
    assert '<svg class="qr"' in page.get_data(as_text=True)
    wrong = seat.post("/staff/factor/enrol", {"code": "000000"})
    assert (wrong.status_code, "not the code of this moment" in words(wrong)) == (422, True)
    with seat.client.session_transaction() as cookie:
        before = cookie["_user_id"]
    answer = seat.post("/staff/factor/enrol", {"code": shown(db, sam), "next": "/staff/drops"})
    codes = codes_of(answer)
    assert (answer.status_code, len(codes), len(set(codes))) == (200, 10, 10)
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'href="/staff/drops"' in answer.get_data(as_text=True)
    with seat.client.session_transaction() as cookie:
        assert cookie["_user_id"] != before
    assert seat.get("/staff/drops").status_code == 200
    with reading(db) as session:
        stored = session.scalars(select(StaffTotp)).one()
        digests = session.scalars(select(StaffRecoveryCode.digest)).all()
    assert secret not in stored.sealed
    assert secret not in repr(stored)
    assert not set(codes) & set(digests)
    assert _deeds(db) == ["factor.app_added", "signin.begun"]
    assert _told(db) == ["factor.app_added"]
    assert seat.get("/staff/factor").headers["Location"] == "/staff/"


def test_a_code_counts_once_whatever_its_spaces(app: Flask, db: Database, sam: int) -> None:
    first = shown(db, sam)
    enrolled(app, db, sam)
    spaced = f" {first[:3]} {first[3:]}"
    for typed in (first, spaced, f"{first[:3]}-{first[3:]}"):
        again = half(app).post("/staff/factor", {"code": typed})
        assert (again.status_code, "used before" in words(again)) == (422, True), typed
    later = shown(db, sam)
    assert later != first
    assert half(app).post("/staff/factor", {"code": f"{later[:3]} {later[3:]} "}).status_code == 303
    for typed in (later, f"{later[:3]} {later[3:]} "):
        assert half(app).post("/staff/factor", {"code": typed}).status_code == 422
    assert _deeds(db).count("factor.refused") == 5


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "0" * 60, "<script>"])
def test_what_is_no_code(app: Flask, db: Database, sam: int, code: str) -> None:
    enrolled(app, db, sam)
    seat = half(app)
    assert seat.post("/staff/factor", {"code": code}).status_code == 422
    assert seat.get("/staff/").status_code == 303


def test_a_code_of_another_time_does_not_count(db: Database, app: Flask, sam: int) -> None:
    enrolled(app, db, sam)
    for minutes in (-5, -1, 2, 60):
        with transaction(db) as session:
            typed = totp.pyotp.TOTP(_secret(db, sam)).at(NOW + timedelta(minutes=minutes))
            assert not totp.right(session, TOKENS, sam, typed, NOW)


def _secret(db: Database, staff_id: int) -> str:
    with reading(db) as session:
        opened = totp.unseal(TOKENS.keys, "totp", session.scalars(select(StaffTotp.sealed)).one())
    assert opened is not None
    return opened[0]


def test_a_recovery_code_stands_in_once(app: Flask, db: Database, sam: int) -> None:
    _seat, codes = enrolled(app, db, sam)
    seat = half(app)
    assert seat.post("/staff/factor", {"code": codes[3].upper().replace("-", " ")}).status_code == 303
    assert seat.get("/staff/").status_code == 200
    assert half(app).post("/staff/factor", {"code": codes[3]}).status_code == 422
    assert "9 left" in words(seat.get("/staff/me"))
    assert (_deeds(db).count("factor.recovery_used"), _told(db)) == (1, ["factor.app_added", "factor.recovery_used"])


def test_a_password_alone_adds_no_factor_beside_another(app: Flask, db: Database, sam: int) -> None:
    enrolled(app, db, sam)
    thief = half(app)
    mine = following(db, sam)
    kept = _secret(db, sam)
    for answer in (thief.get("/staff/factor/enrol"), thief.post("/staff/factor/enrol", {"code": totp.pyotp.TOTP(mine).at(NOW)})):
        assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/factor")
    assert thief.post("/staff/factor/enrol/passkey", {"answer": "{}"}).status_code == 303
    assert _secret(db, sam) == kept
    assert thief.get("/staff/").status_code == 303


def test_too_many_tries_wait_and_lock_nobody_out(app: Flask, db: Database, sam: int) -> None:
    _seat, codes = enrolled(app, db, sam)  # from 192.0.2.0/24, which is known from now on
    thief = half(app, network="198.51.100.1")
    tried = [thief.post("/staff/factor", {"code": "000000"}).status_code for _ in range(factors.TRIES + 1)]
    assert tried == [422] * factors.TRIES + [429]
    with transaction(db) as session:
        for n in range(factors.STRANGERS):
            throttle.hit(session, f"factor.strangers:{sam}", most=1, per=timedelta(minutes=15), now=NOW)
            assert n < factors.STRANGERS
    assert half(app, network="203.0.113.1").post("/staff/factor", {"code": codes[0]}).status_code == 429
    assert half(app).post("/staff/factor", {"code": codes[0]}).status_code == 303


def test_a_half_signed_in_browser_is_forgotten_after_a_while(app: Flask, db: Database, sam: int, clock: StoppedClock) -> None:
    seat = half(app)
    clock.forward(minutes=15, seconds=1)
    assert seat.get("/staff/factor").headers["Location"].startswith("/staff/sign-in")


def test_the_secret_outlives_a_new_key(db: Database, app: Flask, sam: int) -> None:
    enrolled(app, db, sam)
    new = Tokens((b"a new signing key, as long as the old one was", *TOKENS.keys))
    typed = totp.pyotp.TOTP(_secret(db, sam)).at(NOW + timedelta(seconds=30))
    with transaction(db) as session:
        assert totp.right(session, new, sam, typed, NOW)
    later = NOW + timedelta(minutes=5)
    with transaction(db) as session:  # the old key is gone, and what was sealed with it is sealed anew
        typed = totp.shown(session, Tokens(new.keys[:1]), sam, later)
        assert totp.right(session, Tokens(new.keys[:1]), sam, typed, later)


def test_the_command_line_takes_a_factor_away(app: Flask, db: Database, sam: int) -> None:
    seat, _codes = enrolled(app, db, sam)
    said = app.test_cli_runner().invoke(args=["staff", "reset-factor", "SAM@tinsel.example"])
    assert (said.exit_code, "no second factor any more" in said.output) == (0, True)
    assert seat.get("/staff/").status_code == 303
    assert _deeds(db)[-1] == "staff.factor_reset"
    assert _told(db)[-1] == "staff.factor_reset"
    with reading(db) as session:
        assert not factors.of(session, sam).any
    again = half(app).get("/staff/factor")
    assert again.headers["Location"] == "/staff/factor/enrol"
    assert app.test_cli_runner().invoke(args=["staff", "reset-factor", "nobody@tinsel.example"]).exit_code == 1


def test_a_demo_prints_the_code_and_a_shop_does_not(app: Flask, db: Database, sam: int, clock: StoppedClock) -> None:
    from tests.site import make_app  # noqa: PLC0415 - another application beside the fixture's

    said = app.test_cli_runner().invoke(args=["staff", "code", "sam@tinsel.example"])
    assert said.output.strip() == shown(db, sam)
    assert "make flask do='staff code" in words(half(app).get("/staff/factor/enrol"))
    real = make_app(db, clock, stripe_api_base=None, stripe_secret_key="sk_test_of_stripe_itself")
    refused = real.test_cli_runner().invoke(args=["staff", "code", "sam@tinsel.example"])
    assert (refused.exit_code, "Only a demo" in refused.output) == (1, True)
    assert "staff code" not in words(half(real).get("/staff/factor/enrol"))


def test_another_app_takes_the_place_of_the_first(app: Flask, db: Database, sam: int) -> None:
    seat, codes = enrolled(app, db, sam)
    old = _secret(db, sam)
    new = following(db, sam)
    answer = seat.post("/staff/factor/enrol", {"code": totp.pyotp.TOTP(new).at(NOW)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/me")
    assert _secret(db, sam) == new != old
    assert half(app).post("/staff/factor", {"code": codes[0]}).status_code == 303  # the recovery codes stay
    assert door(app).get("/staff/").status_code == 303
    assert seat_of(seat, answer).get("/staff/").status_code == 200


def test_what_a_stolen_password_has_seen_is_not_what_the_owner_gets(app: Flask, db: Database, sam: int) -> None:
    thief = half(app)
    seen = following(db, sam)
    enrolled(app, db, sam)
    assert _secret(db, sam) != seen
    late = thief.post("/staff/factor/enrol", {"code": totp.pyotp.TOTP(seen).at(NOW)})
    assert (late.status_code, late.headers["Location"]) == (303, "/staff/factor")


def test_two_who_enrol_at_once_are_one(app: Flask, db: Database, sam: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look before the form was read found no factor; under the lock there is one."""
    thief = half(app)
    seen = following(db, sam)
    enrolled(app, db, sam)
    kept = _secret(db, sam)
    monkeypatch.setattr(enrol, "_other_first", lambda: None)
    late = thief.post("/staff/factor/enrol", {"code": totp.pyotp.TOTP(seen).at(NOW)})
    assert (late.status_code, "just set up in another browser" in words(late)) == (409, True)
    assert _secret(db, sam) == kept
