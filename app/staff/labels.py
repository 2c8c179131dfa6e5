"""The label at the desk: who it is, its texts, its inks."""

from dataclasses import asdict, replace
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts import people
from app.accounts.roles import Deed, Role
from app.catalogue import labels as verbs
from app.catalogue import limit_changes
from app.catalogue.labels import LabelWords
from app.catalogue.models import Label
from app.kernel.errors import BadInput, Conflict
from app.kernel.local_time import day_in
from app.orders import vat_writing
from app.reports import desk_labels
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, person, require
from app.staff.label_form import choices, read
from app.staff.label_page import label_page
from app.web import forms
from app.web.house import now, reading, transaction


def chosen_label(may: Deed) -> int:
    """The label a new thing is made for: the only one, or the form's choice. BadInput; NotFound for another's."""
    mine = label_ids(may)
    if len(mine) == 1:
        return mine[0]
    label_id = forms.number("label", label="Label", most=10**9)
    require(label_id, may)
    return label_id


@bp.get("/labels", endpoint="labels")
@needs(Deed.LABEL)
def label_list() -> ResponseReturnValue:
    """All labels one owns; where there is one, straight to it."""
    with reading() as session:
        rows = desk_labels.rows(session, label_ids(Deed.LABEL))
    if len(rows) == 1:
        return redirect(url_for("staff.label", label_id=rows[0].id), 303)
    return render_template("staff/labels.html", labels=rows)


@bp.get("/labels/new")
@needs(Deed.LABEL)
def label_new() -> ResponseReturnValue:
    """The empty form for another label."""
    return _new()


@bp.post("/labels/new")
@needs(Deed.LABEL)
def label_create() -> ResponseReturnValue:
    """Make another label, owned by who makes it."""
    try:
        form = Form()
        slug, words = form.text("slug", "Address", most=80), read(form)
        with transaction() as session:
            label = verbs.create(session, words, slug, now())
            people.set_role(session, person().id, label.id, Role.OWNER)
            deed.note(session, "label.made", "label", label.id, label.id)
    except (BadInput, Conflict) as no:
        return _new(no)
    return redirect(url_for("staff.label", label_id=label.id), 303)


@bp.get("/labels/<int:label_id>")
@needs(Deed.LABEL)
def label(label_id: int) -> ResponseReturnValue:
    """Who the label is."""
    require(label_id, Deed.LABEL)
    return label_page(label_id)


@bp.post("/labels/<int:label_id>")
@needs(Deed.LABEL)
def label_save(label_id: int) -> ResponseReturnValue:
    """Change who the label is."""
    require(label_id, Deed.LABEL)
    try:
        with transaction() as session:
            row, lock = verbs.locked(session, label_id), desk_labels.currency_lock(session, label_id)
            before = {name: getattr(row, name) for name in LabelWords.__dataclass_fields__}
            asked = read(Form(), currency=row.currency if lock else None)
            words = _limit_apart(session, row, asked)
            verbs.edit(session, label_id, words, lock)
            if row.country != before["country"]:
                vat_writing.check_home(session, row, day_in(now(), row.time_zone))
            deed.note(session, "label.edited", "label", label_id, label_id, **_differs(before, asdict(words)))
    except (BadInput, Conflict) as no:
        return label_page(label_id, no)
    if words != asked:
        flash(_("Kept, save for the limit: a higher one waits for another owner, or, where there is none, ten minutes for you."))
    return redirect(url_for("staff.label", label_id=label_id), 303)


def _limit_apart(session: Session, row: Label, words: LabelWords) -> LabelWords:
    """The form without a higher limit of refunds, which is asked for instead: it would let its owner do alone what needs two."""
    if not limit_changes.is_higher(row.refund_limit, words.refund_limit):
        return words
    limit_changes.ask(session, row, words.refund_limit, person().id, now())
    wanted = "none" if words.refund_limit is None else words.refund_limit
    deed.note(session, "label.limit_asked", "label", row.id, row.id, refund_limit=wanted)
    return replace(words, refund_limit=row.refund_limit)


def _differs(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str | int]:
    """What was changed, for the audit log: by name, and in what it sells and what staff may give back with the new value."""
    told = {name: after[name] for name in ("currency", "refund_limit") if before[name] != after[name]}
    said = {name: "none" if value is None else value for name, value in told.items()}
    changed = deed.changed(before, after)
    return {"changed": changed, **said} if changed else {}


def _new(no: No | None = None) -> Response:
    values = {"slug": "", "name": "", "tagline": "", "email": person().email, "packaging_weight": 60}
    values |= {"refund_limit": "", "currency": "EUR", "time_zone": "Europe/Berlin", "country": "DE"}
    return form_page("staff/label_new.html", no, values, **choices(), currency_lock="")
