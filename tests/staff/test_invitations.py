"""Coming to the desk by invitation: once, for a week, as what one was asked, and on the word of somebody who may still give it."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import invitations, passwords, people
from app.accounts.models import AuditEntry, Invitation, Staff
from app.accounts.roles import Role
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Conflict, NotFound
from app.kernel.outbox import Job
from app.reports import letters
from tests.cast import NOW, TOKENS, StoppedClock
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff, sit_down, words

KIM = {"email": "kim@tinsel.example", "role": "accountant"}
NEW = {"name": "Kim", "password": "nine tapes in a drawer", "again": "nine tapes in a drawer"}


def links(db: Database) -> list[str]:
    """The links in the mails that are on their way, each as it would be sent now."""
    with reading(db) as session:
        jobs = session.scalars(select(Job).where(Job.kind == "mail.invited").order_by(Job.id)).all()
        written = [letters.write(session, job.kind, job.payload, "http://shop", TOKENS) for job in jobs]
        return [re.findall(r"http://shop(/staff/join/\S+)", letter.text)[0] for letter in written if letter]


def guest(app: Flask, link: str) -> Seat:
    """A browser that has the link's page before it."""
    client = app.test_client()
    page = client.get(link)
    assert page.status_code == 200
    return Seat(client, page.get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0], 0)


def test_somebody_comes_by_invitation(app: Flask, db: Database, shelf: Shelf, owner: Seat) -> None:
    assert owner.post("/staff/people/invite", KIM).status_code == 303
    assert "kim@tinsel.example" in words(owner.get("/staff/people"))
    [link] = links(db)
    seat = guest(app, link)
    assert "Accountant" in words(seat.get(link))
    answer = seat.post(link, NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/factor")
    assert seat.get("/staff/").headers["Location"].startswith("/staff/factor")
    assert seat.get("/staff/factor").headers["Location"] == "/staff/factor/enrol"
    with reading(db) as session:
        kim = session.scalars(select(Staff).where(Staff.email == "kim@tinsel.example")).one()
        assert [(role.label_id, role.role) for role in kim.roles] == [(shelf.label, Role.ACCOUNTANT)]
        assert (kim.name, passwords.right(NEW["password"], kim.password_hash)) == ("Kim", True)
        deeds = session.execute(
            select(AuditEntry.deed, AuditEntry.detail).where(AuditEntry.deed.like("staff.%")).order_by(AuditEntry.id)
        ).all()
    assert [deed for deed, _detail in deeds] == ["staff.invited", "staff.joined"]
    assert "kim@" not in str(deeds)
    assert app.test_client().get(link).status_code == 404
    assert "Send again" not in words(owner.get("/staff/people"))


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": ""}, "Please fill this in"),
        ({"again": "another"}, "The two are not the same"),
        ({"password": "short", "again": "short"}, "At least 12 characters"),
    ],
)
def test_what_is_missing_is_said_and_the_link_still_counts(
    app: Flask, db: Database, owner: Seat, form: dict[str, str], sentence: str
) -> None:
    owner.post("/staff/people/invite", KIM)
    [link] = links(db)
    seat = guest(app, link)
    answer = seat.post(link, {**NEW, **form})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert seat.post(link, NEW).status_code == 303


@pytest.mark.usefixtures("unchecked")  # nobody sends the mail within that week
def test_a_link_counts_for_a_week(app: Flask, db: Database, owner: Seat, clock: StoppedClock) -> None:
    owner.post("/staff/people/invite", KIM)
    [link] = links(db)
    clock.forward(days=7)
    assert app.test_client().get(link).status_code == 200
    clock.forward(seconds=1)
    assert app.test_client().get(link).status_code == 404


def test_it_is_sent_again_and_the_older_link_ends(app: Flask, db: Database, owner: Seat) -> None:
    owner.post("/staff/people/invite", KIM)
    [old] = links(db)
    assert owner.post("/staff/people/invitations/1/again").status_code == 303
    new = links(db)[-1]
    assert (app.test_client().get(old).status_code, app.test_client().get(new).status_code) == (404, 200)
    assert _last(db) == "staff.invitation_sent_again"


def test_it_is_withdrawn(app: Flask, db: Database, owner: Seat) -> None:
    owner.post("/staff/people/invite", KIM)
    [link] = links(db)
    seat = guest(app, link)
    assert owner.post("/staff/people/invitations/1/withdraw").status_code == 303
    assert seat.post(link, NEW).status_code == 404
    assert links(db) == []  # a mail that is still to go out is not sent either
    assert owner.post("/staff/people/invitations/1/again").status_code == 409
    assert _last(db) == "staff.invitation_withdrawn"


def test_asking_anew_ends_the_older_one(app: Flask, db: Database, owner: Seat) -> None:
    owner.post("/staff/people/invite", KIM)
    [old] = links(db)
    owner.post("/staff/people/invite", {**KIM, "role": "packer"})
    [new] = links(db)
    assert (app.test_client().get(old).status_code, app.test_client().get(new).status_code) == (404, 200)


