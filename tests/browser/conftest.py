"""A real Chromium, and the whole shop running as its own programs on free ports; both once per test process."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.accounts.signin import FRESH
from tests.browser.running import ROOT, RunningShop, copy_of, seed
from tests.browser.watch import Watch
from tests.databases import quick_folder

FLAGS = (
    *("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"),
    *("--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars"),
)
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FAILED = pytest.StashKey[bool]()
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember how the test went, for the pictures of what was open when it failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; fails when there is none."""
    found = subprocess.run([ROOT / "tools/chromium.sh"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.fail(found.stderr.strip(), pytrace=False)
    return found.stdout.splitlines()[-1]


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium_path: str) -> dict[str, Any]:
    """Chromium as it runs here; as root it needs its sandbox off."""
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return {"executable_path": chromium_path, "args": [*FLAGS, *root], "headless": True}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The seeded shop that others are copies of, made once for all test processes."""
    alone = not hasattr(request.config, "workerinput")
    shared = tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent
    with (shared / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "template" / "login").exists():
            shutil.rmtree(shared / "template", ignore_errors=True)
            quick = quick_folder("seed")
            try:
                seed(quick)
                shutil.copytree(quick, shared / "template")
            finally:
                shutil.rmtree(quick)
    return shared / "template"


@pytest.fixture(scope="session")
def _memory() -> Iterator[Path]:
    folder = quick_folder("browser")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shop(template: Path, _memory: Path) -> Iterator[RunningShop]:
    """A shop with the demo label for stories; they make what they need and move its clock forward."""
    running, login = copy_of(template, _memory / "shop")
    running.login = login
    with running:
        yield running


@pytest.fixture(scope="session")
def gallery(template: Path, _memory: Path) -> Iterator[RunningShop]:
    """A second one for looking at pages: no story touches it, its clock goes as it goes."""
    running, login = copy_of(template, _memory / "gallery")
    running.login = login
    with running:
        yield running


class Visitors(Protocol):
    """Makes browsers; see `visitor`."""

    def __call__(self, shop: RunningShop, kind: dict[str, Any] = ..., **more: Any) -> Page: ...


@pytest.fixture
def visitor(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visitors]:
    """Open a browser of one's own: `visitor(shop, PHONE, java_script_enabled=False)`.

    At the end nothing may have been refused by the policy, said in the console, or missing. When the test failed,
    what was open is kept in .test/failures.
    """
    opened: list[tuple[BrowserContext, Watch]] = []

    def open_one(shop: RunningShop, kind: dict[str, Any] = DESKTOP, **more: Any) -> Page:
        context = browser.new_context(base_url=shop.url, locale="en-GB", timezone_id="Europe/London", **kind, **more)
        context.set_default_timeout(20_000)
        opened.append((context, watch := Watch()))
        watch.over(context)
        return context.new_page()

    yield open_one
    faults = [fault for _, watch in opened for fault in watch.faults]
    for place, (context, _) in enumerate(opened):
        if request.node.stash.get(FAILED, False) and context.pages:
            context.pages[0].screenshot(path=ROOT / ".test/failures" / f"{request.node.name}-{place}.png")
        context.close()
    assert faults == []


Login = tuple[str, str]


class SignIn(Protocol):
    """Gives the cookies of somebody at the desk; see `signed_in`."""

    def __call__(self, shop: RunningShop, login: Login) -> list[Any]: ...


@pytest.fixture(scope="session")
def signed_in(browser: Browser) -> SignIn:
    """The cookies of a person at the desk, signed in through its own page, and anew once a story may have let that run out."""
    cookies: dict[tuple[str, str], tuple[datetime, list[Any]]] = {}

    def of(shop: RunningShop, login: Login) -> list[Any]:
        key = shop.url, login[0]
        if key not in cookies or shop.now() - cookies[key][0] > FRESH / 2:
            context = browser.new_context(base_url=shop.url)
            sign_in(context.new_page(), shop, login)
            cookies[key] = shop.now(), list(context.cookies())
            context.close()
        return cookies[key][1]

    return of


def sign_in(page: Page, shop: RunningShop, login: Login) -> None:
    """Through the desk's door, the first time with a new authenticator app, and later with what it gave for emergencies."""
    email, _password = login
    show_password(page, login)
    if codes := shop.codes.get(email):
        page.get_by_label("The code").fill(codes.pop())
        page.get_by_role("button", name="Go on").click()
    else:
        secret = page.locator(".secret").inner_text().replace(" ", "")
        page.get_by_label("The code it shows").fill(pyotp.TOTP(secret).at(shop.now()))
        page.get_by_role("button", name="Use this app").click()
        shop.codes[email] = page.locator(".codes .secret").all_inner_texts()
        page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/staff/")


def show_password(page: Page, login: Login) -> None:
    """As far as the second factor."""
    email, password = login
    page.goto("/staff/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/staff/factor**")
