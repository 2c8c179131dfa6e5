"""Every page of shop and desk, light and dark, wide and narrow: accessible, light, still, within its policy."""

from collections.abc import Iterator
from typing import Any, Protocol

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser, Page, Response
from sqlalchemy import select, update

from app.accounts import invitations
from app.accounts.models import Staff, StaffSession
from app.accounts.roles import Role
from app.catalogue.models import Label
from app.kernel.db import Database, transaction
from tests.browser import checks
from tests.browser.checks import CONTRAST, EVERYTHING, overflow, picture, report, violations
from tests.browser.conftest import SignIn, show_password
from tests.browser.held import Held
from tests.browser.running import METRICS_TOKEN, RunningShop
from tests.browser.sights import ELSEWHERE, FILES, SIGHTS, Sight
from tests.browser.staging import stage
from tests.browser.staging_setup import stage_setup
from tests.browser.watch import Watch, shift
from tests.cast import StoppedClock
from tests.site import make_app

WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"}
# What a reader may see a page without: it must not move when this comes after the first paint.
PAINTED = """() => new Promise((painted) => new PerformanceObserver((list) => {
  if (list.getEntriesByName('first-contentful-paint').length) painted();
}).observe({ type: 'paint', buffered: true }))"""
LATE = {"fonts": "**/*.woff2", "pictures": "**/media/*", "scripts": "**/*.js"}
BLANK = "about:blank"
NARROW: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


class Look(Protocol):
    """Opens a sight; see `look`."""

    def __call__(self, sight: Sight, kind: dict[str, Any]) -> tuple[Page, Response, Watch]: ...


POST = """([path, fields]) => {
  const form = Object.assign(document.createElement('form'), { method: 'post', action: path });
  for (const [name, value] of fields) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  const token = document.querySelector('[name=csrf_token]');
  if (token) form.append(token.cloneNode());
  document.body.append(form);
  form.submit();
}"""


@pytest.fixture(scope="session")
def names(gallery: RunningShop) -> dict[str, Any]:
    """What the gallery shows; the addresses are filled from it."""
    packer = gallery.add_staff("pia@halbschatten.example", "--name", "Pia", "--role", "packer")
    half = gallery.add_staff("nina@halbschatten.example", "--name", "Nina", "--role", "accountant")
    return (
        stage(gallery)
        | stage_setup(gallery)
        | {"packer": packer, "half": half, "at the door": gallery.login, "invitation": _invitation(gallery)}
    )


def _invitation(gallery: RunningShop) -> str:
    """The token of somebody's who was asked to the desk and has not come."""
    with transaction(gallery.db) as session:
        label, sam = session.scalars(select(Label.id)).one(), session.scalars(select(Staff.id).order_by(Staff.id)).first()
        asked = invitations.invite(session, label, "theo@halbschatten.example", Role.MANAGER, sam or 0, gallery.now())
        return invitations.token(gallery.tokens, asked)


def _freshen(gallery: RunningShop) -> None:
    """Looking at all pages takes longer than a browser is believed that it is still the same person."""
    with transaction(gallery.db) as session:
        proven = StaffSession.proven_at.is_not(None)
        session.execute(update(StaffSession).where(proven).values(confirmed_at=gallery.now()))
        session.execute(update(StaffSession).where(~proven).values(created_at=gallery.now()))


@pytest.fixture(scope="module")
def look(browser: Browser, gallery: RunningShop, names: dict[str, Any], signed_in: SignIn) -> Iterator[Look]:
    """Open a sight as whoever it is for; one browser for each of them serves all sights."""
    opened: dict[str, tuple[Page, Watch]] = {}

    def open_one(who: str) -> tuple[Page, Watch]:
        context = browser.new_context(base_url=gallery.url, locale="en-GB", timezone_id="Europe/London")
        watch = Watch()
        watch.over(context)
        context.add_init_script(checks.AXE_AT_HAND)
        if who == "fan":
            context.add_cookies([{"name": n, "value": v, "url": gallery.url} for n, v in names["fan_cookies"].items()])
        elif who in {"staff", "packer"}:
            context.add_cookies(signed_in(gallery, names["packer"] if who == "packer" else gallery.login))
        page = context.new_page()
        if who in {"half", "at the door"}:
            show_password(page, names[who])
        page.goto("/staff/password")  # styles, scripts and fonts of shop and desk are there from now on
        page.goto("/imprint")
        return page, watch

    def at(sight: Sight, kind: dict[str, Any]) -> tuple[Page, Response, Watch]:
        if sight.who not in opened:
            opened[sight.who] = open_one(sight.who)
        page, watch = opened[sight.who]
        for other, _ in opened.values():
            if other is not page and other.url != BLANK:
                other.goto(BLANK)  # a page that counts down and asks for news keeps half a core busy
        watch.faults.clear()
        _freshen(gallery)
        page.set_viewport_size(kind["viewport"])
        page.emulate_media(color_scheme=kind["color_scheme"])
        return page, go(page, sight, names), watch

    yield at
    for page, _ in opened.values():
        page.context.close()


