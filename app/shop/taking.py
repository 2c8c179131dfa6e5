"""Taking copies: the click that begins a hold."""

from flask import Response, jsonify

from app.checkout.take import Taken, take
from app.drops.sale import Sale
from app.drops.sale import sale as sale_of
from app.inventory.holds import Opened
from app.kernel.errors import NotFound, Paying, SoldOut
from app.shop import gone, wants
from app.shop.blueprint import bp
from app.shop.hold_answers import refused
from app.shop.shapes import moment
from app.web import doorman, fan, links
from app.web.errors import wants_json
from app.web.house import now, transaction


@bp.post("/drops/<slug>/holds")
def take_copies(slug: str) -> Response:
    """Hold copies: 303 to the hold; JSON 201, or 200 when it was as wanted already."""
    wanted, known = wants.posted(), fan.fan()
    who = known or fan.new_fan()
    try:
        with transaction() as session:
            sale = sale_of(session, slug)
            if sale is None:
                raise NotFound("There is no such drop.")
            taken = take(session, sale, wants.of_drop(sale, wanted), who, now())
    except Paying as refusal:
        hold = refusal.context.get("hold")
        if isinstance(hold, Opened):  # their own page has the buttons for it
            return refused(links.hold_token(hold), refusal)
        raise
    except SoldOut:
        if known is None:
            doorman.keep(gone.SECONDS)
        raise
    response = _as_json(taken, sale) if wants_json() else Response(status=303, headers={"Location": links.hold_link(taken.hold)})
    if known is None:
        fan.remember(response, who)
    return response


def _as_json(taken: Taken, sale: Sale) -> Response:
    answer = jsonify(told(taken, sale, links.hold_token(taken.hold)))
    answer.status_code = 201 if taken.changed else 200
    return answer


def told(taken: Taken, sale: Sale, token: str) -> dict[str, object]:
    """What a program is told about its hold."""
    slugs = {run.run_id: run.slug for run in sale.runs}
    copies = [{"run": slugs[held.run_id], "number": number} for held in taken.contents for number in held.numbers]
    return {"token": token, "expires_at": moment(taken.hold.expires_at), "copies": copies}
