"""Discount codes at the desk: the list, a new one, other terms, the end."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue.models import Label
from app.kernel.errors import BadInput, Conflict, NotFound
from app.orders import making_codes
from app.orders.models import DiscountCode
from app.reports import code_desk, desk_labels
from app.staff import code_form, queries
from app.staff.asking import No, form_page
from app.staff.blueprint import bp
from app.staff.deed import note
from app.staff.guard import label_ids, needs, require
from app.web.house import now, reading, transaction


@bp.get("/codes", endpoint="codes")
@needs(Deed.MAKE)
def code_list() -> ResponseReturnValue:
    """A label's codes and how often each is used."""
    mine = label_ids(Deed.MAKE)
    label_id = queries.row_id("label") or mine[0]
    require(label_id, Deed.MAKE)
    with reading() as session:
        label = session.get_one(Label, label_id)
        rows = code_desk.rows(session, label, now())
        labels = desk_labels.rows(session, mine)
    return render_template("staff/codes.html", rows=rows, labels=labels, label_id=label_id, zone=label.time_zone)


@bp.get("/codes/new")
@needs(Deed.MAKE)
def code_new() -> ResponseReturnValue:
    """The empty form for a code."""
    label_id = queries.row_id("label") or label_ids(Deed.MAKE)[0]
    require(label_id, Deed.MAKE)
    return _new(label_id)


@bp.post("/labels/<int:label_id>/codes")
@needs(Deed.MAKE)
def code_create(label_id: int) -> ResponseReturnValue:
    """A new code."""
    require(label_id, Deed.MAKE)
    with reading() as session:
        label = session.get_one(Label, label_id)
    try:
        words = code_form.read(label, None, settled=False)
        with transaction() as session:
            made = making_codes.make(session, label_id, words, now())
            note(session, "code.made", "discount_code", made.id, label_id)
    except BadInput as no:
        return _new(label_id, no)
    flash(_("The code %(code)s is saved.", code=words.code))
    return redirect(url_for("staff.code", code_id=made.id), 303)


@bp.get("/codes/<int:code_id>")
@needs(Deed.MAKE)
def code(code_id: int) -> ResponseReturnValue:
    """One code: its terms, and the orders that used it."""
    return _page(code_id)


@bp.post("/codes/<int:code_id>")
@needs(Deed.MAKE)
def code_save(code_id: int) -> ResponseReturnValue:
    """Other terms, for uses from now on."""
    with reading() as session:
        stored, label = _mine(session, code_id)
        settled = _is_settled(code_desk.code_desk(session, stored, label, now()))
    try:
        words = code_form.read(label, stored, settled=settled)
        with transaction() as session:
            making_codes.change(session, code_id, words)
            note(session, "code.changed", "discount_code", code_id, label.id)
    except (BadInput, Conflict) as no:
        return _page(code_id, no)
    flash(_("Saved. It holds for payments that begin from now on."))
    return redirect(url_for("staff.code", code_id=code_id), 303)


@bp.post("/codes/<int:code_id>/end")
@needs(Deed.MAKE)
def code_end(code_id: int) -> ResponseReturnValue:
    """Have nobody use a code from now on."""
    with transaction() as session:
        found, label = _mine(session, code_id)
        making_codes.end(session, code_id, now())
        note(session, "code.ended", "discount_code", code_id, label.id)
    flash(_("%(code)s is over. Who is paying with it right now keeps what they were shown.", code=found.code))
    return redirect(url_for("staff.code", code_id=code_id), 303)


def _mine(session: Session, code_id: int) -> tuple[DiscountCode, Label]:
    """A code and its label, if the person may have to do with it."""
    found = session.get(DiscountCode, code_id)
    if found is None:
        raise NotFound("There is no such code.")
    require(found.label_id, Deed.MAKE)
    return found, session.get_one(Label, found.label_id)


def _is_settled(page: code_desk.CodeDesk) -> bool:
    """Has somebody been promised what it takes off?"""
    return page.row.uses > 0


def _new(label_id: int, no: No | None = None) -> ResponseReturnValue:
    with reading() as session:
        label = session.get_one(Label, label_id)
        runs = code_desk.choices(session, label_id, code_form.ticked())
    return _form("staff/code_new.html", no, code_form.EMPTY, runs=runs, label=label, settled=False)


def _page(code_id: int, no: No | None = None) -> ResponseReturnValue:
    with reading() as session:
        found, label = _mine(session, code_id)
        page = code_desk.code_desk(session, found, label, now())
        runs = code_desk.choices(session, label.id, code_form.ticked() if no else code_desk.runs_of(session, code_id))
    return _form(
        "staff/code.html", no, code_form.values(found, label), page=page, runs=runs, label=label, settled=_is_settled(page)
    )


def _form(template: str, no: No | None, values: dict[str, Any], **context: Any) -> ResponseReturnValue:
    """The form as stored or as typed; an unticked box is not sent, so a refused form says itself that it is not ticked."""
    if no and not context["settled"]:
        values = {**values, "once_per_fan": request.form.get("once_per_fan", "")}
    return form_page(template, no, values, **context)
