"""People at the desk over HTTP, and the log of what they did."""

import re

from flask import Flask
from sqlalchemy import select

from app.accounts import audit, passwords
from app.accounts.models import AuditEntry, Staff, StaffSession
from app.accounts.roles import Role
from app.catalogue.models import Label
from app.kernel.db import Database, reading, transaction
from tests.cast import NOW, StoppedClock
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff, sit_down, words

KIM = {"name": "Kim", "email": "kim@tinsel.example", "role": "packer"}


def _secret(page: str) -> str:
    found = re.search(r'<code class="secret mono">([^<]+)</code>', page)
    assert found is not None
    return found[1]


def test_somebody_is_added_and_their_password_shown_once(app: Flask, db: Database, owner: Seat, shelf: Shelf) -> None:
    answer = owner.post("/staff/people/new", KIM)
    secret = _secret(answer.get_data(as_text=True))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    with reading(db) as session:
        kim = session.scalars(select(Staff).where(Staff.name == "Kim")).one()
        assert [(role.label_id, role.role) for role in kim.roles] == [(shelf.label, Role.PACKER)]
        assert passwords.right(secret, kim.password_hash)
        deed = session.scalars(select(AuditEntry).where(AuditEntry.entity == "staff")).one()
        assert (deed.deed, deed.staff_id, deed.detail) == ("staff.added", owner.staff_id, {"role": "packer"})
    assert secret not in owner.get(f"/staff/people/{kim.id}").get_data(as_text=True)
    again = owner.post("/staff/people/new", KIM)
    assert (again.status_code, "at the desk already" in words(again)) == (422, True)


def test_a_new_password_signs_them_out(app: Flask, db: Database, owner: Seat, shelf: Shelf) -> None:
    kim = make_staff(db, "Kim", {shelf.label: Role.PACKER})
    seat = sit_down(app, db, kim)
    assert seat.get("/staff/").status_code == 200
    secret = _secret(owner.post(f"/staff/people/{kim}/password").get_data(as_text=True))
    assert seat.get("/staff/").status_code == 303
    with reading(db) as session:
        assert passwords.right(secret, session.get_one(Staff, kim).password_hash)


def test_a_role_counts_at_once_and_the_last_owner_stays(app: Flask, db: Database, owner: Seat, shelf: Shelf) -> None:
    kim = make_staff(db, "Kim", {shelf.label: Role.PACKER})
    seat = sit_down(app, db, kim)
    assert seat.get("/staff/drops").status_code == 403
    assert owner.post(f"/staff/people/{kim}/role", {"role": "manager"}).status_code == 303
    assert seat.get("/staff/drops").status_code == 200
    for role in ("none", "packer"):
        answer = owner.post(f"/staff/people/{owner.staff_id}/role", {"role": role})
        assert (answer.status_code, "only owner" in words(answer)) == (409, True)
    assert owner.post(f"/staff/people/{kim}/role", {"role": "emperor"}).status_code == 422
    assert owner.post(f"/staff/people/{kim}/role", {"role": "none"}).status_code == 303
    assert seat.get("/staff/").status_code == 403
    assert _deeds_of(db, kim) == ["staff.role_changed"] * 2


def test_a_closed_account_is_out_at_once(app: Flask, db: Database, owner: Seat, shelf: Shelf) -> None:
    kim = make_staff(db, "Kim", {shelf.label: Role.MANAGER})
    seat = sit_down(app, db, kim)
    assert owner.get(f"/staff/people/{kim}/disable").status_code == 200
    assert owner.post(f"/staff/people/{kim}/disable").status_code == 303
    assert seat.get("/staff/").status_code == 303
    assert owner.get(f"/staff/people/{kim}").status_code == 404
    assert _deeds_of(db, kim) == ["staff.disabled"]
    assert owner.post(f"/staff/people/{owner.staff_id}/disable").status_code == 409


def test_who_works_elsewhere_too_keeps_their_account(db: Database, owner: Seat, shelf: Shelf, other_shelf: Shelf) -> None:
    kim = make_staff(db, "Kim", {shelf.label: Role.PACKER, other_shelf.label: Role.OWNER})
    assert owner.post(f"/staff/people/{kim}/password").status_code == 403
    assert owner.post(f"/staff/people/{kim}/disable").status_code == 403
    assert owner.post(f"/staff/people/{kim}/role", {"role": "none"}).status_code == 303


def test_the_log_is_on_each_labels_clock_and_says_which(app: Flask, db: Database, shelf: Shelf, other_shelf: Shelf) -> None:
    with transaction(db) as session:
        session.get_one(Label, other_shelf.label).time_zone = "Asia/Kolkata"
    seat = sit_down(app, db, make_staff(db, "Kim", {shelf.label: Role.OWNER, other_shelf.label: Role.OWNER}))
    for each in (shelf, other_shelf):
        seat.post(f"/staff/drops/{each.draft}/publish", {"at_once": "0"})
        seat.post(f"/staff/drops/{each.drop}/pause", {"reason": "rain"})
    seat.post(f"/staff/runs/{shelf.planned}/press", {"copies": "10", "first": "1"})
    page = words(seat.get("/staff/audit"))
    for there, at, opens in (("Berlin", "20:00:00", "30 Nov 2026 20:00"), ("Kolkata", "00:30:00", "1 Dec 2026 00:30")):
        day = "27" if there == "Berlin" else "28"
        assert f"{day} Nov 2026 {at} {there} Kim drop paused" in page
        assert f"opens: {opens} {there}" in page
    assert "2026-11-30T" not in page
    assert "first: № 01/10" in page


