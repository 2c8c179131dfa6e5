"""An order's invoice and credit notes, for the fan who has its address."""

from flask import Response

from app.fulfilment import invoice_pdf
from app.reports import invoice_list
from app.shop.blueprint import bp
from app.web import links
from app.web.house import house, reading


@bp.get("/orders/<token>/invoices/<int:invoice_id>")
def order_invoice(token: str, invoice_id: int) -> Response:
    """The PDF. 404 for another order's."""
    with reading() as session:
        found = invoice_list.one(session, links.order_of_token(session, token).id, invoice_id)
    answer = Response(invoice_pdf.pdf(found, house().settings.fallback_fonts), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{found.kind.value}-{found.number:05d}.pdf"'
    return answer
