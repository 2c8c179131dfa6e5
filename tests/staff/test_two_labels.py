"""Two labels in one install: for whoever works at one of them the other's rows do not exist, and nothing of it is to be read."""

import io
import json
import zipfile
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.accounts.roles import Role
from app.kernel.db import Database, reading, transaction
from app.kernel.mail import Mailer
from app.reports import letters
from app.tables import metadata
from tests.builders import make_label, paid_order
from tests.cast import ADA, NOW, TOKENS
from tests.makers import make_maker
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff, sit_down
from tests.staff.test_roles import address, rules
from tests.staff.two_labels import WORDS, Other, furnish

# What a visit itself leaves behind.
TRACES = {"staff_sessions", "throttles", "audit_log", "audit_seals"}
OWN = {"session_id", "passkey_id"}  # of a person, not of a label
TYPED = ("enell", "umb-001 1", "1", "MB-TRACK", "mbra", "732", "do quas")  # found by them, and not these words themselves
ANYBODYS = {"which", "state", "way", "picture", "token", "name", "step"}  # no ids


@pytest.fixture
def other(app: Flask, db: Database, shelf: Shelf, other_shelf: Shelf) -> Other:
    """The other label, with one of everything."""
    return furnish(app, db, other_shelf)


@pytest.fixture
def mine(db: Database, shelf: Shelf, owner: Seat, other: Other) -> dict[str, object]:
    """One's own ids, for addresses that name several rows."""
    order = paid_order(db, shelf.drop, {shelf.run: 1}, ADA)
    return {
        "order_id": order.id, "run_id": shelf.run, "release_id": shelf.release, "drop_id": shelf.drop, "label_id": shelf.label,
        "staff_id": owner.staff_id, "maker_id": make_maker(db, "Mine", shelf.label),
    }  # fmt: skip


def _rows(db: Database) -> dict[str, list[Any]]:
    """Every row of every table, save what a visit leaves behind."""
    with db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(table.select())))
            for table in metadata.sorted_tables
            if table.name not in TRACES
        }


def _addresses(app: Flask, rule: Rule, mine: dict[str, object], other: Other) -> Iterator[str]:
    """The rule's address with each mixture of own and other rows in which at least one is the other's."""
    names = sorted(rule.arguments - ANYBODYS)
    fixed = {name: other.ids[name] for name in rule.arguments & ANYBODYS if name in other.ids}
    for choice in product((False, True), repeat=len(names)):
        values = {name: (mine.get(name) if own else other.ids[name]) for name, own in zip(names, choice, strict=True)}
        if not all(choice) and None not in values.values():
            found = address(app, rule, values | fixed)
            assert found is not None, rule
            yield found


@pytest.mark.parametrize("role", [Role.OWNER, Role.PACKER, Role.ACCOUNTANT])
def test_what_is_the_others_does_not_exist(
    app: Flask, db: Database, shelf: Shelf, mine: dict[str, object], other: Other, role: Role
) -> None:
    """By every address of the desk: 404 (403 only where the role allows no such deed anywhere), nothing told, nothing changed."""
    seat = sit_down(app, db, make_staff(db, "Mia", {shelf.label: role}))
    before, tried = _rows(db), 0
    wrong: list[str] = []
    for name, method, rule in rules(app):
        if not rule.arguments - ANYBODYS or rule.arguments & OWN:
            continue
        for path in _addresses(app, rule, mine, other):
            answer = seat.get(path) if method == "GET" else seat.post(path, {"label": other.ids["label_id"]})
            allowed = {404} if role is Role.OWNER else {403, 404}
            if answer.status_code not in allowed:
                wrong.append(f"{method} {name} {path}: {answer.status_code}")
            assert _leaks(answer.get_data()) == [], path
            tried += 1
    assert wrong == []
    assert _rows(db) == before
    assert tried > 150


def _leaks(data: bytes) -> list[str]:
    """The words of the other label in an answer; a workbook is looked through."""
    text = data.decode(errors="replace")
    if data.startswith(b"PK"):
        book = zipfile.ZipFile(io.BytesIO(data))
        text = "".join(book.read(name).decode(errors="replace") for name in book.namelist())
    return [word for word in WORDS if word in text]


