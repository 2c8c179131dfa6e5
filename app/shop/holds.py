"""A hold's own page, finding it again, and putting its copies back."""

from flask import Response, jsonify, make_response, render_template

from app.checkout import lapse
from app.reports.hold_page import hold_page, live_holds
from app.shop.blueprint import bp
from app.shop.hold_answers import answer, on_its_page, see
from app.shop.shapes import moment
from app.web import fan, links
from app.web.errors import wants_json
from app.web.house import now, reading, transaction


@bp.get("/holds/<token>")
def hold(token: str) -> Response:
    """A hold in whatever state it is; 410 when its time is over, 303 to the order when it became one."""
    with reading() as session:
        page = hold_page(session, links.hold_of_token(session, token), now())
    return answer(token, page)


@bp.get("/holds")
def my_holds() -> Response:
    """Lead a browser back to what it holds; several drops make a list."""
    who = fan.fan()
    with reading() as session:
        found = live_holds(session, who.id, now()) if who else ()
        pages = [(links.hold_token(hold), page) for hold, page in found]
    if wants_json():
        return jsonify(holds=[{"token": token, "drop": page.drop, "expires_at": moment(page.expires_at)} for token, page in pages])
    if len(pages) == 1:
        return see(f"/holds/{pages[0][0]}")
    return make_response(render_template("shop/my_holds.html", pages=pages, now=now()))


@bp.post("/holds/<token>/put-back")
@on_its_page
def put_back(token: str) -> Response:
    """Put the copies back; 409 while paying, 410 when the hold is over."""
    with transaction() as session:
        found = links.hold_of_token(session, token)
        numbers = lapse.put_back(session, found.id, now())
    return jsonify(put_back=numbers) if wants_json() else see(f"/holds/{token}")
