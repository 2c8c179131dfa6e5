"""The settings that come from the machine, and beside each whether it works: when it was last checked, and once more."""

from datetime import timedelta

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.kernel import throttle
from app.kernel.errors import NotFound
from app.reports import checks_page
from app.staff import checks_run, deed
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, person
from app.staff.signing import own_path
from app.web.house import house, now, reading, transaction

_MOST, _PER = 30, timedelta(minutes=10)  # each of them asks somebody else, or makes a file


@bp.get("/checks")
@needs(Deed.LABEL)
def checks() -> ResponseReturnValue:
    """All of them."""
    with reading() as session:
        rows = checks_page.rows(session, house().settings, now(), label_ids(Deed.LABEL))
    return render_template("staff/checks.html", rows=rows, settings=house().settings, together=True)


@bp.post("/checks")
@needs(Deed.LABEL)
def checks_all() -> ResponseReturnValue:
    """Make those that need nobody."""
    begun("together")
    for name in checks_run.TOGETHER:
        checks_run.MADE[name]()
    return back()


@bp.post("/checks/<name>")
@needs(Deed.LABEL)
def check(name: str) -> ResponseReturnValue:
    """Make one of them."""
    if name not in checks_run.MADE:
        raise NotFound("There is no such check.")
    begun(name)
    checks_run.MADE[name]()
    return back()


def begun(name: str) -> None:
    """Note a check before it is made; TooMany when there were many just now."""
    with transaction() as session:
        throttle.allow(session, f"checks:{person().id}", most=_MOST, per=_PER, now=now(), what="checks")
        deed.note(session, "settings.checked", "staff", person().id, None, check=name)


def back() -> Response:
    """To the page where it was asked for."""
    wanted = own_path(request.form.get("next", ""))
    return redirect(wanted or url_for("staff.checks"), 303)  # type: ignore[return-value]  # werkzeug's, which Flask takes
