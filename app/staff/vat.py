"""How a label keeps VAT: at which rates, in or on top of its prices, and whether it writes invoices."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal, InvalidOperation

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.catalogue import labels
from app.catalogue.models import Label
from app.kernel.errors import BadInput, Conflict
from app.orders import vat_writing
from app.orders.vat_models import VatKind, VatWay
from app.orders.vat_rates import Rate
from app.orders.vat_writing import VatWords
from app.payments.gateway import StripeDenied, StripeTrouble
from app.reports import countries, desk_labels, vat_desk
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.deed import changed, note
from app.staff.guard import needs, require
from app.staff.label_tabs import tabs_of
from app.web.house import house, now, reading, transaction


@bp.get("/labels/<int:label_id>/vat")
@needs(Deed.LABEL)
def label_vat(label_id: int) -> ResponseReturnValue:
    """The form, and the rates that hold."""
    require(label_id, Deed.LABEL)
    return _page(label_id)


@bp.post("/labels/<int:label_id>/vat")
@needs(Deed.LABEL)
def label_vat_save(label_id: int) -> ResponseReturnValue:
    """Keep it; orders that exist stay taxed as they were."""
    require(label_id, Deed.LABEL)
    try:
        said = _read()
        if said.way is VatWay.STRIPE:
            _check_stripe()
        with transaction() as session:
            label = labels.locked(session, label_id)
            before = vat_writing.words(session, label_id)
            vat_writing.write(session, label, said, vat_desk.issuer(session, label), vat_desk.today(label, now()))
            what = changed(asdict(before) if before else {}, asdict(said))
            note(session, "vat.changed", "label", label_id, label_id, changed=what, way=said.way.value)
    except BadInput as no:
        return _page(label_id, no)
    flash(_("Kept. Orders placed from now on are taxed so; those that exist stay as they were."))
    return redirect(url_for("staff.label_vat", label_id=label_id), 303)


@bp.post("/labels/<int:label_id>/vat/rates")
@needs(Deed.LABEL)
def label_vat_rate_add(label_id: int) -> ResponseReturnValue:
    """A rate of the label's own, from a day on."""
    require(label_id, Deed.LABEL)
    try:
        rate = _rate()
        with transaction() as session:
            vat_writing.add_rate(session, labels.locked(session, label_id), rate)
            said: dict[str, str | int] = {
                "country": rate.country,
                "rate": rate.basis_points,
                "since": f"{rate.since}",
                "kind": rate.kind.value,
            }
            note(session, "vat.rate_added", "label", label_id, label_id, **said)
    except BadInput as no:
        return _page(label_id, no)
    flash(_("Added. It holds from %(day)s.", day=f"{rate.since}"))
    return redirect(url_for("staff.label_vat", label_id=label_id), 303)


@bp.post("/labels/<int:label_id>/vat/rates/<int:rate_id>/remove")
@needs(Deed.LABEL)
def label_vat_rate_remove(label_id: int, rate_id: int) -> ResponseReturnValue:
    """Take a rate of the label's own away."""
    require(label_id, Deed.LABEL)
    try:
        with transaction() as session:
            label = labels.locked(session, label_id)
            gone = vat_writing.remove_rate(session, label, rate_id, vat_desk.today(label, now()))
            note(session, "vat.rate_removed", "label", label_id, label_id, country=gone.country, rate=gone.rate)
    except Conflict as no:
        return _page(label_id, no)
    flash(_("Removed."))
    return redirect(url_for("staff.label_vat", label_id=label_id), 303)


def _check_stripe() -> None:
    """BadInput unless Stripe Tax can count: otherwise no fan could pay."""
    try:
        ready = house().gateway.tax_is_ready()
    except StripeDenied as trouble:
        raise BadInput("", {"way": "The shop's key may not read the settings of Stripe Tax. Allow it that in Stripe."}) from trouble
    except StripeTrouble as trouble:
        raise BadInput("", {"way": "Stripe did not say whether Stripe Tax is set up. Please try again in a moment."}) from trouble
    if not ready:
        raise BadInput("", {"way": "Stripe Tax is not set up. Give it your address and registrations in Stripe's dashboard first."})


def _read() -> VatWords:
    form = Form()
    said = VatWords(
        way=VatWay(form.one_of("way", "How you keep VAT", [way.value for way in VatWay])),
        exclusive=request.form.get("exclusive") == "1",
        sentence=form.text("sentence", "The sentence", most=300),
        tax_number=form.text("tax_number", "Tax number", most=40),
        invoices=request.form.get("invoices") == "1",
        invoice_prefix=form.text("invoice_prefix", "Invoice numbers begin with", most=12),
        credit_prefix=form.text("credit_prefix", "Credit notes begin with", most=12),
    )
    form.check()
    return said


def _rate() -> Rate:
    form = Form()
    country = form.one_of("country", "Country", countries.EVERY)
    kind = VatKind(form.one_of("kind", "Kind", [kind.value for kind in VatKind]))
    points = _points(form, form.text("rate", "Per cent", most=6, least=1))
    typed = form.text("since", "From", most=10, least=10)
    try:
        since = date.fromisoformat(typed)
    except ValueError:
        form.say("since", "A day as 2027-01-01.")
        since = date.min
    source = form.text("source", "Where it says so", most=200)
    form.check()
    return Rate(country, kind, points, since, source, own=True)


def _points(form: Form, typed: str) -> int:
    """Per cent as typed, in basis points."""
    try:
        points = Decimal(typed.replace(",", ".")) * 100
        if points == int(points):
            return int(points)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    form.say("rate", "Per cent with at most two decimals, such as 5.5.")
    return 0


def _page(label_id: int, no: No | None = None) -> Response:
    with reading() as session:
        desk = desk_labels.desk(session, label_id)
        page = vat_desk.vat_desk(session, session.get_one(Label, label_id), now())
    said = page.said or VatWords(VatWay.NONE, invoice_prefix="INV-", credit_prefix="CN-")
    values = asdict(said) | {"way": page.said.way if page.said else ""}
    if no is not None:  # an unticked box is not sent
        values |= {name: request.form.get(name, "") for name in ("exclusive", "invoices")}
    return form_page(
        "staff/label_vat.html", no, values, desk=desk, page=page, tabs=tabs_of(desk), countries=countries.named(countries.EVERY)
    )