def _looks(app: Flask, other: Other) -> Iterator[str]:
    """Every address without a row in it, bare and with the other label and its things asked for; each page reads one or two."""
    asked = {name.removesuffix("_id"): value for name, value in other.ids.items() if name.endswith("_id")}
    period = {"from": "2026-01-01", "to": "2026-12-31"}
    for _name, _method, rule in rules(app, changing=False):
        if not rule.arguments:
            yield rule.rule
            yield f"{rule.rule}?{urlencode(period)}"
            yield f"{rule.rule}?{urlencode(asked | period)}"
            yield f"{rule.rule}?{urlencode({name: value for name, value in asked.items() if name != 'label'} | period)}"
            for typed in TYPED:
                yield f"{rule.rule}?{urlencode({'q': typed, 'query': typed})}"
    for table in ("runs", "countries", "days", "lines"):
        yield f"/staff/books/table.csv?{urlencode({'table': table} | period)}"


@pytest.mark.parametrize("role", [Role.OWNER, Role.PACKER, Role.ACCOUNTANT])
def test_nothing_of_the_other_stands_in_any_list_or_file(
    app: Flask, db: Database, shelf: Shelf, mine: dict[str, object], other: Other, role: Role
) -> None:
    seat, opened = sit_down(app, db, make_staff(db, "Mia", {shelf.label: role})), 0
    for path in _looks(app, other):
        answer = seat.get(path)
        assert answer.status_code < 500, path
        text = answer.get_data()
        for typed in ("fenella", "UMB-001 1", "UMB-TRACK", "UMB", "Umbra", "00732"):
            text = text.replace(f'value="{typed}"'.encode(), b"").replace(
                f"“{typed}”".encode(), b""
            )  # what was typed is said again
        assert _leaks(text) == [], path
        opened += answer.status_code == 200
    assert opened > 60


def test_the_other_would_be_found(app: Flask, mine: dict[str, object], other: Other) -> None:
    """The control: for who works there each of these words is on some page."""
    seen: set[str] = set()
    for path in _looks(app, other):
        seen |= set(_leaks(other.owner.get(path).get_data()))
    assert seen == set(WORDS)


FORMS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("artists/new", {"label": "{label_id}", "name": "New"}),
    ("releases/new", {"label": "{label_id}", "artist": "{artist_id}", "catalogue_number": "X-1", "title": "New"}),
    ("releases/new", {"artist": "{artist_id}", "catalogue_number": "X-1", "title": "New"}),
    ("labels/{own_label}/codes", {"code": "MINE", "kind": "amount", "amount": "1", "every_run": "no", "run": "{run_id}"}),
    ("labels/{own_label}/makers/new", {"name": "New", "artist": "{artist_id}"}),
    ("releases/{own_release}/makers", {"maker": "{maker_id}", "share": "1", "begins_on": "2026-11-27"}),
    ("releases/{own_release}/makers", {"maker": "{own_maker}", "run": "{run_id}", "share": "1", "begins_on": "2026-11-27"}),
    ("orders/chosen", {"order": "{order_id}", "do": "lock"}),
    ("orders/chosen", {"order": "{order_id}", "do": "tag", "tag": "leak"}),
    ("orders/chosen", {"order": "{order_id}", "do": "slips"}),
    ("orders/{own_order}/tags/{tag_id}/remove", {}),
    ("orders/views", {"name": "Mine", "query": "", "label": "{label_id}"}),
    ("packing/chosen", {"order": "{order_id}", "do": "pack"}),
    ("packing/chosen", {"order": "{order_id}", "do": "slips"}),
    ("packing/lock", {"order": "{order_id}"}),
    ("packing/scan", {"code": "{copy_id}"}),
    ("packing/scan/undo", {"copy": "{copy_id}", "order": "{order_id}"}),
    ("packing/ship", {"order": "{order_id}", "carrier": "DHL", "tracking-{order_id}": "1"}),
    ("packing/tracking", {"label": "{label_id}", "rows": "Order;Tracking\n00732;1\n"}),
    ("packing/tracking/ship", {"label": "{label_id}", "rows": "Order;Tracking\n00732;1\n", "sent": "1", "refused": "0"}),
    ("people/new", {"email": "x@example.org", "name": "X", "role": "owner", "label": "{label_id}"}),
    ("people/invite", {"email": "x@example.org", "role": "owner", "label": "{label_id}"}),
    ("people/{own_staff}/role", {"label": "{label_id}", "role": "owner"}),
    ("drops/new", {"label": "{label_id}", "title": "New", "run": "{run_id}", "opens_at": "2026-12-24T20:00", "hold_minutes": "10"}),
    ("drops/new", {"title": "New", "run": "{run_id}", "opens_at": "2026-12-24T20:00", "hold_minutes": "10"}),
    ("drops/{own_drop}/edit", {"title": "New", "run": "{run_id}", "opens_at": "2026-12-24T20:00", "hold_minutes": "10"}),
)  # fmt: skip


