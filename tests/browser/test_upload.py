"""A large file goes up from the desk in parts, and goes on after a line that broke; without a script a small one goes whole."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app.catalogue.file_store import FOLDER, PART
from app.catalogue.models import Release, ReleaseFile
from app.kernel.db import reading
from tests.browser.conftest import DESKTOP, SignIn, Visitors
from tests.browser.running import RunningShop

CONTENT = bytes(range(256)) * (PART // 256 + 4000)  # a part and a bit


@pytest.fixture
def release(shop: RunningShop) -> int:
    """A release of the demo label."""
    with reading(shop.db) as session:
        return session.scalars(select(Release.id).order_by(Release.id)).first() or 0


def at_the_desk(shop: RunningShop, visitor: Visitors, signed_in: SignIn, release: int, **more: Any) -> Page:
    """The page of its files."""
    page = visitor(shop, DESKTOP, **more)
    page.context.add_cookies(signed_in(shop, shop.login))
    page.goto(f"/staff/releases/{release}/files")
    return page


def kept(shop: RunningShop, name: str) -> tuple[str | None, bytes]:
    """The checksum that is noted, and the bytes that lie there."""
    with reading(shop.db) as session:
        row = session.scalars(select(ReleaseFile).where(ReleaseFile.name == name)).one()
    return row.sha256, (shop.folder / "media" / FOLDER / row.file).read_bytes()


def test_it_comes_in_parts_and_a_broken_line_is_mended(
    shop: RunningShop, visitor: Visitors, signed_in: SignIn, release: int, tmp_path: Path
) -> None:
    source = tmp_path / "Parts.zip"
    source.write_bytes(CONTENT)
    page = at_the_desk(shop, visitor, signed_in, release)
    sent: list[str] = []

    def breaking(route: Route) -> None:
        sent.append(route.request.url.partition("?at=")[2])
        if len(sent) == 2:
            route.abort("aborted")
        else:
            route.continue_()

    page.route("**/part?at=*", breaking)
    page.get_by_label("The file").set_input_files(source)
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("link", name="Parts.zip", exact=True)).to_be_visible(timeout=30_000)
    assert sent == ["0", str(PART), str(PART)]
    assert kept(shop, "Parts.zip") == (hashlib.sha256(CONTENT).hexdigest(), CONTENT)


def test_without_a_script_a_small_one_goes_whole(
    shop: RunningShop, visitor: Visitors, signed_in: SignIn, release: int, tmp_path: Path
) -> None:
    source = tmp_path / "Small.pdf"
    source.write_bytes(b"a zine")
    page = at_the_desk(shop, visitor, signed_in, release, java_script_enabled=False)
    page.get_by_label("The file").set_input_files(source)
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("link", name="Small.pdf", exact=True)).to_be_visible()
    assert kept(shop, "Small.pdf") == (hashlib.sha256(b"a zine").hexdigest(), b"a zine")
