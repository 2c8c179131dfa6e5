"""Who has to say once more who they are finds their form as they had filled it in; nothing is done by that, and no secret kept."""

import re
import string
from datetime import timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Invitation, StaffSession
from app.accounts.roles import Role
from app.kernel.db import Database, reading, transaction
from app.staff import typed
from tests.architecture.source import ROOT
from tests.builders import paid_order
from tests.cast import ADA, NOW, StoppedClock
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff, sit_down, words

COOKIE = "typed"
INVITE = "/staff/people/invite"
FORM = {"email": "kim@tinsel.example", "role": "manager"}
HERE = {"Referer": f"http://localhost{INVITE}"}


def interrupted(seat: Seat, db: Database, path: str = INVITE, form: dict[str, str] | None = None) -> str:
    """Send a form too late; where one has to say who one is."""
    stale(db)
    answer = seat.post(path, form or FORM, headers={"Referer": f"http://localhost{path}"})
    assert answer.status_code == 303
    return answer.headers["Location"]


def stale(db: Database, by: timedelta = timedelta(hours=2)) -> None:
    with transaction(db) as session:
        for row in session.scalars(select(StaffSession)):
            row.confirmed_at = NOW - by


def said(db: Database) -> None:
    """As after the password."""
    with transaction(db) as session:
        for row in session.scalars(select(StaffSession)):
            row.confirmed_at = NOW


def email_of(page: str) -> str:
    found = re.search(r'name="email"[^>]* value="([^"]*)"', page)
    assert found
    return found[1]


def invited(db: Database) -> int:
    with reading(db) as session:
        return session.scalar(select(func.count()).select_from(Invitation)) or 0


def test_the_form_is_as_it_was_and_sent_by_them(db: Database, owner: Seat) -> None:
    assert interrupted(owner, db) == f"/staff/again?next={INVITE}"
    assert "kim@tinsel.example" not in words(owner.get(f"/staff/again?next={INVITE}"))
    said(db)
    answer = owner.get(INVITE)
    page = answer.get_data(as_text=True)
    assert email_of(page) == "kim@tinsel.example"
    assert re.search(r'value="manager"[^>]*(selected|checked)', page)
    assert "What you typed is here again. Nothing of it was sent yet" in words(answer)
    assert invited(db) == 0
    assert owner.post(INVITE, FORM).status_code == 303
    assert invited(db) == 1


def test_it_is_there_once(db: Database, owner: Seat) -> None:
    interrupted(owner, db)
    said(db)
    owner.get(INVITE)
    assert email_of(owner.get(INVITE).get_data(as_text=True)) == ""


def test_it_is_no_use_elsewhere(app: Flask, db: Database, shelf: Shelf, owner: Seat) -> None:
    interrupted(owner, db)
    said(db)
    assert "kim@tinsel.example" not in owner.get("/staff/people/new").get_data(as_text=True)
    cookie = owner.client.get_cookie(COOKIE, path="/staff")
    assert cookie
    other = sit_down(app, db, owner.staff_id)
    other.client.set_cookie(COOKIE, cookie.value, path="/staff")
    assert email_of(other.get(INVITE).get_data(as_text=True)) == ""


def test_it_ends_after_a_quarter_of_an_hour(db: Database, owner: Seat, clock: StoppedClock) -> None:
    interrupted(owner, db)
    clock.forward(minutes=14)
    said(db)
    assert email_of(owner.get(INVITE).get_data(as_text=True)) == "kim@tinsel.example"
    interrupted(owner, db)
    cookie = owner.client.get_cookie(COOKIE, path="/staff")
    assert cookie
    clock.forward(minutes=16)
    with transaction(db) as session:
        session.get_one(StaffSession, 1).confirmed_at = clock.now()
    owner.client.set_cookie(COOKIE, cookie.value, path="/staff")  # a browser would have forgotten it
    assert email_of(owner.get(INVITE).get_data(as_text=True)) == ""


def test_a_strangers_page_puts_nothing_into_a_form(db: Database, owner: Seat) -> None:
    stale(db)
    answer = owner.client.post(INVITE, data={**FORM, "csrf_token": "forged"}, headers=HERE)
    assert answer.status_code == 303
    assert owner.client.get_cookie(COOKIE, path="/staff") is None
    owner.client.set_cookie(COOKIE, "forged", path="/staff")
    said(db)
    assert email_of(owner.get(INVITE).get_data(as_text=True)) == ""


def test_it_cannot_be_read_in_the_browser(db: Database, owner: Seat) -> None:
    stale(db)
    answer = owner.post(INVITE, FORM, headers=HERE)
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith(f"{COOKIE}=")]
    assert "kim" not in cookie
    for word in ("HttpOnly", "Path=/staff", "SameSite=Strict", "Max-Age=900"):
        assert word in cookie


