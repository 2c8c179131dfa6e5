"""Who posts a label's parcels, and its numbers with customs: what carriers' files and customs forms are filled in with."""

from dataclasses import asdict

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.catalogue import labels
from app.catalogue.models import Label
from app.fulfilment import senders
from app.fulfilment.senders import SenderWords
from app.kernel.errors import BadInput, NotFound
from app.reports import countries
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.deed import changed, note
from app.staff.guard import needs, require
from app.web.house import reading, transaction


@bp.get("/labels/<int:label_id>/sender")
@needs(Deed.MAKE)
def postage_sender(label_id: int) -> ResponseReturnValue:
    """The form."""
    require(label_id, Deed.MAKE)
    return _page(label_id)


@bp.post("/labels/<int:label_id>/sender")
@needs(Deed.MAKE)
def postage_sender_save(label_id: int) -> ResponseReturnValue:
    """Keep what was typed; the audit log notes which fields, not what stands in them."""
    require(label_id, Deed.MAKE)
    try:
        words = _read()
        with transaction() as session:
            label = labels.locked(session, label_id)
            before = senders.words(session, label_id)
            senders.write(session, label, words)
            note(session, "sender.changed", "label", label_id, label_id, changed=changed(asdict(before), asdict(words)))
    except BadInput as no:
        return _page(label_id, no)
    flash(_("Kept. Carriers' files and customs forms say so from now on."))
    return redirect(url_for("staff.postage_sender", label_id=label_id), 303)


def _read() -> SenderWords:
    form = Form()
    words = SenderWords(
        name=form.text("name", "Name", most=80),
        line1=form.text("line1", "Street and number", most=80),
        line2=form.text("line2", "Second line", most=80),
        postal_code=form.text("postal_code", "Postcode", most=20),
        city=form.text("city", "Town", most=60),
        region=form.text("region", "Region or state", most=60),
        phone=form.text("phone", "Phone", most=25),
        eori=form.text("eori", "EORI number", most=17).replace(" ", "").upper(),
        vat_number=form.text("vat_number", "VAT number", most=20).replace(" ", "").upper(),
        ioss_number=form.text("ioss_number", "IOSS number", most=14).replace(" ", "").upper(),
        duties_prepaid=request.form.get("duties_prepaid") == "1",
    )
    form.check()
    return words


def _page(label_id: int, no: No | None = None) -> Response:
    with reading() as session:
        label = session.get(Label, label_id)
        if label is None:
            raise NotFound("There is no such label.")
        values = asdict(senders.words(session, label_id))
        name, country = label.name, countries.name(label.country)
    return form_page("staff/sender.html", no, values, label_id=label_id, label_name=name, country=country)
