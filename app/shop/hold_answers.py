"""How a hold answers: its page for the state it is in, or a refusal shown on that page, with the right status."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, jsonify, make_response, render_template, request

from app.kernel.errors import NotFound, Refusal
from app.orders.models import Order
from app.reports.hold_page import HoldPage, hold_page
from app.reports.hold_stage import Stage
from app.shop.shapes import moment, price
from app.web import errors, links
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.house import now, reading

TEMPLATES = {
    Stage.ACTIVE: "shop/hold.html",
    Stage.PREPARING: "shop/hold_wait.html",
    Stage.PAYING: "shop/hold_paying.html",
    Stage.CLOSING: "shop/hold_wait.html",
    Stage.LAPSED: "shop/hold_ended.html",
    Stage.PUT_BACK: "shop/hold_ended.html",
    Stage.NOT_CHARGED: "shop/not_charged.html",
}
GONE = {Stage.LAPSED: 410, Stage.NOT_CHARGED: 410}
_FORM = ("email", "country", "postage", "note", "code", "name", "line1", "line2", "postal_code", "city", "region")


def see(path: str) -> Response:
    """303: look there, with GET. A script of ours that looks at a hold again is told to take the whole page there."""
    if _by_script() and request.method == "GET":
        return Response(status=204, headers={"HX-Redirect": path})
    return Response(status=303, headers={"Location": path})


def answer(token: str, page: HoldPage) -> Response:
    """A hold in the state it is in."""
    if page.stage is Stage.SPENT:
        return see(order_of(page))
    if wants_json():
        return _json(token, page)
    return _page(token, page, GONE.get(page.stage, 200))


def asked(token: str, meant: str) -> Response:
    """The hold's page with what was typed, and the question whether this address was meant. Nothing is wrong, so it is 200."""
    with reading() as session:
        page = hold_page(session, links.hold_of_token(session, token), now())
    return _page(token, page, 200, meant=meant)


def refused(token: str, refusal: Refusal) -> Response:
    """A refusal on the hold's own page, with what was typed still in the form."""
    if wants_json() or isinstance(refusal, NotFound):
        return errors.refused(refusal)
    with reading() as session:
        page = hold_page(session, links.hold_of_token(session, token), now())
    if page.stage is Stage.SPENT:
        return see(order_of(page))
    response = _page(token, page, refusal.status, refusal=refusal)
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def on_its_page(view: Callable[[str], Response]) -> Callable[[str], Response]:
    """Have the refusals of a view shown on the page of the hold it is about."""

    @wraps(view)
    def shown(token: str) -> Response:
        try:
            return view(token)
        except Refusal as refusal:
            return refused(token, refusal)

    return shown


def order_of(page: HoldPage) -> str:
    """The path of the order that a spent hold became."""
    with reading() as session:
        return links.order_link(session.get_one(Order, page.order_id))


def _page(token: str, page: HoldPage, status: int, refusal: Refusal | None = None, meant: str | None = None) -> Response:
    sign = request.args.get("was", "")
    if sign and _by_script():
        return _still_waiting(token, page, sign)
    if page.may_pay_now(sign):
        return see(str(page.pay_url))
    html = render_template(
        TEMPLATES[page.stage],
        page=page,
        token=token,
        now=now(),
        refusal=refusal,
        fields=getattr(refusal, "fields", {}),
        meant=meant,
        stopped="stopped" in request.args,
        posted_to=request.path,
        typed=_typed(page),
        **colophon(page.label),
    )
    response = make_response(html, status)
    if _by_script() and (page.stage is not Stage.ACTIVE or refusal is not None):
        response.headers["HX-Refresh"] = "true"  # it asked for a part of a form that is not there any more
    return response


def _still_waiting(token: str, page: HoldPage, sign: str) -> Response:
    """A waiting page asks what is new: nothing, other words, or that it may stop waiting."""
    if page.may_pay_now(sign):
        return Response(status=204, headers={"HX-Redirect": str(page.pay_url)})
    if page.goes_on(sign):
        return Response(status=204, headers={"HX-Refresh": "true"})
    if page.sign == sign:
        return Response(status=204)
    return make_response(render_template("shop/hold_waiting.html", page=page, token=token, now=now(), alone=True))


def _typed(page: HoldPage) -> dict[str, str]:
    """What stands in the form: what was just sent, else what the hold knows."""
    code = (page.costs.code if page.costs else "") or request.args.get("code", "")[:40]  # a link may bring one along
    known = {"email": page.email, "country": page.country, "postage": str(page.rate_id or ""), "note": page.note, "code": code}
    sent = {name: request.form[name] for name in _FORM if name in request.form}
    return dict.fromkeys(_FORM, "") | known | sent


def _json(token: str, page: HoldPage) -> Response:
    total = page.costs.total if page.costs else None
    whole: dict[str, Any] = {
        "token": token,
        "state": page.stage.value,
        "expires_at": moment(page.expires_at),
        "copies": [{"run": each.run, "number": number} for each in page.yours for number in each.numbers],
        "total": price(total) if total else None,
    }
    if page.stage is Stage.PREPARING:
        whole["waiting"] = {"place": page.wait.place, "slow": page.wait.slow, "look_in": page.wait.look_in}
    response = jsonify(whole)
    response.status_code = GONE.get(page.stage, 200)
    return response


def _by_script() -> bool:
    return request.headers.get("HX-Request") == "true"
