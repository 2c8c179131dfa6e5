"""An order's own page."""

from flask import Response, jsonify, make_response, render_template

from app.orders.models import Order
from app.reports.order_files import OrderFile
from app.reports.order_page import OrderPage, order_page
from app.shop.blueprint import bp
from app.shop.shapes import moment, price
from app.web import links
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.house import reading

_PER_NETWORK, _PER_ADDRESS = 30, 3  # searches an hour


@bp.get("/orders/<token>")
def order(token: str) -> Response:
    """What the database knows of an order."""
    with reading() as session:
        page = order_page(session, links.order_of_token(session, token))
        again = {id_: links.order_link(session.get_one(Order, id_)) for each in page.happened if (id_ := each.again_id)}
    if wants_json():
        return _json(page, token)
    return make_response(render_template("shop/order.html", page=page, token=token, again=again, **colophon(page.label)))


def _file(each: OrderFile, token: str) -> dict[str, str | int]:
    url = f"/orders/{token}/files/{each.id}"
    return {"name": each.name, "kind": each.kind.value, "size": each.size, "sha256": each.sha256, "url": url}


def _json(page: OrderPage, token: str) -> Response:
    tracking = page.tracking
    return jsonify(
        reference=page.reference,
        leaves_with=list(page.parcel.references),
        state=page.progress.value,
        placed_at=moment(page.placed_at),
        copies=[{"run": line.run, "number": number} for line in page.yours for number in line.numbers],
        postage=price(page.postage),
        total=price(page.total),
        refunds=[{"amount": price(each.amount), "state": each.state.value} for each in page.backs],
        files=[_file(each, token) for each in page.files if not page.files_wait],
        tracking={"carrier": tracking.carrier, "number": tracking.number, "url": tracking.url} if tracking else None,
    )
