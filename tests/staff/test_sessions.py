"""Where one is signed in, ending it, and saying once more who one is before money and people."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import AuditEntry, StaffRole, StaffSession
from app.accounts.roles import Deed, Role
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job, JobState
from app.reports import letters
from tests.cast import TOKENS, StoppedClock
from tests.staff.conftest import Shelf
from tests.staff.door import EMAIL, PASSWORD, enrolled, half, make_sam, seat_of
from tests.staff.seat import Seat, make_staff, sit_down, words
from tests.staff.test_roles import DEED_OF, rules

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"


@pytest.fixture
def sam(db: Database, shelf: Shelf) -> int:
    """Somebody with a password."""
    return make_sam(db, shelf.label)


def _told(db: Database) -> list[str]:
    with reading(db) as session:
        wanted = select(Job).where(Job.kind == "mail.sign_in_changed").order_by(Job.id)
        return [job.payload["what"] for job in session.scalars(wanted)]


def _deeds(db: Database) -> list[str]:
    with reading(db) as session:
        return list(session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id)))


def in_firefox(app: Flask, code: str) -> Seat:
    """Sam with another browser, elsewhere."""
    client = app.test_client()
    client.environ_base |= {"REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": FIREFOX}
    page = client.get("/staff/sign-in").get_data(as_text=True)
    seat = Seat(client, page.split('name="csrf_token" value="')[1].split('"')[0], 0)
    seat.post("/staff/sign-in", {"email": EMAIL, "password": PASSWORD})
    page = client.get("/staff/factor").get_data(as_text=True)
    seat = Seat(client, page.split('name="csrf_token" value="')[1].split('"')[0], 0)
    return seat_of(seat, seat.post("/staff/factor", {"code": code}))


def test_ones_sessions_are_listed_and_ended(app: Flask, db: Database, sam: int) -> None:
    here, codes = enrolled(app, db, sam)
    there = in_firefox(app, codes[0])
    page = words(here.get("/staff/me"))
    assert "this one" in page
    assert "Firefox on Linux" in page
    assert "203.0.113.0/24" in page
    with reading(db) as session:
        [other] = session.scalars(select(StaffSession.id).where(StaffSession.browser == "Firefox on Linux")).all()
    assert here.post(f"/staff/me/sessions/{other}/end").status_code == 303
    assert there.get("/staff/").status_code == 303
    assert here.post(f"/staff/me/sessions/{other}/end").status_code == 404
    assert here.get("/staff/").status_code == 200
    assert "session.ended" in _deeds(db)


def test_all_others_are_ended(app: Flask, db: Database, shelf: Shelf, owner: Seat) -> None:
    others = [sit_down(app, db, owner.staff_id) for _ in range(3)]
    stranger = sit_down(app, db, make_staff(db, "Kim", {shelf.label: Role.PACKER}))
    assert owner.post("/staff/me/sessions/end-others").status_code == 303
    assert [seat.get("/staff/").status_code for seat in (*others, owner, stranger)] == [303, 303, 303, 200, 200]
    assert _deeds(db)[-1] == "session.others_ended"


def test_nobody_ends_anothers_session_but_an_owner(app: Flask, db: Database, shelf: Shelf, other_shelf: Shelf, owner: Seat) -> None:
    kim = make_staff(db, "Kim", {shelf.label: Role.PACKER})
    seat = sit_down(app, db, kim)
    with reading(db) as session:
        of = {row.staff_id: row.id for row in session.scalars(select(StaffSession))}
    assert seat.post(f"/staff/me/sessions/{of[owner.staff_id]}/end").status_code == 404
    assert seat.post(f"/staff/people/{owner.staff_id}/sessions/{of[owner.staff_id]}/end").status_code == 403
    foreign = sit_down(app, db, make_staff(db, "Stranger", {other_shelf.label: Role.OWNER}))
    assert foreign.post(f"/staff/people/{kim}/sessions/{of[kim]}/end").status_code == 404
    assert seat.get("/staff/").status_code == 200
    assert owner.post(f"/staff/people/{kim}/sessions/{of[kim]}/end").status_code == 303
    assert seat.get("/staff/").status_code == 303


def test_a_new_place_is_told_and_a_known_one_is_not(app: Flask, db: Database, sam: int, clock: StoppedClock) -> None:
    _seat, codes = enrolled(app, db, sam)
    in_firefox(app, codes[0])
    assert _told(db) == ["factor.app_added", "factor.recovery_used", "signin.new_network"]
    clock.forward(seconds=1)
    in_firefox(app, codes[1])
    assert _told(db)[3:] == ["factor.recovery_used"]
    with reading(db) as session:
        [job] = [job for job in session.scalars(select(Job)) if job.payload.get("what") == "signin.new_network"]
        letter = letters.write(session, job.kind, job.payload, "https://shop.example", TOKENS)
    assert letter is not None
    assert (letter.to, letter.subject) == (EMAIL, "You signed in from a place that is new to us")
    for half_of_it in (letter.text, letter.html):
        assert "Firefox on Linux" in half_of_it
        assert "203.0.113.0/24" in half_of_it
        assert "https://shop.example/staff/me" in half_of_it


def test_each_change_of_a_sign_in_is_noted_and_told(app: Flask, db: Database, shelf: Shelf, sam: int, owner: Seat) -> None:
    seat, _codes = enrolled(app, db, sam)
    seat.post("/staff/me/codes")
    new = "eight tapes in a drawer"
    seat.post("/staff/password", {"old": PASSWORD, "new": new, "again": new})
    owner.post(f"/staff/people/{sam}/password")
    owner.post(f"/staff/people/{sam}/reset-factor")
    done = ["factor.app_added", "factor.codes_renewed", "staff.password_changed", "staff.password_set", "staff.factor_reset"]
    assert _told(db) == done
    assert [deed for deed in _deeds(db) if deed in done] == done
    with reading(db) as session:
        for job in session.scalars(select(Job).where(Job.kind == "mail.sign_in_changed")).all():
            assert letters.write(session, job.kind, job.payload, "https://shop.example", TOKENS) is not None


@pytest.mark.parametrize("path", ["people/new", "people/invite", "people/{id}/disable"])
def test_people_ask_again_after_a_while(app: Flask, db: Database, shelf: Shelf, sam: int, clock: StoppedClock, path: str) -> None:
    seat, _codes = enrolled(app, db, sam)
    path = f"/staff/{path.format(id=make_staff(db, 'Kim', {shelf.label: Role.PACKER}))}"
    assert seat.get(path).status_code == 200
    clock.forward(minutes=16)
    assert seat.get("/staff/people").status_code == 200
    asked = seat.get(path)
    assert (asked.status_code, asked.headers["Location"]) == (303, f"/staff/again?next={path}")
    assert "Nothing was changed yet" in words(seat.get(asked.headers["Location"]))
    assert seat.post("/staff/again", {"password": "wrong", "next": path}).status_code == 422
    assert seat.get(path).status_code == 303
    said = seat.post("/staff/again", {"password": PASSWORD, "next": path})
    assert (said.status_code, said.headers["Location"]) == (303, path)
    assert seat.get(path).status_code == 200


def test_a_deed_that_came_too_late_is_not_done(app: Flask, db: Database, shelf: Shelf, sam: int, clock: StoppedClock) -> None:
    seat, codes = enrolled(app, db, sam)
    kim = make_staff(db, "Kim", {shelf.label: Role.PACKER})
    clock.forward(minutes=16)
    page = f"/staff/people/{kim}"
    answer = seat.post(f"{page}/role", {"role": "owner"}, headers={"Referer": f"http://localhost{page}"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/staff/again?next={page}")
    form = "/staff/people/invite"  # its own path takes the answer
    late = seat.post(form, {"email": "x@tinsel.example"}, headers={"Referer": f"http://localhost{form}"})
    assert (late.status_code, late.headers["Location"]) == (303, f"/staff/again?next={form}")
    nothing_to_show = f"{page}/role"
    late = seat.post(nothing_to_show, {"role": "owner"}, headers={"Referer": f"http://localhost{nothing_to_show}"})
    assert late.headers["Location"] == "/staff/again?next=/staff/"
    as_json = seat.post(f"{page}/role", {"role": "owner"}, headers={"Accept": "application/json"})
    assert (as_json.status_code, as_json.json["code"]) == (403, "forbidden")
    with reading(db) as session:
        assert session.scalars(select(StaffRole.role).where(StaffRole.staff_id == kim)).one() == Role.PACKER
    assert seat.post("/staff/again", {"code": codes[0]}).status_code == 303
    assert seat.post(f"{page}/role", {"role": "manager"}).status_code == 303


def test_the_way_on_from_being_asked_again_stays_at_the_desk(app: Flask, db: Database, sam: int) -> None:
    seat, _codes = enrolled(app, db, sam)
    assert seat.post("/staff/again", {"password": PASSWORD, "next": "//evil.example"}).headers["Location"] == "/staff/"


def test_whatever_moves_money_or_people_asks_again(app: Flask) -> None:
    """From the table of deeds: each form that does, but for what only takes back, ends or names something."""
    asks = {name for name, _method, _rule in rules(app) if getattr(app.view_functions[f"staff.{name}"], "runout_asks_again", False)}
    moves = {Deed.GIVE_BACK, Deed.PEOPLE, Deed.FANS, Deed.SHARE}
    forms = {name for name, _method, _rule in rules(app, changing=True) if DEED_OF[name] in moves}
    assert "orders_export" in asks  # no form, but everybody's addresses
    assert forms - asks == {
        "difference_settle", "invitation_withdraw", "maker_create", "maker_save", "order_copies_do", "person_session_end",
        "refund_decline",
    }  # fmt: skip


def test_who_comes_every_week_is_not_told_of_a_new_place(app: Flask, db: Database, sam: int, clock: StoppedClock) -> None:
    _seat, codes = enrolled(app, db, sam)
    for code in codes[:6]:
        clock.forward(days=7)
        half(app).post("/staff/factor", {"code": code})
    assert "signin.new_network" not in _told(db)
    clock.forward(days=31)
    half(app).post("/staff/factor", {"code": codes[6]})
    assert _told(db)[-1] == "signin.new_network"
    with transaction(db) as session:  # nobody sends these letters in all that time
        session.execute(update(Job).values(state=JobState.DONE, finished_at=clock.now()))
