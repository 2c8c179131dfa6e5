"""What is done to a finished drop; what cannot be undone is asked about first."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.drops import deeds, writing
from app.drops.stages import Stage
from app.kernel.errors import Conflict
from app.reports.desk_drops import DropDesk
from app.staff import deed
from app.staff.asking import Form
from app.staff.blueprint import bp
from app.staff.drops import mine, page_of
from app.staff.guard import needs
from app.web.components import in_zone, place
from app.web.house import now, transaction


@bp.get("/drops/<int:drop_id>/publish")
@needs(Deed.MAKE)
def drop_publish_ask(drop_id: int) -> ResponseReturnValue:
    """Say what publishing does, and ask."""
    page = page_of(drop_id)
    if page.stage is not Stage.DRAFT:
        raise Conflict("This drop is published already.")
    return render_template(
        "staff/confirm.html",
        title=_("Publish “%(title)s”?", title=page.title),
        sentences=_what_publishing_does(page),
        action=url_for("staff.drop_publish", drop_id=drop_id),
        verb=_("Publish and open now") if page.at_once else _("Publish"),
        back=url_for("staff.drop", drop_id=drop_id),
        tone="loud",
        fields={"at_once": "1" if page.at_once else "0"},
    )


@bp.post("/drops/<int:drop_id>/publish")
@needs(Deed.MAKE)
def drop_publish(drop_id: int) -> ResponseReturnValue:
    """Announce it to everybody."""
    page_of(drop_id)
    form = Form()
    at_once = form.one_of("at_once", "When it opens", ("0", "1")) == "1"
    form.check()
    with transaction() as session:
        row = mine(session, drop_id)
        deeds.publish(session, drop_id, now(), at_once=at_once)
        deed.note(session, "drop.published", "drop", drop_id, row.label_id, opens=row.opens_at.isoformat())
    return _back(drop_id)


@bp.post("/drops/<int:drop_id>/unpublish")
@needs(Deed.MAKE)
def drop_unpublish(drop_id: int) -> ResponseReturnValue:
    """Take an announced drop back to draft."""
    with transaction() as session:
        row = mine(session, drop_id)
        deeds.unpublish(session, drop_id, now())
        deed.note(session, "drop.taken_back", "drop", drop_id, row.label_id)
    return _back(drop_id)


@bp.get("/drops/<int:drop_id>/remove")
@needs(Deed.MAKE)
def drop_remove_ask(drop_id: int) -> ResponseReturnValue:
    """Ask before removing a draft."""
    page = page_of(drop_id)
    return render_template(
        "staff/confirm.html",
        title=_("Remove “%(title)s”?", title=page.title),
        sentences=[_("This draft is deleted. Its runs stay as they are. This cannot be undone.")],
        action=url_for("staff.drop_remove", drop_id=drop_id),
        verb=_("Remove the draft"),
        back=url_for("staff.drop", drop_id=drop_id),
        tone="danger",
        fields={},
    )


@bp.post("/drops/<int:drop_id>/remove")
@needs(Deed.MAKE)
def drop_remove(drop_id: int) -> ResponseReturnValue:
    """Remove a draft."""
    with transaction() as session:
        row = mine(session, drop_id)
        label_id, title = row.label_id, row.title
        writing.remove(session, drop_id)
        deed.note(session, "drop.removed", "drop", drop_id, label_id, title=title)
    return redirect(url_for("staff.drops"), 303)


def _back(drop_id: int) -> ResponseReturnValue:
    return redirect(url_for("staff.drop", drop_id=drop_id), 303)


def _what_publishing_does(page: DropDesk) -> list[str]:
    opens = _(
        "%(time)s in %(place)s (%(offset)s)",
        time=in_zone(page.opens_at, page.zone),
        place=place(page.zone),
        offset=page.opens_offset,
    )
    return [
        _("Its opening time, %(opens)s, is over: the doors open with this click.", opens=opens)
        if page.at_once
        else _("Fans see it at once. The doors open by themselves %(opens)s.", opens=opens),
        _("Its address, %(path)s, stays from now on.", path=f"/drops/{page.slug}"),
        *(
            _("“%(run)s” is also sold in “%(other)s” at the same time. Both share the same copies.", run=run, other=other)
            for run, other in page.shared
        ),
    ]
