"""An order's invoice and credit notes at the desk, and an invoice for what was paid before the label wrote any."""

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.checkout import invoices
from app.fulfilment import invoice_pdf
from app.orders import placing
from app.payments import ledger
from app.reports import invoice_list
from app.staff.blueprint import bp
from app.staff.guard import needs
from app.staff.order import note, order_of
from app.web.house import house, now, reading, transaction


@bp.get("/orders/<int:order_id>/invoices/<int:invoice_id>")
@needs(Deed.BOOKS)
def order_invoice(order_id: int, invoice_id: int) -> Response:
    """The PDF, as the fan has it."""
    with reading() as session:
        found = invoice_list.one(session, order_of(session, order_id, Deed.BOOKS).id, invoice_id)
    answer = Response(invoice_pdf.pdf(found, house().settings.fallback_fonts), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{found.kind.value}-{found.number:05d}.pdf"'
    return answer


@bp.post("/orders/<int:order_id>/invoices")
@needs(Deed.CORRECT)
def order_invoice_write(order_id: int) -> ResponseReturnValue:
    """Write the invoice of an order that was paid before; its number is the next one, its day today."""
    with transaction() as session:
        found = order_of(session, order_id, Deed.CORRECT)
        ledger.of_order(session, order_id)  # nothing goes back meanwhile that no credit note would be written for
        made = invoices.invoice_now(session, placing.locked(session, order_id), now())
        note(session, "order.invoice_written", found, invoice=made.reference)
    flash(_("Invoice %(number)s is written.", number=made.reference))
    return redirect(url_for("staff.order", order_id=order_id), 303)
