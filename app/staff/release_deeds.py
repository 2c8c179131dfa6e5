"""Publishing a release, taking it off the shop, and removing one that was never shown."""

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.catalogue import media, releases
from app.reports import desk_releases
from app.staff import deed
from app.staff.blueprint import bp
from app.staff.guard import needs, require
from app.staff.releases import mine
from app.web.house import house, reading, transaction


@bp.post("/releases/<int:release_id>/publish")
@needs(Deed.MAKE)
def release_publish(release_id: int) -> ResponseReturnValue:
    """Show it to everybody."""
    return _show(release_id, shown=True)


@bp.post("/releases/<int:release_id>/unpublish")
@needs(Deed.MAKE)
def release_unpublish(release_id: int) -> ResponseReturnValue:
    """Take it off the shop."""
    return _show(release_id, shown=False)


@bp.get("/releases/<int:release_id>/remove")
@needs(Deed.MAKE)
def release_remove_ask(release_id: int) -> ResponseReturnValue:
    """Ask before removing."""
    with reading() as session:
        page = desk_releases.desk(session, release_id)
    require(page.label_id, Deed.MAKE)
    return render_template(
        "staff/confirm.html",
        title=_("Remove %(name)s?", name=page.catalogue_number),
        sentences=[
            _("“%(title)s” is deleted with its notes, tracks, artwork and previews. This cannot be undone.", title=page.title)
        ],
        action=url_for("staff.release_remove", release_id=release_id),
        verb=_("Remove %(name)s", name=page.catalogue_number),
        back=url_for("staff.release", release_id=release_id),
        tone="danger",
        fields={},
    )


@bp.post("/releases/<int:release_id>/remove")
@needs(Deed.MAKE)
def release_remove(release_id: int) -> ResponseReturnValue:
    """Remove a release that was never shown or pressed."""
    with transaction() as session:
        row = mine(session, release_id)
        label_id, number = row.label_id, row.catalogue_number
        files = releases.remove(session, release_id)
        deed.note(session, "release.removed", "release", release_id, label_id, number=number)
    for file in files:
        media.unlink(house().settings.media_dir, file)
    return redirect(url_for("staff.releases"), 303)


def _show(release_id: int, *, shown: bool) -> Response:
    with transaction() as session:
        label_id = mine(session, release_id).label_id
        if releases.publish(session, release_id, shown=shown):
            deed.note(session, "release.published" if shown else "release.unpublished", "release", release_id, label_id)
    return redirect(url_for("staff.release", release_id=release_id), 303)  # type: ignore[return-value]  # werkzeug's own kind
