"""The day itself, as the guide tells it: lock, print, scan, post; then some one at a time, and a batch."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import pyotp
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.inventory.codes import code_of
from app.inventory.models import Copy
from app.kernel.db import reading
from app.orders.models import Order, OrderLine
from tests.browser.running import RunningShop
from tests.day.hands import EARS, Hands
from tests.day.sale import CJK, Sold
from tests.fulfilment.pdf_words import pages, words

SCAN = "/staff/packing/scan"
WRONG_EVERY = 25  # parcels; the first of each so many is given a wrong copy first
DAMAGED = 5  # the parcel, counted from 0, whose copy is found cracked

Copies = dict[int, list[int]]  # the ids of each order's copies, by number


@dataclass
class Told:
    """What happened on the way, for the table."""

    refused: list[str] = field(default_factory=list)  # the words of each refusal of a wrong copy
    tried: int = 0
    slips: int = 0  # sheets printed
    split_off: int = 0
    picked: list[int] = field(default_factory=list)  # orders, in the sequence of the pick lists


@dataclass
class Day:
    """One day at one desk."""

    shop: RunningShop
    sold: Sold
    hands: Hands
    told: Told = field(default_factory=Told)

    @property
    def page(self) -> Page:
        """The one tab that is open."""
        return self.hands.page


def live(shop: RunningShop, sold: Sold, page: Page) -> Day:
    """All of it, from the sign-in to the last parcel sent."""
    page.context.add_init_script(EARS)
    day = Day(shop, sold, Hands(page))
    _sign_in(day)
    _lock(day)
    _pack_by_scanning(day)
    _post(day, but=(sold.mistyped, sold.cjk))
    _one_at_a_time(day)
    with day.hands.about("batch"):
        _batch(day)
    return day


def _sign_in(day: Day) -> None:
    hands, page, (email, password) = day.hands, day.page, day.shop.login
    page.goto("/staff/")
    hands.write(page.get_by_label("E-mail"), email)
    hands.write(page.get_by_label("Password"), password)
    hands.key("Enter")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    hands.write(page.get_by_label("The code it shows"), pyotp.TOTP(secret).at(day.shop.now()))
    hands.key("Enter")
    hands.click(page.get_by_role("link", name="I have kept them"))
    hands.is_at("Today")


def _lock(day: Day) -> None:
    day.hands.key("p")
    day.hands.click(day.page.get_by_role("button", name="Lock them all"))
    expect(day.page.get_by_text("are locked for packing")).to_be_visible()


def _pack_by_scanning(day: Day) -> None:
    """A list, its slips, its parcels; again until none of the run is left. In each hundred the pick list's sequence is kept."""
    mine, left = _copies(day.shop, day.sold.scanned), set(day.sold.scanned)
    while left:
        here = [id_ for id_ in _list_and_slips(day) if id_ in left]
        assert here, "the packing page shows none of those that are left"
        _to_the_scanner(day)
        for order_id in here:
            with day.hands.about(f"scan {order_id}"):
                _pack(day, order_id, mine)
            left.discard(order_id)


def _list_and_slips(day: Day) -> list[int]:
    """Print what the packing page shows; its orders as the pick list has them."""
    hands, page = day.hands, day.page
    hands.click(page.get_by_role("link", name="To pack"))
    hands.is_at("Pack")
    page.emulate_media(media="print")
    expect(page.get_by_role("table")).to_be_hidden()
    expect(page.locator(".picks")).to_be_visible()
    page.emulate_media(media="screen")
    hands.print()
    links = page.locator(".pick-for a").evaluate_all("(all) => all.map((a) => a.getAttribute('href'))")
    for run in page.locator(".pick-run").all():
        numbers = run.locator(".pick-no").all_inner_texts()
        assert numbers == sorted(numbers), f"not in number order: {numbers}"
    picked = list(dict.fromkeys(int(link.rsplit("/", 1)[1]) for link in links))
    hands.key("s")
    page.wait_for_url("**/packing/slips.pdf")
    slips = page.request.get(page.url).body()
    hands.print()
    hands.back()
    assert pages(slips) >= len(picked), "a slip is missing"
    day.told.slips += pages(slips)
    if day.sold.cjk in picked:
        assert CJK[0].replace(" ", "") in "".join(words(slips)).replace(" ", "")
    day.told.picked += picked
    hands.is_at("Pack")
    return picked


