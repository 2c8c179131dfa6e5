"""Changing one's e-mail address: the new one must answer, the old one is told, and nobody takes somebody else's."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import AuditEntry, Staff, StaffSession
from app.accounts.moving import NewAddress
from app.accounts.roles import Role
from app.kernel.db import Database, reading
from app.kernel.mail import Letter
from app.kernel.outbox import Job
from app.reports import letters
from tests.cast import TOKENS, StoppedClock
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff, sit_down, words

HERE = "/staff/me/address"


def written(db: Database, kind: str) -> list[Letter]:
    """The letters of a kind, as they would be sent now."""
    with reading(db) as session:
        jobs = session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id)).all()
        found = [letters.write(session, job.kind, job.payload, "http://shop", TOKENS) for job in jobs]
    return [letter for letter in found if letter is not None]


def links(db: Database) -> list[str]:
    return [re.findall(r"http://shop(/staff/me/address/\S+)", letter.text)[0] for letter in written(db, "mail.new_address")]


def email(db: Database, seat: Seat) -> str:
    with reading(db) as session:
        return session.get_one(Staff, seat.staff_id).email


def deeds(db: Database) -> list[tuple[str, object]]:
    with reading(db) as session:
        wanted = select(AuditEntry.deed, AuditEntry.detail).where(AuditEntry.deed.like("staff.address%"))
        return [(deed, detail) for deed, detail in session.execute(wanted.order_by(AuditEntry.id))]


def test_the_new_address_answers_and_the_old_one_is_told(app: Flask, db: Database, shelf: Shelf, owner: Seat) -> None:
    elsewhere = sit_down(app, db, owner.staff_id)
    assert owner.post(HERE, {"email": " New@Tinsel.example "}).status_code == 303
    assert "new@tinsel.example" in words(owner.get(HERE))
    [letter] = written(db, "mail.new_address")
    assert letter.to == "new@tinsel.example"
    [link] = links(db)
    assert "new@tinsel.example" in words(owner.get(link))
    assert email(db, owner) == "owner@tinsel.example"  # looking changes nothing
    assert owner.post(link).headers["Location"] == "/staff/me"
    assert email(db, owner) == "new@tinsel.example"
    [told] = written(db, "mail.address_changed")
    assert (told.to, "new@tinsel.example" in told.text + told.html) == ("owner@tinsel.example", False)
    assert owner.get("/staff/me").status_code == 200
    assert elsewhere.get("/staff/me").headers["Location"].startswith("/staff/sign-in")
    assert owner.get(link).status_code == 404
    assert deeds(db) == [("staff.address_asked", {}), ("staff.address_changed", {})]
    with reading(db) as session:
        live = select(StaffSession.id).where(StaffSession.staff_id == owner.staff_id, StaffSession.ended_at.is_(None))
        assert len(session.scalars(live).all()) == 1


@pytest.mark.parametrize("typed", ["", "owner", "owner@tinsel.example", "a@b", "x" * 260 + "@tinsel.example"])
def test_an_odd_address_is_refused(db: Database, owner: Seat, typed: str) -> None:
    answer = owner.post(HERE, {"email": typed})
    assert (answer.status_code, 'id="e-email"' in answer.text) == (422, True)
    assert links(db) == []


def test_a_taken_address_is_told_to_nobody_but_its_owner(app: Flask, db: Database, shelf: Shelf, owner: Seat) -> None:
    kim = sit_down(app, db, make_staff(db, "Kim", {shelf.label: Role.PACKER}))
    assert owner.post(HERE, {"email": "kim@tinsel.example"}).status_code == 303
    [link] = links(db)
    assert kim.get(link).status_code == 404
    assert kim.post(link).status_code == 404
    assert owner.post(link).status_code == 422
    assert (email(db, owner), email(db, kim)) == ("owner@tinsel.example", "kim@tinsel.example")
    assert written(db, "mail.address_changed") == []


@pytest.mark.usefixtures("unchecked")  # no worker takes the letters while the clock moves
def test_a_link_counts_for_an_hour_and_until_the_next(db: Database, clock: StoppedClock, owner: Seat) -> None:
    owner.post(HERE, {"email": "one@tinsel.example"})
    [one] = links(db)
    owner.post(HERE, {"email": "two@tinsel.example"})
    [two] = links(db)
    assert owner.get(one).status_code == 404
    for _ in range(3):
        clock.forward(minutes=20)
        owner.get("/staff/me")
    clock.forward(seconds=1)
    assert owner.get(two).status_code == 404
    assert "Waits" not in words(owner.get("/staff/me"))


def test_it_may_be_withdrawn(db: Database, owner: Seat) -> None:
    owner.post(HERE, {"email": "one@tinsel.example"})
    [link] = links(db)
    assert owner.post(f"{HERE}/withdraw").status_code == 303
    assert (owner.get(link).status_code, links(db)) == (404, [])
    assert [deed for deed, _detail in deeds(db)] == ["staff.address_asked", "staff.address_withdrawn"]


def test_it_asks_again_who_it_is(db: Database, clock: StoppedClock, owner: Seat) -> None:
    owner.post(HERE, {"email": "one@tinsel.example"})
    [link] = links(db)
    clock.forward(minutes=16)
    for path in (HERE, link):
        assert owner.post(path, {"email": "two@tinsel.example"}).headers["Location"].startswith("/staff/again"), path
    assert owner.get(HERE).headers["Location"].startswith("/staff/again")
    assert (email(db, owner), len(links(db))) == ("owner@tinsel.example", 1)


def test_letters_are_throttled(db: Database, owner: Seat) -> None:
    answers = [owner.post(HERE, {"email": f"n{n}@tinsel.example"}).status_code for n in range(6)]
    assert answers == [303] * 5 + [429]


def test_the_row_keeps_which_address_was_left(db: Database, owner: Seat) -> None:
    owner.post(HERE, {"email": "new@tinsel.example"})
    owner.post(links(db)[0])
    with reading(db) as session:
        assert session.scalars(select(NewAddress.email)).all() == ["owner@tinsel.example"]
