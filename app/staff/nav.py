"""What every page of the desk has around it: the rail, who is signed in, and refusals in the desk's own frame."""

from typing import Any

from flask import Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from app.accounts.people import Person
from app.accounts.roles import Deed
from app.kernel.errors import Refusal
from app.staff.blueprint import bp
from app.staff.guard import SignedIn, came_from
from app.web import errors

# Text, endpoint, key, the deed it is, and what else belongs to it by the beginning of its endpoint. What is wanted all day has a
# key of its own; the rest begins with g (go), so that the other letters are left to the pages.
RAIL: tuple[tuple[Any, str, str, Deed, tuple[str, ...]], ...] = (
    (lazy_gettext("Today"), "staff.home", "t", Deed.SEE, ("day",)),
    (lazy_gettext("Orders"), "staff.orders", "o", Deed.SEE, ("order", "refund", "fan")),
    (lazy_gettext("Pack"), "staff.packing", "p", Deed.PACK, ("pack", "parcel", "scan", "slip", "ship")),
    (lazy_gettext("Drops"), "staff.drops", "d", Deed.MAKE, ("drop",)),
    (lazy_gettext("Releases"), "staff.releases", "r", Deed.MAKE, ("release", "run", "copy", "track", "stock", "count", "file")),
    (lazy_gettext("Artists"), "staff.artists", "g a", Deed.MAKE, ("artist",)),
    (lazy_gettext("Postage"), "staff.postage", "g p", Deed.MAKE, ("postage", "zone", "rate")),
    (lazy_gettext("Codes"), "staff.codes", "g c", Deed.MAKE, ("code",)),
    (lazy_gettext("Books"), "staff.books", "g b", Deed.BOOKS, ("book",)),
    (lazy_gettext("Label"), "staff.labels", "g l", Deed.LABEL, ("label",)),
    (lazy_gettext("People"), "staff.people", "g e", Deed.PEOPLE, ("people", "person")),
    (lazy_gettext("Outbox"), "staff.outbox", "g o", Deed.CORRECT, ("outbox", "difference")),
    (lazy_gettext("Audit"), "staff.audit_log", "g u", Deed.AUDIT, ("audit",)),
)


@bp.context_processor
def around() -> dict[str, Any]:
    """The variables of layouts/desk.html."""
    who = _signed_in()
    if who is None:
        return {"desk_user": None}
    return {
        "site_name": _("Runout desk"),
        "home_url": _address("staff.home") or "/staff/",
        "desk_nav": [_item(item) for item in RAIL if who.anywhere(item[3]) and _address(item[1])],
        "search_url": _address("staff.search"),
        "search_value": request.args.get("q", "") if request.endpoint == "staff.search" else "",
        "desk_user": who.name,
        "own_url": url_for("staff.me"),
        "guide_url": url_for("staff.guide"),
        "sign_out_url": url_for("staff.sign_out"),
        "csrf": generate_csrf(),
    }


@bp.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    """A polite no inside the desk, so that nobody is thrown out to the shop."""
    if errors.wants_json() or _signed_in() is None:
        return errors.refused(refusal)
    answer = make_response(render_template("staff/refusal.html", refusal=refusal, back=came_from()), refusal.status)
    if refusal.retry_after is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


def _signed_in() -> Person | None:
    """Who has shown both factors; before that a page has nothing of the desk around it."""
    user = current_user._get_current_object()
    return user.visit.person if isinstance(user, SignedIn) and user.visit.proven else None


def _item(item: tuple[Any, str, str, Deed, tuple[str, ...]]) -> dict[str, Any]:
    text, endpoint, key, _deed, family = item
    here = (request.endpoint or "").removeprefix("staff.")
    current = request.endpoint == endpoint or any(here.startswith(name) for name in family)
    return {"text": text, "href": url_for(endpoint), "key": key, "current": current}


def _address(endpoint: str) -> str | None:
    """Where a page without arguments is; None while there is no such page."""
    return url_for(endpoint) if endpoint in current_app.view_functions else None