def _to_the_scanner(day: Day) -> None:
    day.hands.click(day.page.get_by_role("link", name="Scan", exact=True))
    day.hands.is_at("Pack by scanning")


def _pack(day: Day, order_id: int, mine: Copies) -> None:
    """One parcel: its copy and its slip; with several copies the slip first."""
    hands, place = day.hands, day.sold.scanned.index(order_id)
    slip, copies = _slip(day, order_id), mine[order_id]
    if place % WRONG_EVERY == 0:
        hands.scan(slip)
        _wrong(day, next(id_ for other, ids in mine.items() if other != order_id for id_ in ids))
        _codes(day, copies)
    elif place == DAMAGED:
        hands.scan(code_of(copies[0]))
        _codes(day, [_replaced(day, copies[0]), *copies[1:]])
    elif len(copies) > 1:
        hands.scan(slip)
        _codes(day, copies)
    else:
        _codes(day, copies)
        hands.scan(slip)
    expect(day.page.locator(".scan-head")).to_contain_text(f"Packed: № {_reference(day, order_id)}")


def _wrong(day: Day, copy_id: int) -> None:
    """Scan somebody else's copy: it must be refused in words and in sound, and say where it belongs."""
    said, day.told.tried = day.page.locator("[data-scan-part=said]"), day.told.tried + 1
    before = day.page.evaluate("window.__heard.length")
    day.hands.scan(code_of(copy_id))
    expect(said).to_have_attribute("data-tone", "wrong")
    expect(said).to_contain_text("Stop. Wrong parcel")
    heard = day.page.evaluate("(before) => window.__heard.slice(before)", before)
    assert heard == ["sawtooth", "sawtooth"], heard
    text = said.inner_text()
    assert "belongs into parcel" in text, text
    day.told.refused.append(text)


def _replaced(day: Day, copy_id: int) -> int:
    """The copy in hand is cracked; the one of the reserve that takes its number."""
    hands, page = day.hands, day.page
    damaged = page.get_by_role("link", name="This copy is damaged")
    expect(damaged).to_have_attribute("href", re.compile(rf"/{copy_id}/"))  # until the scan is answered it is of the one before
    hands.click(damaged)
    hands.write(page.get_by_label("What is wrong with it"), "cracked shell")
    hands.click(page.get_by_role("button", name="Replace it"))
    expect(page.get_by_text("second issue takes its place")).to_be_visible()
    hands.is_at("Pack by scanning")
    with reading(day.shop.db) as session:
        old = session.get_one(Copy, copy_id)
        same = select(Copy.id).where(Copy.run_id == old.run_id, Copy.number == old.number, Copy.issue == old.issue + 1)
        return session.scalars(same).one()


def _codes(day: Day, copies: Sequence[int]) -> None:
    for copy_id in copies:
        day.hands.scan(code_of(copy_id))


def _post(day: Day, but: Sequence[int]) -> None:
    """The carrier's file of all but those that it would refuse; its numbers back; then those, put right, the same way."""
    hands, page = day.hands, day.page
    hands.click(page.get_by_role("link", name="Parcel slips"))
    hands.pick(page.get_by_label("State"), "Packed")  # the others are still to be packed, some one at a time, some in a batch
    hands.click(page.get_by_role("button", name="Look"))
    refused = page.get_by_role("table", name="Parcels that would be refused, and why").get_by_role("row")
    expect(refused).to_have_count(len(but) + 1)
    day.told.split_off = len(but)
    _file_and_numbers(day, len(day.sold.scanned) - len(but))
    for order_id in but:
        with hands.about(f"scan {order_id}"):
            _put_right(day, order_id)
    hands.click(page.get_by_role("link", name="Parcel slips"))
    hands.pick(page.get_by_label("State"), "Packed")
    hands.click(page.get_by_role("button", name="Look"))
    _file_and_numbers(day, len(but))


