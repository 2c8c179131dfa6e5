"""An order's own page, and having its link sent again."""

from datetime import timedelta

from flask import Response, jsonify, make_response, render_template, request

from app.checkout.details import normalise
from app.kernel import outbox, throttle
from app.kernel.errors import BadInput
from app.reports import letters
from app.reports.order_finding import orders_of
from app.reports.order_page import OrderPage, order_page
from app.shop.blueprint import bp
from app.shop.shapes import moment, price
from app.web import fan, forms, links
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.house import house, now, reading, transaction

_PER_NETWORK, _PER_ADDRESS = 30, 3  # searches an hour


@bp.get("/orders/<token>")
def order(token: str) -> Response:
    """What the database knows of an order."""
    with reading() as session:
        page = order_page(session, links.order_of_token(session, token))
    if wants_json():
        return _json(page)
    return make_response(render_template("shop/order.html", page=page, **colophon(page.label)))


@bp.get("/orders/find")
def find_order() -> Response:
    """Ask for the address that an order was made with."""
    return _finder(200)


@bp.post("/orders/find")
def send_links() -> Response:
    """Mail the links of the orders made with an address; the answer is the same whether there are any or not."""
    try:
        written, key = normalise(forms.text("email", label="The e-mail address", most=254, least=1))
    except BadInput as refusal:
        if wants_json():
            raise
        return _finder(422, dict(refusal.fields), request.form.get("email", ""))
    with transaction() as session:
        hour = timedelta(hours=1)
        throttle.allow(session, f"find:{fan.network()}", most=_PER_NETWORK, per=hour, now=now(), what="searches from your network")
        if not throttle.hit(session, f"find:{house().tokens.digest('find', key)}", most=_PER_ADDRESS, per=hour, now=now()):
            for ids in orders_of(session, key):
                payload = {"orders": list(ids), "asked": f"{now():%Y%m%d%H%M%S}"}
                outbox.enqueue(session, letters.LINK, str(ids[0]), payload, now=now(), priority=6)
    if wants_json():
        return jsonify(asked=True)
    return make_response(render_template("shop/find_order.html", sent_to=written, fields={}, typed=written))


def _finder(status: int, fields: dict[str, str] | None = None, typed: str = "") -> Response:
    return make_response(render_template("shop/find_order.html", sent_to=None, fields=fields or {}, typed=typed), status)


def _json(page: OrderPage) -> Response:
    tracking = page.tracking
    return jsonify(
        reference=page.reference,
        state=page.progress.value,
        placed_at=moment(page.placed_at),
        copies=[{"run": line.run, "number": number} for line in page.lines for number in line.numbers],
        postage=price(page.postage),
        total=price(page.total),
        tracking={"carrier": tracking.carrier, "number": tracking.number, "url": tracking.url} if tracking else None,
    )
