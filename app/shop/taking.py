"""Taking copies: the click that begins a hold."""

from flask import Response, jsonify
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.catalogue.models import Release, Run
from app.checkout.take import Fan, Taken, take
from app.drops.models import Drop, DropRun
from app.inventory.models import Hold
from app.kernel.errors import NotFound, Paying, Unavailable
from app.shop import wants
from app.shop.blueprint import bp
from app.shop.hold_answers import refused
from app.shop.shapes import moment
from app.web import fan, links
from app.web.errors import wants_json
from app.web.house import now, transaction


@bp.post("/drops/<slug>/holds")
def take_copies(slug: str) -> Response:
    """Hold copies: 303 to the hold; JSON 201, or 200 when it was as wanted already."""
    wanted, known = wants.posted(), fan.fan()
    who = known or fan.new_fan()
    try:
        with transaction() as session:
            drop = _drop(session, slug)
            taken = _take(session, drop, wants.of_drop(drop, wanted), who)
            slugs = {entry.run_id: entry.run.slug for entry in drop.entries}
    except Paying as refusal:
        hold = refusal.context.get("hold")
        if isinstance(hold, Hold):  # their own page has the buttons for it
            return refused(links.hold_token(hold), refusal)
        raise
    response = _as_json(taken, slugs) if wants_json() else Response(status=303, headers={"Location": links.hold_link(taken.hold)})
    if known is None:
        fan.remember(response, who)
    return response


def _drop(session: Session, slug: str) -> Drop:
    """A published drop with all that taking looks at; NotFound otherwise."""
    whole = selectinload(Drop.entries).joinedload(DropRun.run).joinedload(Run.release).joinedload(Release.artist)
    drop = session.scalar(select(Drop).where(Drop.slug == slug, Drop.published_at.is_not(None)).options(whole))
    if drop is None:
        raise NotFound("There is no such drop.")
    return drop


def _take(session: Session, drop: Drop, wanted: dict[int, int], who: Fan) -> Taken:
    """Take, and once more when two first clicks of one fan got in each other's way."""
    try:
        with session.begin_nested():
            return take(session, drop, wanted, who, now())
    except RuntimeError:
        pass
    try:
        return take(session, drop, wanted, who, now())
    except RuntimeError as lost:
        raise Unavailable("Two clicks of yours got in each other's way. Please try again.", retry_after=1) from lost


def _as_json(taken: Taken, slugs: dict[int, str]) -> Response:
    copies = [{"run": slugs[held.run_id], "number": number} for held in taken.contents for number in held.numbers]
    answer = jsonify(token=links.hold_token(taken.hold), expires_at=moment(taken.hold.expires_at), copies=copies)
    answer.status_code = 201 if taken.changed else 200
    return answer