def go(page: Page, sight: Sight, names: dict[str, Any]) -> Response:
    """Open the page, by its form where it is an answer to one."""
    path = sight.path.format(**names)
    if not sight.posts:
        answer = page.goto(path)
    else:
        page.goto(sight.before)
        with page.expect_navigation() as navigation:
            page.evaluate(POST, [path, [(name, value.format(**names)) for name, value in sight.form]])
        answer = navigation.value
    assert answer is not None
    assert answer.status == sight.status, f"{path} answered {answer.status}"
    checks.settled(page)
    return answer


# Where the last column begins while the first rows are there alone, and once all are.
COLUMN = """() => {
    const rows = [...document.querySelectorAll("tbody tr")];
    return [1, 12, rows.length].map((count) => {
        rows.forEach((row, at) => row.hidden = at >= count);
        return rows[0].lastElementChild.getBoundingClientRect().x;
    });
}"""


def test_the_table_of_copies_stands_while_its_rows_come(look: Look) -> None:
    """It is long enough to be painted in parts."""
    page, _, _ = look(next(sight for sight in SIGHTS if sight.name == "desk-stock"), WIDE)
    assert len(set(page.evaluate(COLUMN))) == 1


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_page(sight: Sight, look: Look) -> None:
    page, answer, watch = look(sight, WIDE)
    moved = shift(page)
    assert checks.clashing_keys(page) == []
    heavy = checks.weight(page, answer.body())
    found = [f"1440 light {one}" for one in violations(page, EVERYTHING)]
    picture(page, sight.name, 1440, "light")
    page.emulate_media(color_scheme="dark")
    found += [f"1440 dark {one}" for one in violations(page, CONTRAST)]
    picture(page, sight.name, 1440, "dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 834, "height": 1112})
    picture(page, sight.name, 834, "light")
    faults = list(watch.faults)
    page, _, watch = look(sight, NARROW)
    moved_narrow = shift(page)
    found += [f"390 dark {one}" for one in violations(page, EVERYTHING)]
    wide = [f"390: {one}" for one in overflow(page)]
    picture(page, sight.name, 390, "dark")
    page.emulate_media(color_scheme="light")
    found += [f"390 light {one}" for one in violations(page, CONTRAST)]
    picture(page, sight.name, 390, "light")
    page.set_viewport_size({"width": 320, "height": 700})
    wide += [f"320: {one}" for one in overflow(page)]
    assert not found, report(found)
    assert not wide, report(wide)
    assert faults + watch.faults == []
    assert sum(heavy.values()) <= checks.MOST_BYTES, heavy
    assert moved[0] <= checks.MOST_SHIFT, moved
    assert moved_narrow[0] <= checks.MOST_SHIFT, moved_narrow


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("late", LATE)
def test_nothing_jumps_when_something_comes_late(
    late: str, width: int, browser: Browser, gallery: RunningShop, names: dict[str, Any], signed_in: SignIn
) -> None:
    shop = ("/", "/drops/kettle-songs", "/drops/low-water", "/drops/streetlights", "/releases/kettle-songs", names["hold"])
    for path in (*shop, "/staff/", "/staff/orders", f"/staff/drops/{names['open_id']}"):
        context = browser.new_context(
            base_url=gallery.url, viewport={"width": width, "height": 844}, locale="en-GB", timezone_id="Europe/London"
        )
        context.add_cookies(signed_in(gallery, gallery.login))
        Watch().over(context)
        page = context.new_page()
        held = Held(page, LATE[late])
        page.goto(path, wait_until="commit")
        page.evaluate(PAINTED)
        held.let_go()
        page.wait_for_load_state()
        checks.settled(page)
        moved = shift(page)
        context.close()
        assert moved[0] <= checks.MOST_SHIFT, (path, moved)


# How far down a door's page begins: as it is, and while only its heading has been read.
TOPS = """() => {
  const main = document.querySelector("main"), top = () => main.getBoundingClientRect().top;
  const whole = top();
  main.replaceChildren(main.firstElementChild);
  return [whole, top()];
}"""


def test_a_door_stays_where_it_is_while_its_page_comes_in_parts(look: Look) -> None:
    page, _, _ = look(next(sight for sight in SIGHTS if sight.name == "desk-factor-enrol"), NARROW)
    whole, begun = page.evaluate(TOPS)
    assert whole == begun


@pytest.mark.parametrize(("endpoint", "path", "kind"), FILES, ids=[endpoint for endpoint, _, _ in FILES])
def test_file(endpoint: str, path: str, kind: str, gallery: RunningShop, names: dict[str, Any], signed_in: SignIn) -> None:
    http = requests.Session()
    if endpoint.startswith("staff."):
        for cookie in signed_in(gallery, gallery.login):
            http.cookies.set(cookie["name"], cookie["value"])
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"} if endpoint == "shop.metrics" else {}
    answer = http.get(gallery.url + path.format(**names), headers=headers, timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] == kind
    assert answer.content


@pytest.fixture
def app(sqlite_db: Database, clock: StoppedClock) -> Flask:
    """The application, for its list of addresses."""
    return make_app(sqlite_db, clock)


def test_no_page_is_missing_from_the_list(app: Flask) -> None:
    looked_at = {sight.endpoint for sight in SIGHTS if not sight.posts} | {endpoint for endpoint, _, _ in FILES} | ELSEWHERE
    every = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    assert every - looked_at == set()
    assert looked_at - every == set()