def test_a_form_that_names_a_row_of_the_other_changes_nothing(
    app: Flask, db: Database, shelf: Shelf, mine: dict[str, object], other: Other
) -> None:
    """Filled in by somebody who owns two labels, so that forms ask which one is meant, and not the third."""
    with transaction(db) as session:
        second = make_label(session).id
    owner = sit_down(app, db, make_staff(db, "Mia", {shelf.label: Role.OWNER, second: Role.OWNER}))
    known = other.ids | {f"own_{name.removesuffix('_id')}": value for name, value in mine.items()}
    before = _rows(db)
    for path, form in FORMS:
        filled = {name.format_map(known): str(value).format_map(known) for name, value in form.items()}
        answer = owner.post(f"/staff/{path.format_map(known)}", filled, follow_redirects=True)
        assert _rows(db) == before, (path, json.dumps(filled))
        assert answer.status_code < 500, path
        typed = answer.get_data()
        for value in filled.values():
            typed = typed.replace(value.encode(), b"")
        assert _leaks(typed) == [], path


def test_who_works_at_both_sees_both_and_whose_each_is(
    app: Flask, db: Database, shelf: Shelf, mine: dict[str, object], other: Other
) -> None:
    seat = sit_down(app, db, make_staff(db, "Bea", {shelf.label: Role.OWNER, other.shelf.label: Role.OWNER}))
    for path in ("books", "postage", "codes", "makers", "labels"):
        page = seat.get(f"/staff/{path}").get_data(as_text=True)
        assert ("Tinsel Tapes" in page, "Umbra Press" in page) == (True, True), path


def test_equal_order_numbers_are_told_apart(app: Flask, db: Database, shelf: Shelf, mine: dict[str, object], other: Other) -> None:
    """Who works at both reads whose order each is, in lists and on its page; who works at one reads no label's name there."""
    both = sit_down(app, db, make_staff(db, "Bea", {shelf.label: Role.OWNER, other.shelf.label: Role.OWNER}))
    one = sit_down(app, db, make_staff(db, "Mia", {shelf.label: Role.OWNER}))
    for path in ("orders", "packing"):
        page = both.get(f"/staff/{path}").get_data(as_text=True)
        assert '<span class="under">Umbra Press</span>' in page
        assert '<span class="under">Tinsel Tapes</span>' in page
        assert '<span class="under">Tinsel Tapes</span>' not in one.get(f"/staff/{path}").get_data(as_text=True)
    assert "Umbra Press № 00732" in both.get(f"/staff/orders/{other.ids['order_id']}").get_data(as_text=True)


def test_each_label_has_its_page_inks_and_terms(app: Flask, db: Database, mine: dict[str, object], other: Other) -> None:
    fan = app.test_client()
    page = fan.get("/labels/umbra-press").get_data(as_text=True)
    assert ("Umbra opens" in page, "Umbra draft" in page, "Drop 1" in page) == (True, False, False)
    assert "/labels/umbra-press/theme.css" in page
    assert "/labels/umbra-press/terms" in page
    assert '/labels/umbra-press"' in page.split('rel="canonical"')[1].split(">")[0]
    assert "Umbra terms." in fan.get("/labels/umbra-press/terms").get_data(as_text=True)
    assert fan.get("/labels/umbra-press/theme.css").data != fan.get("/labels/tinsel-1/theme.css").data
    front = fan.get("/").get_data(as_text=True)
    assert ('href="/labels/umbra-press"' in front, 'href="/labels/tinsel-1"' in front) == (True, True)
    assert fan.get("/labels/nobody").status_code == 404
    assert "/labels/umbra-press" in fan.get("/sitemap.xml").get_data(as_text=True)


def test_a_mail_comes_from_its_label_and_answers_go_there(db: Database, mine: dict[str, object], other: Other) -> None:
    with reading(db) as session:
        letter = letters.write(session, "mail.confirmed", {"order": other.ids["order_id"]}, "https://shop.example", TOKENS)
        ours = letters.write(session, "mail.confirmed", {"order": mine["order_id"]}, "https://shop.example", TOKENS)
    assert letter is not None
    assert ours is not None
    assert (letter.name, letter.reply_to, _leaks(f"{ours.subject}{ours.text}{ours.html}{ours.name}".encode())) == (
        "Umbra Press", "desk@umbra.example", [],
    )  # fmt: skip
    message = Mailer("smtp://127.0.0.1:1", "The shop <post@shop.example>", "shop.example")._message(letter, NOW)
    assert (message["From"], message["Reply-To"]) == ("Umbra Press <post@shop.example>", "desk@umbra.example")
