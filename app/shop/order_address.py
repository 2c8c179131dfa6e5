"""A fan corrects where their order goes, until its parcel is locked for packing."""

from flask import Response, jsonify, make_response, render_template, request

from app.checkout import readdress
from app.kernel.errors import AlreadyShipped, BadInput, Conflict, Refusal
from app.reports.order_address import order_address as read_address
from app.reports.order_page import order_page
from app.shop.blueprint import bp
from app.shop.hold_answers import see
from app.web import address_form, forms, links
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.house import now, reading, transaction


@bp.get("/orders/<token>/address")
def order_address(token: str) -> Response:
    """The form, filled in as it is. 409 where it is too late."""
    return _form(token)


@bp.post("/orders/<token>/address")
def order_address_do(token: str) -> Response:
    """303 to the order with its new address; a refused form comes back as it was typed."""
    try:
        with transaction() as session:
            order = links.order_of_token(session, token)
            known = read_address(session, order)
            to = address_form.read(forms.one_of("country", known.countries, label="The country"))
            changed = readdress.by_fan(session, order.id, to, now())
    except (BadInput, Conflict, AlreadyShipped) as no:
        if wants_json():
            raise
        return _form(token, no)
    return jsonify(changed=changed) if wants_json() else see(f"/orders/{token}")


def _form(token: str, no: Refusal | None = None) -> Response:
    with reading() as session:
        order = links.order_of_token(session, token)
        known, page = read_address(session, order), order_page(session, order)
    if not known.fan_may:
        raise Conflict(f"The address cannot be changed here any more. If it is wrong, write to {page.write_to} at once.")
    values = {**known.values, **request.form.to_dict()}
    body = render_template(
        "shop/order_address.html",
        page=page,
        token=token,
        values=values,
        countries=known.named,
        shape=address_form.shape(values["country"]),
        errors=no.fields if isinstance(no, BadInput) else {},
        said=no.detail if no is not None and not isinstance(no, BadInput) else "",
        **colophon(page.label),
    )
    return make_response(body, no.status if no else 200)
