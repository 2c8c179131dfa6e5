"""Stripe's way back: says what is true, also when the webhook has not come yet."""

from datetime import timedelta

from flask import Response, make_response, render_template

from app.checkout.sync import sync
from app.kernel import throttle
from app.payments.gateway import StripeTrouble
from app.reports.hold_page import HoldPage, hold_page
from app.reports.hold_stage import Stage
from app.shop.blueprint import bp
from app.shop.hold_answers import order_of, see
from app.web import links
from app.web.colophon import colophon
from app.web.house import house, now, reading, transaction

_ASKS = 30  # times a minute that one hold may have Stripe asked


@bp.get("/holds/<token>/paid")
def paid(token: str) -> Response:
    """303 to the order, or to the hold when nothing was paid; a page when the money was let go, or Stripe is silent.

    A session's id in the address is never looked at: only what Stripe says about our own attempt counts.
    """
    page = _look(token)
    asked = True
    if page.attempt_id is not None:
        asked = _ask(page)
        page = _look(token)
    if page.stage is Stage.SPENT:
        return see(order_of(page))
    if page.let_go is not None:
        return _shown("shop/not_charged.html", token, page)
    return see(f"/holds/{token}") if asked else _shown("shop/asking.html", token, page)


def _shown(template: str, token: str, page: HoldPage) -> Response:
    return make_response(render_template(template, page=page, token=token, now=now(), refusal=None, **colophon(page.label)))


def _look(token: str) -> HoldPage:
    with reading() as session:
        return hold_page(session, links.hold_of_token(session, token), now())


def _ask(page: HoldPage) -> bool:
    """Have Stripe asked now; False when it does not answer, or is asked too much already."""
    with transaction() as session:
        if throttle.hit(session, f"paid:{page.hold_id}", most=_ASKS, per=timedelta(minutes=1), now=now()):
            return False
    with house().gateway.place() as free:
        if not free or page.attempt_id is None:
            return False
        try:
            sync(house().db, house().gateway, house().clock, page.attempt_id)
        except StripeTrouble:
            return False
    return True