def test_who_may_not_invite_any_more_has_invited_nobody(app: Flask, db: Database, shelf: Shelf, owner: Seat) -> None:
    kim = make_staff(db, "Kim", {shelf.label: Role.OWNER})
    sit_down(app, db, kim).post("/staff/people/invite", {"email": "eve@tinsel.example", "role": "owner"})
    [link] = links(db)
    assert app.test_client().get(link).status_code == 200
    with transaction(db) as session:
        people.set_role(session, kim, shelf.label, Role.MANAGER)
    assert app.test_client().get(link).status_code == 404


def test_who_has_an_account_keeps_it(app: Flask, db: Database, shelf: Shelf, other_shelf: Shelf, owner: Seat) -> None:
    kim = make_staff(db, "Kim", {other_shelf.label: Role.PACKER})
    owner.post("/staff/people/invite", KIM)
    [link] = links(db)
    seat = guest(app, link)
    assert "have an account here already" in words(seat.get(link))
    assert seat.post(link, NEW).headers["Location"] == "/staff/"
    assert seat.get("/staff/").headers["Location"].startswith("/staff/sign-in")  # the link signs nobody in
    assert "at this desk now, too" in words(seat.get("/staff/sign-in"))
    with reading(db) as session:
        row = session.get_one(Staff, kim)
        assert {role.label_id: role.role for role in row.roles} == {other_shelf.label: Role.PACKER, shelf.label: Role.ACCOUNTANT}
        assert not passwords.right(NEW["password"], row.password_hash)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"email": "owner@tinsel.example"}, "at the desk already"),
        ({"email": "kim"}, "whole address"),
        ({"role": "emperor"}, "choose one"),
    ],
)
def test_who_cannot_be_invited(db: Database, owner: Seat, form: dict[str, str], sentence: str) -> None:
    answer = owner.post("/staff/people/invite", {**KIM, **form})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert links(db) == []


def test_anothers_invitation_does_not_exist(app: Flask, db: Database, owner: Seat, other_shelf: Shelf) -> None:
    owner.post("/staff/people/invite", KIM)
    stranger = sit_down(app, db, make_staff(db, "Stranger", {other_shelf.label: Role.OWNER}))
    for deed in ("again", "withdraw"):
        assert stranger.post(f"/staff/people/invitations/1/{deed}").status_code == 404
    assert "kim@tinsel.example" not in words(stranger.get("/staff/people"))


@pytest.mark.parametrize("token", ["", "x", "1-" + "A" * 27, "99999999999999999-" + "A" * 27, "%00", "1" * 500])
def test_what_is_no_link(app: Flask, token: str) -> None:
    assert app.test_client().get(f"/staff/join/{token}").status_code == 404


def test_a_link_that_was_used_is_none(db: Database, owner: Seat) -> None:
    owner.post("/staff/people/invite", KIM)
    with reading(db) as session:
        token = invitations.token(TOKENS, session.get_one(Invitation, 1))
    with transaction(db) as session:
        found = invitations.of_token(session, TOKENS, token, NOW)
        invitations.accept(session, found, "Kim", "$hash", NOW)
        with pytest.raises(NotFound):
            invitations.of_token(session, TOKENS, token, NOW)


def _last(db: Database) -> str:
    with reading(db) as session:
        return session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id.desc()).limit(1)).one()


def test_who_lost_every_role_comes_back_with_a_password_of_their_own(app: Flask, db: Database, shelf: Shelf, owner: Seat) -> None:
    """Their account is open still and works nowhere; it must not be left with a password that nobody has."""
    kim = make_staff(db, "Kim", {shelf.label: Role.PACKER})
    assert owner.post(f"/staff/people/{kim}/role", {"role": "none"}).status_code == 303
    owner.post("/staff/people/invite", KIM)
    [link] = links(db)
    seat = guest(app, link)
    assert "have an account here already" not in words(seat.get(link))
    assert seat.post(link, {}).status_code == 422
    assert seat.post(link, NEW).headers["Location"] == "/staff/factor"
    with reading(db) as session:
        row = session.get_one(Staff, kim)
        assert {role.label_id: role.role for role in row.roles} == {shelf.label: Role.ACCOUNTANT}
        assert passwords.right(NEW["password"], row.password_hash)
        told = session.scalars(select(Job.payload).where(Job.kind == "mail.sign_in_changed")).all()
    assert [(each["staff"], each["what"]) for each in told] == [(kim, "staff.password_changed")]


def test_who_loses_every_role_on_the_way_in_is_asked_for_a_password(
    db: Database, shelf: Shelf, other_shelf: Shelf, owner: Seat
) -> None:
    kim = make_staff(db, "Kim", {other_shelf.label: Role.PACKER})
    make_staff(db, "Odo", {other_shelf.label: Role.OWNER})
    owner.post("/staff/people/invite", KIM)
    with transaction(db) as session:
        people.set_role(session, kim, other_shelf.label, None)
    with pytest.raises(Conflict), transaction(db) as session:
        invitations.accept(session, session.get_one(Invitation, 1), "", "", NOW)
