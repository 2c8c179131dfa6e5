"""The drop page and its live counts: the same bytes for everybody, made once a second at most."""

from flask import Response

from app.reports.drop_page import DropPage, Offer, drop_page, published
from app.shop.blueprint import bp
from app.shop.front import HTML
from app.shop.memory import Printed, printed, remembered
from app.shop.shapes import json_page, moment, price
from app.web.drop_view import render_drop
from app.web.errors import wants_json
from app.web.house import now, reading


@bp.get("/drops/<slug>")
def drop(slug: str) -> Response:
    """A drop in whatever state it is."""
    if wants_json():
        return live(slug)
    return remembered(f"drop {slug}", lambda: printed(render_drop(_look(slug)), HTML))


@bp.get("/drops/<slug>/live")
def live(slug: str) -> Response:
    """What changes, as JSON; its tag stays while nothing but the time has changed."""
    return remembered(f"live {slug}", lambda: _live(_look(slug)), weak=True)


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


def _look(slug: str) -> DropPage:
    with reading() as session:
        return drop_page(session, published(session, slug), now())
