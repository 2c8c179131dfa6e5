"""How long a label keeps what about its fans: said in plain words, with what would be erased next; shorter is asked twice."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.catalogue import labels
from app.kernel.errors import BadInput
from app.privacy import retention
from app.privacy.retention import NOTHING, OFFERED, Keep, Rule
from app.reports import desk_labels
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import asks_again, needs, require
from app.staff.label_tabs import tabs_of
from app.web.house import house, now, reading, transaction

_MOST, _YEARS = 240, 30


@bp.get("/labels/<int:label_id>/keeping")
@needs(Deed.LABEL)
def label_keeping(label_id: int) -> ResponseReturnValue:
    """The rule, or what is offered where there is none yet."""
    require(label_id, Deed.LABEL)
    return _page(label_id)


@bp.post("/labels/<int:label_id>/keeping")
@needs(Deed.LABEL)
@asks_again
def label_keeping_save(label_id: int) -> ResponseReturnValue:
    """Keep the rule. One that is shorter is shown with what it erases first, and kept when that is confirmed."""
    require(label_id, Deed.LABEL)
    try:
        rule = _read()
    except BadInput as no:
        return _page(label_id, no)
    with reading() as session:
        before = retention.rule_of(session, label_id) or NOTHING
    if _is_shorter(before, rule) and "sure" not in request.form:
        return _page(label_id, tried=rule)
    with transaction() as session:
        labels.locked(session, label_id)
        retention.decide(session, label_id, rule, now())
        said = {keep.value: rule.months[keep] for keep in Keep}
        deed.note(
            session, "label.keeping_decided", "label", label_id, label_id,
            accounts_years=rule.accounts_years, accounts_names=rule.accounts_names, **said,
        )  # fmt: skip
    flash(_("Kept. The worker goes by it from now on."))
    return redirect(url_for("staff.label_keeping", label_id=label_id), 303)


def _read() -> Rule:
    form = Form()
    months = {keep: form.maybe_whole(keep.value, name, most=_MOST) for keep, name in _names().items()}
    years = form.whole("accounts_years", _("Years"), most=_YEARS)
    form.check()
    return Rule(months, years, request.form.get("accounts_names") == "1")


def _names() -> dict[Keep, str]:
    return {
        Keep.UNPAID: _("Unpaid holds"), Keep.REMINDERS: _("Reminders"), Keep.ADDRESSES: _("Addresses"),
        Keep.NAMES: _("Names"), Keep.EVENTS: _("Events"),
    }  # fmt: skip


def _is_shorter(before: Rule, after: Rule) -> bool:
    """Does anything go earlier than it did?"""
    months = any((after.months[keep] or 10**6) < (before.months[keep] or 10**6) for keep in Keep)
    held = before.accounts_years if before.accounts_names else -1
    return months or (after.accounts_years if after.accounts_names else -1) < held


def _page(label_id: int, no: No | None = None, tried: Rule | None = None) -> Response:
    with reading() as session:
        page = desk_labels.desk(session, label_id)
        known = retention.rule_of(session, label_id)
        shown = tried or known or Rule(dict(OFFERED))
        rows = retention.next_rows(session, label_id, tried or known or NOTHING, now())
    values = {keep.value: shown.months[keep] or "" for keep in Keep}
    values |= {"accounts_years": shown.accounts_years, "accounts_names": "1" if shown.accounts_names else ""}
    return form_page(
        "staff/label_keeping.html", no, values, page=page, tabs=tabs_of(page), decided=known is not None, tried=tried is not None,
        rows={keep.value: count for keep, count in rows.items()}, no_record=house().settings.backup_dir is None,
    )  # fmt: skip