def test_the_log_says_who_did_what_and_can_be_narrowed(
    app: Flask, db: Database, owner: Seat, shelf: Shelf, other_shelf: Shelf
) -> None:
    other = sit_down(app, db, make_staff(db, "Stranger", {other_shelf.label: Role.OWNER}))
    other.post(f"/staff/drops/{other_shelf.drop}/pause", {"reason": "their secret reason"})
    for n in range(60):
        owner.post(f"/staff/artists/{shelf.artist}", {"name": f"Name {n}", "slug": "", "story": "", "link": ""})
    owner.post(f"/staff/drops/{shelf.drop}/pause", {"reason": "our reason"})
    page = words(owner.get("/staff/audit"))
    assert "our reason" in page
    assert "their secret reason" not in page
    first = owner.get("/staff/audit").get_data(as_text=True)
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    assert "artist edited" in words(owner.get(older[1].replace("&amp;", "&")))
    narrowed = words(owner.get("/staff/audit?what=drop")).partition("checks the whole chain.")[2]
    assert ("drop paused" in narrowed, "artist edited" in narrowed) == (True, False)
    for odd in (
        "what=%00",
        "what='%20OR%201=1--",
        "who=x",
        "who=99999999999999999999",
        "before=-1",
        "before=1e9",
        "what=" + "x" * 9000,
    ):
        assert owner.get(f"/staff/audit?{odd}").status_code == 200


def test_the_log_is_searched_by_deed_row_and_day(db: Database, owner: Seat, shelf: Shelf, clock: StoppedClock) -> None:
    owner.post(f"/staff/drops/{shelf.drop}/pause", {"reason": "rain"})
    owner.post(f"/staff/artists/{shelf.artist}", {"name": "Another name", "slug": "", "story": "", "link": ""})
    clock.forward(days=2)
    later = sit_down(owner.client.application, db, owner.staff_id, clock.now())
    later.post(f"/staff/drops/{shelf.drop}/resume")
    for query, found in {
        "deed=drop.paused": (True, False, False),
        f"what=drop&which={shelf.drop}": (True, False, True),
        f"what=artist&which={shelf.artist}": (False, True, False),
        "which=999999": (False, False, False),
        "until=2026-11-27": (True, True, False),
        "since=2026-11-28": (False, False, True),
        "since=2026-11-27&until=2026-11-27&deed=artist.edited": (False, True, False),
        "since=soon&until=9999-12-31&deed='--": (True, True, True),
    }.items():
        lines = words(later.get(f"/staff/audit?{query}")).partition("checks the whole chain.")[2]
        shown = tuple(f"{said} " in lines + " " for said in ("drop paused", "artist edited", "drop resumed"))
        assert shown == found, query


def _deeds_of(db: Database, staff_id: int) -> list[str]:
    with reading(db) as session:
        mine = select(AuditEntry.deed).where(AuditEntry.entity == "staff", AuditEntry.entity_id == staff_id)
        return list(session.scalars(mine.order_by(AuditEntry.id)))


def test_of_who_works_elsewhere_too_only_what_is_ours_is_seen(
    app: Flask, db: Database, owner: Seat, shelf: Shelf, other_shelf: Shelf
) -> None:
    """Nobody was asked whether they want to be at our desk as well: what they do at the other one is not ours to see or to end."""
    odo = make_staff(db, "Odo Quast", {other_shelf.label: Role.OWNER})
    stella = make_staff(db, "Stella", {other_shelf.label: Role.PACKER})
    theirs, seat = sit_down(app, db, odo), sit_down(app, db, stella)
    assert theirs.post(f"/staff/people/{stella}/role", {"role": "accountant"}).status_code == 303
    assert owner.post("/staff/people/new", {**KIM, "email": "stella@tinsel.example"}).status_code == 303
    page = words(owner.get(f"/staff/people/{stella}"))
    assert "staff added" in page
    assert not any(word in page for word in ("Odo Quast", "role changed", "Last seen"))
    with reading(db) as session:
        [session_id] = session.scalars(select(StaffSession.id).where(StaffSession.staff_id == stella)).all()
    assert owner.post(f"/staff/people/{stella}/sessions/{session_id}/end").status_code == 403
    assert seat.get("/staff/").status_code == 200
    both = sit_down(app, db, make_staff(db, "Bo", {shelf.label: Role.OWNER, other_shelf.label: Role.OWNER}))
    assert "Last seen" in words(both.get(f"/staff/people/{stella}"))
    assert both.post(f"/staff/people/{stella}/sessions/{session_id}/end").status_code == 303


def test_the_log_tells_nothing_of_who_works_for_another_label(
    app: Flask, db: Database, owner: Seat, shelf: Shelf, other_shelf: Shelf
) -> None:
    stella = make_staff(db, "Stella", {other_shelf.label: Role.PACKER})
    kim = make_staff(db, "Kim", {shelf.label: Role.PACKER})
    with transaction(db) as session:
        for staff_id in (stella, kim, None):
            audit.note(session, "signin.refused", "staff", staff_id, now=NOW, staff_id=None)
    page = words(owner.get("/staff/audit")).partition("checks the whole chain.")[2]
    assert (page.count("sign-in refused"), "Kim" in page, "Stella" in page) == (2, True, False)
