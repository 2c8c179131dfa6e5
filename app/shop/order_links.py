"""Having the links of one's orders mailed again."""

from datetime import timedelta

from flask import Response, jsonify, make_response, render_template, request

from app.checkout.details import normalise
from app.kernel import outbox, throttle, typos
from app.kernel.errors import BadInput
from app.reports import letters
from app.reports.order_finding import orders_of
from app.shop.blueprint import bp
from app.web import fan, forms
from app.web.errors import wants_json
from app.web.house import house, now, transaction

_PER_NETWORK, _PER_ADDRESS = 30, 3  # searches an hour


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
            for ids in orders_of(session, written, key):
                payload = {"orders": list(ids), "asked": f"{now():%Y%m%d%H%M%S}"}
                outbox.enqueue(session, letters.LINK, str(ids[0]), payload, now=now(), priority=6)
    if wants_json():
        return jsonify(asked=True)
    return make_response(render_template("shop/find_order.html", sent_to=written, meant=typos.meant(written), fields={}))


def _finder(status: int, fields: dict[str, str] | None = None, typed: str = "") -> Response:
    return make_response(render_template("shop/find_order.html", sent_to=None, fields=fields or {}, typed=typed), status)
