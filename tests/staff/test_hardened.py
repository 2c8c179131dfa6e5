"""What every answer of shop and desk carries, whatever it is: headers, cookies, and no word too many when something breaks."""

import functools
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.accounts import passwords
from app.kernel.db import Database
from tests.cast import StoppedClock
from tests.site import make_app
from tests.staff.conftest import Shelf
from tests.staff.door import make_sam
from tests.staff.seat import Seat
from tests.staff.test_roles import FIRST, address

_FIRST = "label_id artist_id release_id run_id drop_id staff_id"
_NONE = "slug name path filename version"
PARTS: dict[str, object] = {
    **FIRST, **dict.fromkeys(_FIRST.split(), 1), **dict.fromkeys(_NONE.split(), "none"),
    "which": "story", "state": "open", "token": "1-none", "kind": "imprint",
}  # fmt: skip


@pytest.fixture
def https(db: Database, clock: StoppedClock) -> Flask:
    """The shop at an https address."""
    return make_app(db, clock, base_url="https://shop.example")


def every(app: Flask) -> Iterator[tuple[str, str]]:
    """An address for each rule of the whole shop that can be looked at, with its method."""
    for rule in app.url_map.iter_rules():
        path = _address(app, rule)
        if path is not None:
            yield path, "POST" if "POST" in (rule.methods or set()) else "GET"


def _address(app: Flask, rule: Rule) -> str | None:
    try:
        return address(app, rule, PARTS)
    except Exception:  # a converter that takes no such text
        return None


def test_every_answer_has_its_headers(https: Flask, shelf: Shelf) -> None:
    asked = 0
    for path, method in every(https):
        client = https.test_client()
        answer = client.open(path, method=method, base_url="https://shop.example", headers={"Origin": "https://evil.example"})
        policy = answer.headers["Content-Security-Policy"]
        for said in ("default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
            assert said in policy, path
        assert "unsafe" not in policy, path
        assert "*" not in policy, path
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["Referrer-Policy"] == "same-origin", path
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", path
        assert not [name for name in answer.headers.keys() if name.lower().startswith("access-control-")], path  # noqa: SIM118
        asked += 1
    assert asked > 120


def test_what_is_behind_a_token_or_a_sign_in_is_kept_by_nobody(app: Flask, shelf: Shelf, owner: Seat) -> None:
    private = [(path, method) for path, method in every(app) if path.startswith(("/staff", "/holds", "/orders", "/reminders"))]
    for path, method in private:
        answer = owner.get(path) if method == "GET" else owner.client.post(path)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["X-Robots-Tag"] == "noindex", path
    assert len(private) > 100


def test_the_desks_cookie_is_for_https_and_no_script(https: Flask, db: Database, shelf: Shelf) -> None:
    make_sam(db, shelf.label)
    answer = https.test_client().get("/staff/sign-in", base_url="https://shop.example")
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-desk=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_when_anything_breaks_nothing_of_it_is_said(
    app: Flask, shelf: Shelf, owner: Seat, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def broken(**_parts: object) -> str:
        raise RuntimeError("the inside of the shop")

    shop = {"shop.shop_front", "shop.releases", "shop.my_holds"}
    for endpoint, view in list(app.view_functions.items()):
        if endpoint.startswith("staff.") or endpoint in shop:
            monkeypatch.setitem(app.view_functions, endpoint, functools.partial(broken))
            app.view_functions[endpoint].__dict__.update(view.__dict__)
    tried = 0
    for rule in app.url_map.iter_rules():
        path = None if rule.endpoint.startswith("staff.setup") else _address(app, rule)  # a shop that runs has no set-up any more
        if (rule.endpoint.startswith("staff.") or rule.endpoint in shop) and path and "GET" in (rule.methods or set()):
            answer = owner.get(path, headers={"Accept": kind})
            assert answer.status_code == 500, path
            assert "RuntimeError" not in answer.text, path
            assert "the inside" not in answer.text, path
            tried += 1
    assert tried > 50


PROBES = """
    /.git/config /.env /requirements.txt /wsgi.py /console /debug /admin /docs /openapi.json /server-status /phpinfo.php
    /static/../wsgi.py /static/%2e%2e/wsgi.py /media/../../etc/passwd
"""


@pytest.mark.parametrize("path", PROBES.split())
def test_nothing_lies_about(app: Flask, shelf: Shelf, path: str) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code == 404
    assert "Werkzeug" not in answer.text


@pytest.mark.usefixtures("earnest_passwords")
def test_passwords_are_hashed_as_they_should_be() -> None:
    stored = passwords.hashed("a sentence is a good password")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.right("abcdefgh" * 8 + "é", passwords.hashed("abcdefgh" * 8 + "é"))
    assert not passwords.right("abcdefgh" * 8, passwords.hashed("abcdefgh" * 8 + "é"))
