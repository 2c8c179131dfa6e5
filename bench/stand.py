"""What the steps ask for: drops with free copies, one that is sold out, and the requests as browsers send them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel.db import Database, transaction
from bench.fans import request
from tests.builders import make_drop, make_label, make_release, make_run, paid_order
from tests.cast import ADA, BEN

TOTAL = 2595  # a copy and a letter to Germany, as builders make them
PLENTY = 100_000  # holds from one network, where every fan comes from this machine


@dataclass(frozen=True)
class Stall:
    """A drop of one run."""

    drop: str
    run: str
    drop_id: int
    run_id: int


def make_stall(
    db: Database, now: datetime, copies: int, *, opens_in: float = -60, hold_minutes: int = 30, limit: int | None = None
) -> Stall:
    """A drop of so many copies at the one label, that opens (or opened) at its time; `limit` is each fan's."""
    with transaction(db) as session:
        run = make_run(session, make_release(session, the_label(session)), size=copies)
        drop = make_drop(session, [run], opens_at=now + timedelta(seconds=opens_in), hold_minutes=hold_minutes, limit=limit)
        drop.network_holds = PLENTY
        return Stall(drop.slug, run.slug, drop.id, run.id)


def make_sold_out(db: Database, now: datetime) -> Stall:
    """A drop whose two copies were bought."""
    stall = make_stall(db, now, 2)
    for person in (ADA, BEN):
        paid_order(db, stall.drop_id, {stall.run_id: 1}, person, now)
    return stall


def the_label(session: Session) -> Label:
    """The one label, made when there is none."""
    return session.scalar(select(Label)) or make_label(session)


def browser(who: int, *, json: bool = False, cookie: str = "", more: Iterable[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """The headers of a browser; each `who` comes from a network of its own."""
    found = [
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ("Accept", "application/json" if json else "text/html,application/xhtml+xml"),
        ("Accept-Encoding", "gzip"),
        ("X-Forwarded-For", f"10.{who >> 16 & 255}.{who >> 8 & 255}.{who & 255}"),
    ]
    return [*found, *([("Cookie", cookie)] if cookie else []), *more]


def look(host: str, path: str, who: int = 0, *, json: bool = False, more: Iterable[tuple[str, str]] = ()) -> bytes:
    """A GET."""
    return request("GET", path, host, browser(who, json=json, more=more))


def post(host: str, path: str, form: dict[str, str], who: int = 0, *, json: bool = False, cookie: str = "") -> bytes:
    """A form that is sent from the shop's own page."""
    own = (("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin"))
    return request("POST", path, host, browser(who, json=json, cookie=cookie, more=own), urlencode(form).encode())


def take(host: str, stall: Stall, who: int = 0, *, json: bool = False, cookie: str = "", quantity: int = 1) -> bytes:
    """One copy, please, or more."""
    form = {"run": stall.run, "quantity": str(quantity)}
    return post(host, f"/drops/{stall.drop}/holds", form, who, json=json, cookie=cookie)
