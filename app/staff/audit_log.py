"""The audit log at the desk: who did what, and to what."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.reports import desk_log
from app.staff import log_filters
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs
from app.web.house import reading

# Where the row that a deed was done to can be looked at.
_PAGES = {
    "artist": ("staff.artist", "artist_id"),
    "label": ("staff.label", "label_id"),
    "release": ("staff.release", "release_id"),
    "run": ("staff.run", "run_id"),
    "drop": ("staff.drop", "drop_id"),
    "order": ("staff.order", "order_id"),
    "copy": ("staff.copy", "copy_id"),
    "staff": ("staff.person", "staff_id"),
}


@bp.get("/audit")
@needs(Deed.AUDIT)
def audit_log() -> ResponseReturnValue:
    """A page of the log, newest first; what cannot be a filter filters nothing."""
    asked = log_filters.asked()
    with reading() as session:
        log = desk_log.log(session, label_ids(Deed.AUDIT), asked)
    filters = {"who": asked.staff_id, "deed": asked.deed, "what": asked.entity, "which": asked.entity_id}
    kept: dict[str, Any] = {name: value or None for name, value in {**filters, "since": asked.since, "until": asked.until}.items()}
    older = url_for("staff.audit_log", before=log.older, **kept) if log.older else None
    newest = url_for("staff.audit_log", **kept) if asked.before else None
    return render_template("staff/audit_log.html", log=log, asked=asked, older=older, newest=newest, page_of=_page_of)


def _page_of(entity: str, entity_id: int | None) -> str | None:
    """The address of a row's page; None for what has none."""
    if entity_id is None or entity not in _PAGES:
        return None
    endpoint, name = _PAGES[entity]
    values: dict[str, Any] = {name: entity_id}
    return url_for(endpoint, **values)
