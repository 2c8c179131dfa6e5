"""Drops at the desk: the list, one drop, its form."""

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.drops import changes, last_hour, writing
from app.drops.doors import Door, DoorState
from app.drops.models import Drop
from app.kernel.errors import BadInput, Conflict
from app.reports import checks_page, desk_drop_list, desk_drops, desk_labels
from app.reports.drop_page import drop_page
from app.staff import deed, drop_change
from app.staff.asking import No, form_page, ids
from app.staff.blueprint import bp
from app.staff.drop_form import read
from app.staff.guard import accepts, label_ids, needs, person, require
from app.staff.labels import chosen_label
from app.web.drop_view import render_drop
from app.web.house import house, now, reading, transaction

LONG = 128 * 1024
PREVIEWS = [state for state in DoorState if state is not DoorState.DRAFT]
EMPTY: dict[str, str | int] = {
    "title": "", "slug": "", "words": "", "opens_at": "", "opens_at_which": "", "closes_at": "", "closes_at_which": "",
    "limit_per_fan": "", "hold_minutes": 10, "network_holds": 300, "network_share": 20,
}  # fmt: skip


@bp.get("/drops", endpoint="drops")
@needs(Deed.MAKE)
def drop_list() -> ResponseReturnValue:
    """All drops, latest first."""
    with reading() as session:
        rows = desk_drop_list.rows(session, label_ids(Deed.MAKE), now())
    return render_template("staff/drops.html", drops=rows)


@bp.get("/drops/new")
@needs(Deed.MAKE)
def drop_new() -> ResponseReturnValue:
    """The empty form."""
    return _new()


@bp.post("/drops/new")
@needs(Deed.MAKE)
@accepts(LONG)
def drop_create() -> ResponseReturnValue:
    """Make a draft that nobody sees."""
    try:
        label_id = chosen_label(Deed.MAKE)
        with transaction() as session:
            words = read(desk_drops.zone_of(session, label_id), None, now())
            drop = writing.create(session, label_id, words, now())
            deed.note(session, "drop.planned", "drop", drop.id, label_id)
    except (BadInput, Conflict) as no:
        return _new(no)
    return redirect(url_for("staff.drop", drop_id=drop.id), 303)


@bp.get("/drops/<int:drop_id>")
@needs(Deed.MAKE)
def drop(drop_id: int) -> ResponseReturnValue:
    """One drop: how it stands, what is missing, what can be done."""
    page = page_of(drop_id)
    with reading() as session:
        found = checks_page.rows(session, house().settings, now(), [])
    may_check = person().anywhere(Deed.LABEL)
    return render_template("staff/drop.html", page=page, previews=PREVIEWS, checks=found, may_check=may_check)


@bp.get("/drops/<int:drop_id>/edit")
@needs(Deed.MAKE)
def drop_edit(drop_id: int) -> ResponseReturnValue:
    """The form; what the drop's stage settles is shown, not asked."""
    return _edit(drop_id)


@bp.post("/drops/<int:drop_id>/edit")
@needs(Deed.MAKE)
@accepts(LONG)
def drop_save(drop_id: int) -> ResponseReturnValue:
    """Change a drop."""
    try:
        with transaction() as session:
            row = mine(session, drop_id)
            words = read(row.label.time_zone, row, now())
            before = (row.opens_at, row.closes_at)
            kept = last_hour.of_drop(row) if last_hour.has_begun(Door.of(row), now()) else {}
            words, wanted = changes.set_apart(kept, words)
            writing.edit(session, drop_id, words, now())
            moved = {"opens": row.opens_at.isoformat(), "closes": row.closes_at.isoformat() if row.closes_at else "never"}
            deed.note(
                session, "drop.edited", "drop", drop_id, row.label_id, **(moved if before != (row.opens_at, row.closes_at) else {})
            )
            if wanted:
                return drop_change.ask(session, row, None, wanted, now())
    except (BadInput, Conflict) as no:
        return _edit(drop_id, no)
    return redirect(url_for("staff.drop", drop_id=drop_id), 303)


@bp.get("/drops/<int:drop_id>/preview/<state>")
@needs(Deed.MAKE)
def drop_preview(drop_id: int, state: str) -> ResponseReturnValue:
    """The fans' page as it will look in one of its states, with copies made up to fit."""
    if state not in PREVIEWS:
        raise BadInput("A drop page has no such state.")
    with reading() as session:
        row = session.get(Drop, drop_id) or writing.locked(session, drop_id)
        require(row.label_id, Deed.MAKE)
        page = drop_page(session, row, now(), DoorState(state))
    return render_drop(page)


def mine(session: Session, drop_id: int) -> Drop:
    """The drop, locked, if it belongs to a label of the person's; NotFound otherwise."""
    row = writing.locked(session, drop_id)
    require(row.label_id, Deed.MAKE)
    return row


def page_of(drop_id: int) -> desk_drops.DropDesk:
    """The drop's read model, if it belongs to a label of the person's; NotFound otherwise."""
    with reading() as session:
        page = desk_drops.desk(session, drop_id, person().id, now())
    require(page.label_id, Deed.MAKE)
    return page


def _chosen(no: No | None, stored: tuple[int, ...]) -> tuple[int, ...]:
    """The runs ticked: as typed after a refusal, unless what was typed are no runs at all."""
    try:
        return ids("run") if no else stored
    except BadInput:
        return stored


def _new(no: No | None = None) -> Response:
    with reading() as session:
        labels = desk_labels.rows(session, label_ids(Deed.MAKE))
        runs = [run for label in labels for run in desk_drops.choices(session, label.id, _chosen(no, ()))]
    zone = labels[0].time_zone if labels else "UTC"
    values = {**EMPTY, "label": str(labels[0].id) if labels else ""}
    return form_page(
        "staff/drop_new.html", no, values, labels=labels, runs=runs, zone=zone, page=None, editable=desk_drops.EVERYTHING
    )


def _edit(drop_id: int, no: No | None = None) -> Response:
    page = page_of(drop_id)
    with reading() as session:
        runs = desk_drops.choices(session, page.label_id, _chosen(no, tuple(run.id for run in page.runs)))
    return form_page("staff/drop_edit.html", no, page.values, page=page, runs=runs, zone=page.zone, editable=page.editable)
