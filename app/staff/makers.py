"""Makers at the desk: who has a share in what the label sells, and what is owed to each."""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue import makers as catalogue
from app.catalogue.maker_models import Maker
from app.catalogue.makers import MakerWords
from app.catalogue.models import Artist, Label
from app.kernel.errors import BadInput, Conflict
from app.kernel.local_time import day_in
from app.kernel.money import Money
from app.reports import desk_labels, maker_list
from app.staff import deed, queries
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, require
from app.web.house import now, reading, transaction


@bp.get("/makers", endpoint="makers")
@needs(Deed.BOOKS)
def maker_rows() -> ResponseReturnValue:
    """Everybody who has a share, as things stand today."""
    label_id = queries.row_id("label") or label_ids(Deed.BOOKS)[0]
    may = require(label_id, Deed.BOOKS).may(label_id, Deed.SHARE)
    with reading() as session:
        label = session.get_one(Label, label_id)
        rows = maker_list.rows(session, label, day_in(now(), label.time_zone))
        labels = desk_labels.rows(session, label_ids(Deed.BOOKS))
    owed = Money(sum(max(0, row.owed.amount) for row in rows), label.currency)
    return render_template("staff/makers.html", rows=rows, labels=labels, label_id=label_id, owed=owed, may=may)


@bp.get("/labels/<int:label_id>/makers/new")
@needs(Deed.SHARE)
def maker_new(label_id: int) -> ResponseReturnValue:
    """The empty form."""
    return _new(label_id)


@bp.post("/labels/<int:label_id>/makers/new")
@needs(Deed.SHARE)
def maker_create(label_id: int) -> ResponseReturnValue:
    """Enter a maker."""
    require(label_id, Deed.SHARE)
    try:
        words = _words()
        with transaction() as session:
            maker = catalogue.create(session, label_id, words, now())
            deed.note(session, "maker.made", "maker", maker.id, label_id)
    except (BadInput, Conflict) as no:
        return _new(label_id, no)
    flash(_("Entered. On the page of a release you say what share they have in it."))
    return redirect(url_for("staff.maker", maker_id=maker.id), 303)


@bp.get("/makers/<int:maker_id>/edit")
@needs(Deed.SHARE)
def maker_edit(maker_id: int) -> ResponseReturnValue:
    """The form."""
    return _edit(maker_id)


@bp.post("/makers/<int:maker_id>/edit")
@needs(Deed.SHARE)
def maker_save(maker_id: int) -> ResponseReturnValue:
    """Keep what was typed."""
    try:
        with transaction() as session:
            maker = catalogue.locked(session, maker_id)
            require(maker.label_id, Deed.SHARE)
            catalogue.edit(session, maker, _words())
            deed.note(session, "maker.edited", "maker", maker_id, maker.label_id)
    except (BadInput, Conflict) as no:
        return _edit(maker_id, no)
    return redirect(url_for("staff.maker", maker_id=maker_id), 303)


def maker_of(session: Session, maker_id: int, may: Deed) -> Maker:
    """The maker, of a label where the person may do that. NotFound otherwise."""
    maker = catalogue.found(session, maker_id)
    require(maker.label_id, may)
    return maker


def _words() -> MakerWords:
    form = Form()
    name = form.text("name", "Name", least=1, most=120)
    address = form.text("address", "Address", most=400, lines=True)
    artist = form.maybe_whole("artist", "Artist")
    form.check()
    return MakerWords(name, address, artist)


def _new(label_id: int, no: No | None = None) -> Response:
    require(label_id, Deed.SHARE)
    values = {"name": "", "address": "", "artist": ""}
    with reading() as session:
        artists = _artists(session, label_id)
    back = url_for("staff.makers", label=label_id)
    return form_page("staff/maker_form.html", no, values, artists=artists, title=_("New maker"), back=back, label_id=label_id)


def _edit(maker_id: int, no: No | None = None) -> Response:
    with reading() as session:
        maker = maker_of(session, maker_id, Deed.SHARE)
        values = {"name": maker.name, "address": maker.address, "artist": maker.artist_id or ""}
        artists = _artists(session, maker.label_id)
    back = url_for("staff.maker", maker_id=maker_id)
    return form_page("staff/maker_form.html", no, values, artists=artists, title=maker.name, back=back, label_id=maker.label_id)


def _artists(session: Session, label_id: int) -> list[tuple[int | str, str]]:
    rows = session.execute(select(Artist.id, Artist.name).where(Artist.label_id == label_id).order_by(Artist.name))
    return [("", _("none of them")), *((id_, name) for id_, name in rows)]
