"""Who has what share in a release and its runs, from which day on."""

from decimal import Decimal, InvalidOperation

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.catalogue import makers, releases, shares
from app.catalogue.maker_models import WHOLE, MakerShare
from app.kernel.errors import BadInput, Conflict, NotFound
from app.kernel.local_time import day_in
from app.reports.share_page import share_page
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import asks_again, needs, person, require
from app.staff.money_form import read_date
from app.web.house import now, reading, transaction


@bp.get("/releases/<int:release_id>/makers")
@needs(Deed.SHARE)
@asks_again
def release_makers(release_id: int) -> ResponseReturnValue:
    """What holds today, all that was ever said, and the form."""
    return _page(release_id)


@bp.post("/releases/<int:release_id>/makers")
@needs(Deed.SHARE)
@asks_again
def release_share(release_id: int) -> ResponseReturnValue:
    """Say what a maker gets from a day on."""
    try:
        with transaction() as session:
            release = releases.locked(session, release_id)
            require(release.label_id, Deed.SHARE)
            row = _read(release_id)
            maker = makers.found(session, row.maker_id)
            if maker.label_id != release.label_id:
                raise NotFound("There is no such maker.")
            shares.write(session, row)
            about: dict[str, str | int | None] = {
                "release": release_id, "run": row.run_id, "basis_points": row.basis_points, "from": f"{row.begins_on}",
                "costs_first": row.costs_first,
            }  # fmt: skip
            deed.note(session, "maker.share_set", "maker", maker.id, release.label_id, **about)
    except (BadInput, Conflict) as no:
        return _page(release_id, no)
    flash(_("Noted. Statements reckon with it from that day on."))
    return redirect(url_for("staff.release_makers", release_id=release_id), 303)


def _read(release_id: int) -> MakerShare:
    form = Form()
    row = MakerShare(
        maker_id=form.whole("maker", "Maker", least=1, most=10**9),
        release_id=release_id,
        run_id=form.maybe_whole("run", "Run"),
        basis_points=_per_cent(form),
        costs_first=request.form.get("costs_first") == "1",
        begins_on=read_date(form, "begins_on"),
        noted_by=person().id,
        noted_at=now(),
    )
    form.check()
    return row


def _per_cent(form: Form) -> int:
    """Per cent with up to two decimals, as basis points."""
    typed = form.text("share", "Share", most=8, least=1).replace(",", ".").removesuffix("%").strip()
    try:
        points = Decimal(typed) * 100
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= WHOLE or points != points.to_integral_value():
        form.say("share", _("From 0 to 100 per cent, with at most two decimals: 33.33."))
        return 0
    return int(points)


def _page(release_id: int, no: No | None = None) -> Response:
    with reading() as session:
        page = share_page(session, release_id, now())
    require(page.label_id, Deed.SHARE)
    values = {"maker": "", "run": "", "share": "", "costs_first": "1", "begins_on": f"{day_in(now(), page.zone)}"}
    if no is not None:
        values["costs_first"] = ""  # as it was typed: a box that is not ticked is not sent
    return form_page("staff/release_makers.html", no, values, page=page)
