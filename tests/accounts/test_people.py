"""People at the desk: joining, roles, passwords, and that no label is ever left without an owner."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.accounts import joining, passwords, people, signin
from app.accounts.models import Staff
from app.accounts.people import Person
from app.accounts.roles import Role
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, Conflict, Forbidden, Unavailable
from tests.builders import make_label
from tests.cast import NOW


def somebody(session: Session, name: str = "Sam") -> Staff:
    row = Staff(email=f"{name.lower()}@tinsel.example", name=name, password_hash="$none", created_at=NOW)
    session.add(row)
    session.flush()
    return row


def test_somebody_joins_with_a_new_account(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        joined = joining.join(session, label.id, "  Kim@Tinsel.example ", "Kim", Role.PACKER, "$hash", NOW)
        assert (joined.email, joined.fresh) == ("kim@tinsel.example", True)
        kim = session.get_one(Staff, joined.staff_id)
        assert (kim.name, kim.password_hash, [(r.label_id, r.role) for r in kim.roles]) == (
            "Kim",
            "$hash",
            [(label.id, Role.PACKER)],
        )
        with pytest.raises(BadInput, match="at the desk already"):
            joining.join(session, label.id, "kim@tinsel.example", "Kim", Role.OWNER, "$other", NOW)
        assert kim.password_hash == "$hash"


def test_who_works_for_another_label_keeps_their_password(db: Database) -> None:
    with transaction(db) as session:
        one, two = make_label(session), make_label(session)
        first = joining.join(session, one.id, "kim@tinsel.example", "Kim", Role.OWNER, "$hash", NOW)
        second = joining.join(session, two.id, "kim@tinsel.example", "Another name", Role.PACKER, "$stolen", NOW)
        kim = session.get_one(Staff, first.staff_id)
        assert (second.staff_id, second.fresh, kim.password_hash, kim.name) == (first.staff_id, False, "$hash", "Kim")


def test_who_comes_back_gets_a_new_password(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        people.set_role(session, somebody(session).id, label.id, Role.OWNER)
        kim = joining.join(session, label.id, "kim@tinsel.example", "Kim", Role.PACKER, "$hash", NOW)
        people.disable(session, kim.staff_id, NOW)
        back = joining.join(session, label.id, "kim@tinsel.example", "Kim B.", Role.MANAGER, "$new", NOW)
        row = session.get_one(Staff, kim.staff_id)
        assert (back.staff_id, back.fresh, row.disabled_at, row.password_hash) == (kim.staff_id, True, None, "$new")


@pytest.mark.parametrize(
    "email", ["", "kim", "kim@", "@x.example", "a b@x.example", "kim@x\n.example", "kim@x", "x" * 300 + "@x.example"]
)
def test_an_odd_address_joins_nobody(db: Database, email: str) -> None:
    with transaction(db) as session, pytest.raises(BadInput):
        joining.join(session, make_label(session).id, email, "Kim", Role.PACKER, "$hash", NOW)


def test_the_last_owner_stays(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        sam, kim = somebody(session), somebody(session, "Kim")
        people.set_role(session, sam.id, label.id, Role.OWNER)
        for role in (Role.MANAGER, Role.PACKER, None):
            with pytest.raises(Conflict, match="only owner"):
                people.set_role(session, sam.id, label.id, role)
        with pytest.raises(Conflict):
            people.disable(session, sam.id, NOW)
        people.set_role(session, kim.id, label.id, Role.OWNER)
        people.set_role(session, sam.id, label.id, Role.PACKER)
        with pytest.raises(Conflict, match="only owner"):
            people.set_role(session, kim.id, label.id, None)


def test_a_closed_account_is_out_at_once(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        people.set_role(session, somebody(session, "Owner").id, label.id, Role.OWNER)
        kim = somebody(session, "Kim")
        people.set_role(session, kim.id, label.id, Role.PACKER)
        token = signin.begin(session, kim.id, NOW, proven=True)
        assert signin.who(session, token, NOW) is not None
        people.disable(session, kim.id, NOW)
        assert signin.who(session, token, NOW) is None
        assert people.by_email(session, kim.email) is None


def test_a_role_counts_from_the_next_look(db: Database) -> None:
    with transaction(db) as session:
        label, kim = make_label(session), somebody(session, "Kim")
        people.set_role(session, somebody(session).id, label.id, Role.OWNER)
        people.set_role(session, kim.id, label.id, Role.MANAGER)
        token, label_id, kim_id = signin.begin(session, kim.id, NOW, proven=True), label.id, kim.id
    with transaction(db) as session:
        people.set_role(session, kim_id, label_id, Role.PACKER)
    with reading(db) as session:
        found = signin.who(session, token, NOW)
    assert found is not None
    assert found.person.roles == {label_id: Role.PACKER}


def test_a_session_ends_idle_and_in_the_end(db: Database) -> None:
    with transaction(db) as session:
        token = signin.begin(session, somebody(session).id, NOW, proven=True)
        assert signin.who(session, token, NOW + signin.IDLE) is not None
        assert signin.who(session, token, NOW + signin.IDLE + timedelta(seconds=1)) is None
        for hours in range(1, 25):
            signin.seen(session, token, NOW + timedelta(minutes=29 * hours))
        late = NOW + timedelta(minutes=29 * 24)
        assert signin.who(session, token, late) is not None
        signin.seen(session, token, NOW + signin.LONGEST)
        assert signin.who(session, token, NOW + signin.LONGEST + timedelta(seconds=1)) is None


def test_an_owner_of_one_label_does_not_rule_the_accounts_of_another(db: Database) -> None:
    with transaction(db) as session:
        one, two, kim = make_label(session), make_label(session), somebody(session, "Kim")
        for label in (one, two):
            people.set_role(session, kim.id, label.id, Role.OWNER)
        half = Person(9, "Sam", "sam@tinsel.example", {one.id: Role.OWNER, two.id: Role.MANAGER})
        with pytest.raises(Forbidden):
            joining.check_all_owned(session, kim.id, half)
        joining.check_all_owned(session, kim.id, Person(9, "Sam", "", {one.id: Role.OWNER, two.id: Role.OWNER}))


@pytest.mark.parametrize(
    "password", ["twelve signs", "é löffel ü" * 6, " with spaces around ", "nul\0inside-it", "a thousand" * 100]
)
def test_a_password_is_kept_exactly(password: str) -> None:
    stored = passwords.hashed(password)
    assert passwords.right(password, stored)
    assert not passwords.right(password.strip() + "x", stored)


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 1001, "x" * 1_000_000])
def test_a_password_of_the_wrong_length_is_refused_quickly(password: str) -> None:
    with pytest.raises(BadInput):
        passwords.hashed(password)


def test_no_more_than_two_passwords_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = threading.BoundedSemaphore(2)
    monkeypatch.setattr(passwords, "_AT_ONCE", Impatient(bound))
    stored = passwords.hashed("a password of twelve")
    for _ in range(2):
        bound.acquire()
    with pytest.raises(Unavailable, match="Many people are signing in"):
        passwords.right("a password of twelve", stored)
    bound.release()
    assert passwords.right("a password of twelve", stored)
    assert bound.acquire(blocking=False)  # given back


class Impatient:
    """The bound, for a test that does not wait five seconds."""

    def __init__(self, bound: threading.BoundedSemaphore) -> None:
        self.bound = bound

    def acquire(self, timeout: float | None = None) -> bool:
        """Now or never."""
        return self.bound.acquire(blocking=False)

    def release(self) -> None:
        """As the bound does."""
        self.bound.release()

    def __enter__(self) -> None:
        assert self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()
