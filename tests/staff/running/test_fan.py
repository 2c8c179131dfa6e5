"""A fan at the desk: two keystrokes from anywhere, and a block of text that can be pasted."""

import re
from html import unescape

from app.kernel.db import Database
from tests.builders import paid_order, take_some
from tests.cast import BEN
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk


def story(page: str) -> list[str]:
    """The lines of the block."""
    [block] = re.findall(r'<pre class="fan-story" id="story"[^>]*>(.*?)</pre>', page, re.DOTALL)
    return unescape(block).split("\n")


def test_the_block_is_plain_text_in_the_labels_time(db: Database, shop: Shop, packer: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 2})
    page = packer.get("/staff/fans/1")
    lines = story(page.text)
    assert lines[:3] == [
        "All times are those of Berlin.",
        "",
        "Fri 27 Nov 2026, 20:00:00: You held TAPE-001 № 01, 02 in “Drop 1”.",
    ]
    assert all(re.fullmatch(r"Fri 27 Nov 2026, 20:00:00: [A-Z€].*\.", line) for line in lines[2:-1])
    assert 'data-copy="story"' in page.text
    assert 'href="/staff/orders/1"' in page.text


def test_it_is_reached_from_the_order_the_box_and_the_day(db: Database, shop: Shop, packer: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    take_some(db, shop.drop_id, {shop.run_id: 1}, BEN)
    assert 'href="/staff/fans/1" data-key="f"' in packer.get("/staff/orders/1").text
    assert packer.get("/staff/search", q="ada@example.org").location == "/staff/fans/1"
    assert 'href="/staff/fans/2"' in packer.get(f"/staff/drops/{shop.drop_id}/day").text
    assert "They gave no address." in packer.get("/staff/fans/2").text


def test_another_labels_fan_is_not_there(db: Database, shop: Shop, stranger: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    assert stranger.get("/staff/fans/1").status_code == 404
