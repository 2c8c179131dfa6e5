"""A fan says what is to become of a copy that did not come from the plant: GET shows, POST does."""

from flask import Response, jsonify, make_response, render_template

from app.accounts import audit
from app.checkout import shortfall_answers
from app.checkout.shortfall_choice import Answer
from app.inventory.claims import FAN
from app.inventory.delivery_models import Shortfall
from app.kernel.errors import NotFound
from app.reports.order_page import OrderPage, order_page
from app.shop.blueprint import bp
from app.shop.hold_answers import see
from app.web import forms, links
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.house import now, reading, transaction


@bp.get("/orders/<token>/missing")
def order_missing(token: str) -> Response:
    """Each copy that did not come, with what may be chosen. 404 when nothing is missing."""
    page = _look(token)
    if not page.short:
        raise NotFound("Nothing is missing from this order.")
    return make_response(render_template("shop/missing.html", page=page, token=token, **colophon(page.label)))


@bp.post("/orders/<token>/missing")
def order_missing_do(token: str) -> Response:
    """303 to the same page, which says how it stands; to a program the state of the copy."""
    id_ = forms.number("missing", label="The copy", least=1)
    what = Answer(forms.one_of("answer", list(Answer), label="Your answer"))
    number = forms.number("number", label="The number") if what is Answer.OTHER else None
    with transaction() as session:
        order = links.order_of_token(session, token)
        found = session.get(Shortfall, id_)
        if found is None or found.order_line_id not in {line.id for line in order.lines}:
            raise NotFound("That copy is not of this order.")
        row = shortfall_answers.answer(session, id_, what, now(), FAN, number=number)
        state = row.state
        detail = {"number": order.reference, "reason": what.value, "missing": id_}
        audit.note(
            session, "order.short_answered_by_fan", "order", order.id, now=now(), staff_id=None, label_id=order.label_id, **detail
        )
    return jsonify(state=state.value) if wants_json() else see(f"/orders/{token}/missing#m-{id_}")


def _look(token: str) -> OrderPage:
    with reading() as session:
        return order_page(session, links.order_of_token(session, token))