def test_secrets_are_not_kept(db: Database, owner: Seat) -> None:
    interrupted(owner, db, form={**FORM, **dict.fromkeys(typed.SECRET - {"csrf_token"}, "seven tapes")})
    cookie = owner.client.get_cookie(COOKIE, path="/staff")
    assert cookie
    with owner.client.application.test_request_context(headers={"Cookie": f"{COOKIE}={cookie.value}"}):
        kept = typed._read()
    assert kept is not None
    assert kept.fields == FORM


def test_every_password_field_of_the_desk_is_a_secret() -> None:
    templates = "".join(path.read_text() for path in (ROOT / "templates/staff").glob("*.html"))
    named = set(re.findall(r'field\("([a-z_]+)"[^\n]*type="password"', templates))
    assert named
    assert named <= typed.SECRET


def varied(much: int) -> str:
    """A text that is not made shorter by packing it."""
    return "".join(Random(1).choices(string.ascii_letters + string.digits, k=much))  # noqa: S311 - no secret


@pytest.mark.parametrize(("much", "kept"), [(500, True), (2_000, True), (30_000, False)])
def test_what_is_too_long_is_not_kept(db: Database, owner: Seat, much: int, kept: bool) -> None:
    interrupted(owner, db, form={**FORM, "email": varied(much)})
    cookie = owner.client.get_cookie(COOKIE, path="/staff")
    assert (cookie is not None) == kept
    assert cookie is None or len(cookie.value) <= typed._MOST


def test_an_older_text_does_not_stand_in_for_one_that_was_too_long(db: Database, owner: Seat) -> None:
    interrupted(owner, db)
    interrupted(owner, db, form={**FORM, "email": varied(30_000)})
    said(db)
    assert email_of(owner.get(INVITE).get_data(as_text=True)) == ""


def test_a_role_that_was_chosen_is_chosen_again(db: Database, shelf: Shelf, owner: Seat) -> None:
    page = f"/staff/people/{make_staff(db, 'Kim', {shelf.label: Role.PACKER})}"
    stale(db)
    owner.post(f"{page}/role", {"label": str(shelf.label), "role": "manager"}, headers={"Referer": f"http://localhost{page}"})
    said(db)
    shown = owner.get(page).get_data(as_text=True)
    assert re.search(r'name="role"[^>]* value="manager"[^>]* checked', shown)


def test_a_button_alone_leaves_nothing(db: Database, shelf: Shelf, owner: Seat) -> None:
    kim = make_staff(db, "Kim", {})
    stale(db)
    owner.post(f"/staff/people/{kim}/reset-factor", headers={"Referer": f"http://localhost/staff/people/{kim}"})
    assert owner.client.get_cookie(COOKIE, path="/staff") is None


def boxes(page: str) -> dict[str, bool]:
    """Every box of a page, ticked or not."""
    return {name: " checked" in rest for name, rest in re.findall(r'<input class="field-box"[^>]* name="([^"]+)"([^>]*)>', page)}


def test_a_box_that_was_not_ticked_comes_back_so(db: Database, shelf: Shelf, owner: Seat) -> None:
    owner.post(f"/staff/labels/{shelf.label}/makers/new", {"name": "Mira", "address": "", "artist": ""})
    page = f"/staff/releases/{shelf.release}/makers"
    assert boxes(owner.get(page).get_data(as_text=True))["costs_first"] is True
    interrupted(owner, db, page, {"maker": "1", "run": "", "share": "33.33", "begins_on": "2026-11-01"})
    said(db)
    shown = owner.get(page).get_data(as_text=True)
    assert (boxes(shown)["costs_first"], 'value="33.33"' in shown) == (False, True)


@pytest.mark.parametrize("at", ["refund", "refund/check"])
def test_a_refund_that_was_being_looked_at_is_chosen_again(db: Database, shelf: Shelf, owner: Seat, at: str) -> None:
    paid_order(db, shelf.drop, {shelf.run: 2}, ADA)
    page = "/staff/orders/1/refund"
    chosen = {"what": "parts", "copy-1": "1", "fate-1": "withdrawn", "words": "cracked", "reason": "so agreed", "sent": "0"}
    stale(db)
    to = {"refund": f"{page}/check", "refund/check": page}[at]
    late = owner.post(to, {**chosen, "shown": "2400", "left": "0"}, headers={"Referer": f"http://localhost/staff/orders/1/{at}"})
    assert late.headers["Location"] == f"/staff/again?next={page}"
    said(db)
    shown = owner.get(page).get_data(as_text=True)
    ticked = re.findall(r'<input[^>]* name="(copy-\d+)"[^>]* checked', shown)
    assert ticked == ["copy-1"]
    assert re.search(r'name="what" value="parts" checked', shown)
    assert ('value="cracked"' in shown, 'value="so agreed"' in shown) == (True, True)
    assert "is here again" in shown


def test_over_https_it_goes_nowhere_else(app: Flask, db: Database, owner: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
    stale(db)
    answer = owner.post(INVITE, FORM, headers=HERE)
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if "typed=" in each]
    assert cookie.startswith("__Secure-typed=")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/staff"} <= set(cookie.split("; "))
