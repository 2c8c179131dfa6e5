"""The drop page and its live counts: the same bytes for everybody, made once a second at most."""

import math
from functools import cached_property

from flask import Response

from app.reports.drop_page import drop_page, published
from app.reports.drop_sheet import DropPage, Offer
from app.shop.blueprint import bp
from app.shop.front import HTML
from app.shop.memory import Printed, answer, memory, printed
from app.shop.shapes import json_page, moment, price
from app.web.drop_view import render_drop
from app.web.errors import wants_json
from app.web.house import now, reading


class _Moment:
    """A drop at one moment: its page and its live counts tell the same story, and each is printed once."""

    def __init__(self, page: DropPage) -> None:
        self._page = page

    def lasts(self) -> float:
        """Seconds until the drop opens or closes; without an end when it has done both."""
        coming = [at for at in (self._page.opens_at, self._page.closes_at) if at is not None and at > self._page.now]
        return min(((at - self._page.now).total_seconds() for at in coming), default=math.inf)

    @cached_property
    def html(self) -> Printed:
        return printed(render_drop(self._page), HTML)

    @cached_property
    def live(self) -> Printed:
        return _live(self._page)


@bp.get("/drops/<slug>")
def drop(slug: str) -> Response:
    """A drop in whatever state it is."""
    return live(slug) if wants_json() else answer(_moment(slug).html, _key(slug))


@bp.get("/drops/<slug>/live")
def live(slug: str) -> Response:
    """What changes, as JSON; its tag stays while nothing but the time has changed."""
    return answer(_moment(slug).live, _key(slug), weak=True)


def _live(page: DropPage) -> Printed:
    lasting = {
        "state": page.state.value,
        "opens_at": moment(page.opens_at),
        "closes_at": moment(page.closes_at),
        "runs": [_run(offer) for offer in page.offers],
    }
    return json_page({"now": moment(page.now), **lasting}, tag_of=lasting)


def _run(offer: Offer) -> dict[str, object]:
    stock = offer.pressing.stock
    return {
        "run": offer.pressing.slug,
        "price": price(offer.pressing.price),
        "made": stock.made,
        "available": stock.available,
        "held": stock.held,
        "sold": stock.sold,
        "withdrawn": stock.withdrawn,
        "copies": stock.copies,
    }


def _moment(slug: str) -> _Moment:
    return memory().pages.get(_key(slug), lambda: _look(slug), _Moment.lasts)


def _key(slug: str) -> str:
    return f"drop {slug}"


def _look(slug: str) -> _Moment:
    with reading() as session:
        return _Moment(drop_page(session, published(session, slug), now()))
