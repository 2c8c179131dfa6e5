"""Count the shelf of a run by scanning, name what differs, and close the count."""

import re

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue.models import Run
from app.inventory import counting
from app.inventory.models import Copy, Finding, StockCount
from app.inventory.states import CopyState
from app.kernel.errors import BadInput, Conflict, NotFound, Refusal
from app.reports import run_names
from app.reports.count_page import count_page
from app.staff import queries, scan_codes
from app.staff.asking import Form
from app.staff.blueprint import bp
from app.staff.deed import note
from app.staff.guard import actor, needs, person, require
from app.staff.runs import mine
from app.web import forms
from app.web.headers import permissions
from app.web.house import now, reading, transaction

_NUMBER = re.compile(r"[0-9]{1,6}")
_FEW = 25  # differences listed unasked: at the beginning of a count all copies differ, and each scan brings the page anew


@bp.post("/runs/<int:run_id>/counts")
@needs(Deed.MAKE)
def count_open(run_id: int) -> ResponseReturnValue:
    """Begin a count; where one is open, that one goes on."""
    with transaction() as session:
        label_id = mine(session, run_id).release.label_id
        count = counting.open_count(session, run_id, now(), actor())
        if count.opened_at == now():
            note(session, "run.count_opened", "run", run_id, label_id, count=count.id)
    return redirect(url_for("staff.count", count_id=count.id), 303)


@bp.get("/counts/<int:count_id>")
@needs(Deed.PACK)
def count(count_id: int) -> ResponseReturnValue:
    """Where copies are scanned, with what differs; a closed count shows what was found."""
    return _page(count_id)


@bp.post("/counts/<int:count_id>/scan")
@needs(Deed.PACK)
def count_scan(count_id: int) -> ResponseReturnValue:
    """Note that a copy is on the shelf; the same once more changes nothing."""
    try:
        code = forms.text("code", label="The code", most=300, least=1)
        with transaction() as session:
            copy_id = _meant(session, _mine(session, count_id, Deed.PACK), code)
            fresh = counting.scan(session, count_id, copy_id, now(), actor())
    except Refusal as no:
        return _page(count_id, no)
    return redirect(url_for("staff.count", count_id=count_id, done=copy_id, again=None if fresh else 1), 303)


@bp.post("/counts/<int:count_id>/undo")
@needs(Deed.PACK)
def count_undo(count_id: int) -> ResponseReturnValue:
    """Undo a scan."""
    with transaction() as session:
        _mine(session, count_id, Deed.PACK)
        copy_id = forms.number("copy", label="The copy")
        undone = counting.undo(session, count_id, copy_id)
    return redirect(url_for("staff.count", count_id=count_id, undone=copy_id if undone else None), 303)


@bp.post("/counts/<int:count_id>/name")
@needs(Deed.MAKE)
def count_name(count_id: int) -> ResponseReturnValue:
    """Say what a difference is; the copy moves with it."""
    form = Form()
    try:
        copy_id, words = form.whole("copy", "The copy", least=1), form.text("words", "Your words", most=200)
        what = Finding(form.one_of("what", "What it is", list(Finding)))
        form.check()
        with transaction() as session:
            found = _mine(session, count_id, Deed.MAKE)
            counting.name(session, count_id, copy_id, what, words, now(), actor())
            note(session, "run.count_named", "run", found.run_id, _label(session, found), copy=copy_id, what=what.value)
            name = run_names.copy_names(session, [copy_id])[copy_id]
    except (BadInput, Conflict) as no:
        return _page(count_id, no)
    flash(_("%(copy)s: named.", copy=name))
    return redirect(url_for("staff.count", count_id=count_id), 303)


@bp.post("/counts/<int:count_id>/close")
@needs(Deed.MAKE)
def count_close(count_id: int) -> ResponseReturnValue:
    """Close a count in which every difference has a name."""
    try:
        with transaction() as session:
            found = _mine(session, count_id, Deed.MAKE)
            counting.close(session, count_id, now(), actor())
            note(session, "run.count_closed", "run", found.run_id, _label(session, found), count=count_id)
    except Conflict as no:
        return _page(count_id, no)
    flash(_("The count is closed. It stays here, with who found what."))
    return redirect(url_for("staff.count", count_id=count_id), 303)


def _meant(session: Session, found: StockCount, code: str) -> int:
    """The copy that a code means; a number alone is one of this run."""
    if _NUMBER.fullmatch(code.strip()):
        numbered = select(Copy.id).where(Copy.run_id == found.run_id, Copy.number == int(code), Copy.state != CopyState.WITHDRAWN)
        copy_id = session.scalar(numbered.order_by(Copy.issue.desc()).limit(1))
    else:
        copy_id = scan_codes.read(session, code).copy_id
    if copy_id is None:
        raise NotFound(_("“%(code)s” is no copy of this run. Scan it again, or type its number.", code=code[:60]))
    return copy_id


def _mine(session: Session, count_id: int, may: Deed) -> StockCount:
    found = session.get(StockCount, count_id)
    if found is None:
        raise NotFound("There is no such count.")
    require(_label(session, found), may)
    return found


def _label(session: Session, found: StockCount) -> int:
    return session.get_one(Run, found.run_id).release.label_id


def _page(count_id: int, no: Refusal | None = None) -> Response:
    done, undone = queries.row_id("done"), queries.row_id("undone")
    with reading() as session:
        page = count_page(session, _mine(session, count_id, Deed.PACK))
        said = [id_ for id_ in (done, undone) if id_]
        known = session.scalars(select(Copy.id).where(Copy.id.in_(said), Copy.run_id == page.run_id)).all()
        names = run_names.copy_names(session, known)
    body = render_template(
        "staff/count.html",
        page=page,
        no=no,
        done=done if done in names else None,
        undone=undone if undone in names else None,
        names=names,
        again=queries.row_id("again") is not None,
        few=_FEW,
        listed=queries.row_id("listed") is not None,
        stop=" ".join(no.fields.values()) if isinstance(no, BadInput) else no.detail if no else "",
        may_manage=person().may(page.label_id, Deed.MAKE),
    )
    answer = Response(body, no.status if no else 200)
    answer.headers["Permissions-Policy"] = permissions(camera=True)
    return answer