def _put_right(day: Day, order_id: int) -> None:
    hands, page = day.hands, day.page
    hands.click(page.get_by_role("link", name="Parcel slips"))
    row = page.get_by_role("row").filter(has=page.locator(f"a[href='/staff/orders/{order_id}']"))
    hands.click(row.get_by_role("link", name="Put it right").first)
    hands.click(page.get_by_role("link", name="Correct it"))
    latin = {"Name": "Tanaka Yui", "Street and number": "Karasuma-dori 1-2", "Town": "Kyoto"}
    right = {"Postcode": "28199"} if order_id == day.sold.mistyped else latin
    for label, text in right.items():
        hands.write(page.get_by_label(label), text)
    hands.write(page.get_by_label("Why it changes"), "mistyped" if order_id == day.sold.mistyped else "the carrier reads Latin")
    hands.key("Enter")
    expect(page.get_by_text("The address is changed.")).to_be_visible()
    hands.key("p")


def _file_and_numbers(day: Day, many: int) -> None:
    """Fetch the file of so many parcels, let the carrier number them, and give the numbers: so many leave."""
    hands, page = day.hands, day.page
    expect(page.get_by_role("heading", level=2, name=re.compile(f"^{many} parcels? can be posted"))).to_be_visible()
    taken = Path(hands.fetch("y").path()).read_bytes().decode("iso-8859-1")
    lines = list(csv.DictReader(io.StringIO(taken), delimiter=";"))
    hands.click(page.get_by_role("link", name="Tracking", exact=True))
    hands.choose(page.get_by_label("The carrier's file"), _numbers([line["Sendungsreferenz"] for line in lines]))
    hands.key("y")
    assert len(lines) == many
    hands.is_at(f"{many} parcel{'s' * (many != 1)} will leave")
    hands.key("y")
    expect(page.get_by_text(re.compile(rf"^{many} parcels? ha(s|ve) left"))).to_be_visible(timeout=120_000)


def _numbers(references: Iterable[str]) -> dict[str, object]:
    rows = ["Sendungsreferenz;Sendungsnummer", *(f"{each};{tracking(each)}" for each in references)]
    return {"name": "export.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}


def tracking(reference: str) -> str:
    """The number that the carrier gives to an order's parcel."""
    return f"00340434{reference:0>12}"


def _one_at_a_time(day: Day) -> None:
    """A parcel from its copy to its carrier without leaving the page."""
    hands, page, mine = day.hands, day.page, _copies(day.shop, day.sold.single)
    _to_the_scanner(day)
    for order_id in day.sold.single:
        with hands.about(f"single {order_id}"):
            hands.scan(code_of(mine[order_id][0]))
            hands.scan(_slip(day, order_id))
            reference = _reference(day, order_id)
            expect(page.locator(".scan-head")).to_contain_text(f"Packed: № {reference}")
            hands.click(page.get_by_label("Tracking number"))
            hands.scan(tracking(reference))
            expect(page.locator(".scan-head")).to_contain_text(f"On its way: № {reference}")


def _batch(day: Day) -> None:
    """Those without stickers: ticked, printed, marked as packed, posted and sent all together."""
    hands, page, many = day.hands, day.page, len(day.sold.ticked)
    assert sorted(_list_and_slips(day)) == sorted(day.sold.ticked)
    hands.key("m")
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(many)
    hands.key("c")
    expect(page.get_by_text(f"{many} parcels are packed.")).to_be_visible()
    hands.click(page.get_by_role("link", name="Parcel slips"))
    _file_and_numbers(day, many)


def _copies(shop: RunningShop, order_ids: Sequence[int]) -> Copies:
    """What stands on the shelf for these orders."""
    wanted = select(OrderLine.order_id, Copy.id).join(Copy, Copy.order_line_id == OrderLine.id)
    with reading(shop.db) as session:
        found = session.execute(wanted.where(OrderLine.order_id.in_(order_ids)).order_by(OrderLine.order_id, Copy.number)).all()
    return {order_id: [copy_id for _, copy_id in ids] for order_id, ids in groupby(found, key=lambda row: row[0])}


def _slip(day: Day, order_id: int) -> str:
    """What the code on an order's slip says."""
    return f"{day.shop.url}/staff/orders/{order_id}"


def _reference(day: Day, order_id: int) -> str:
    with reading(day.shop.db) as session:
        return session.get_one(Order, order_id).reference
