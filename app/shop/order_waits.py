"""What a fan can do whose order waits for a run: cancel free when it slipped too far, and say that the address is right."""

from flask import Response, jsonify, make_response, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.checkout import readdress, ways_out
from app.fulfilment import address_checks, parcels
from app.fulfilment.preorder_rows import Answer
from app.kernel.errors import Conflict, NotFound
from app.orders import placing
from app.reports.order_page import OrderPage, order_page
from app.shop.blueprint import bp
from app.shop.hold_answers import see
from app.web import forms, links
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.house import now, reading, transaction


@bp.get("/orders/<token>/way-out/<slug>")
def order_way_out(token: str, slug: str) -> Response:
    """What it means, and the button. 404 where there is none, 409 where it is too late."""
    page = _look(token)
    each = next((making for making in page.makings if making.run == slug and making.opened_at is not None), None)
    if each is None:
        raise NotFound("There is nothing to cancel free of charge here.")
    if each.terms is None:
        raise Conflict(f"This cannot be cancelled here any more. If something is wrong with it, write to {page.write_to}.")
    return make_response(render_template("shop/order_way_out.html", page=page, each=each, token=token, **colophon(page.label)))


@bp.post("/orders/<token>/way-out/<slug>")
def order_way_out_do(token: str, slug: str) -> Response:
    """303 to the order, which says what becomes of the money; to a program what the order is now."""
    shown = forms.number("shown", label="The amount")
    with transaction() as session:
        order = links.order_of_token(session, token)
        ways_out.take(session, order.id, _run(session, slug), shown, now())
    return jsonify(state=_look(token).progress.value) if wants_json() else see(f"/orders/{token}")


@bp.post("/orders/<token>/address/right")
def order_address_right(token: str) -> Response:
    """Note that the address is still right. Conflict once it is the label's to correct."""
    with transaction() as session:
        order = placing.locked(session, links.order_of_token(session, token).id)
        if not readdress.may_fan(order, parcels.locked(session, order.id).state):
            raise Conflict(f"Packing has begun. If the address is wrong, write to {order.label.email} at once.")
        noted = address_checks.answer(session, order.id, Answer.RIGHT, now())
    return jsonify(noted=noted) if wants_json() else see(f"/orders/{token}")


def _look(token: str) -> OrderPage:
    with reading() as session:
        return order_page(session, links.order_of_token(session, token))


def _run(session: Session, slug: str) -> int:
    found = session.scalar(select(Run.id).where(Run.slug == slug))
    if found is None:
        raise NotFound("There is nothing to cancel free of charge here.")
    return found
