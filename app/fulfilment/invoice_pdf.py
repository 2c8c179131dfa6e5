"""An invoice or a credit note as a PDF on A4, drawn from what was kept of it and from nothing else."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.fulfilment.slip_parts import rule, say
from app.fulfilment.slips import Paper, blank
from app.kernel.money import Money
from app.orders.vat_models import Invoice, InvoiceKind

WIDTHS = (46, 22, 8, 12, 12)  # per cent
HEADS = ("What", "Copies", "Pieces", "Each", "Amount")
_EXPORT = "Export: no VAT is charged."


def pdf(invoice: Invoice, fallback: Sequence[Path] = ()) -> bytes:
    """The paper; the same bytes whenever it is printed with the same fonts."""
    sheet = blank(Paper.A4, fallback)
    sheet.set_creation_date(invoice.issued_at)
    sheet.set_title(title(invoice))
    sheet.set_margins(20, 18)
    sheet.add_page()
    facts, currency = invoice.facts, invoice.facts["currency"]
    _head(sheet, invoice)
    _goods(sheet, facts["lines"], currency)
    _sums(sheet, invoice)
    for words in _words(invoice):
        sheet.ln(2)
        say(sheet, words, size=9)
    return bytes(sheet.output())


def title(invoice: Invoice) -> str:
    """What it is called: "Invoice INV-00001"."""
    return f"{'Invoice' if invoice.kind is InvoiceKind.INVOICE else 'Credit note'} {invoice.reference}"


def _head(sheet: Any, invoice: Invoice) -> None:
    facts = invoice.facts
    say(sheet, facts["label"], size=16, bold=True)
    sheet.ln(1)
    say(sheet, " · ".join((*facts["seller"], facts["email"])), size=8)
    sheet.ln(3)
    rule(sheet)
    sheet.ln(8)
    for line in invoice.buyer.split("\n"):
        say(sheet, line, size=11)
    sheet.ln(14)
    say(sheet, title(invoice), size=20, bold=True)
    sheet.ln(3)
    sheet.set_font("DejaVu", "", 9)
    for name, value in _about(invoice):
        sheet.cell(32, 4.6, name)
        sheet.cell(0, 4.6, value, new_x="LMARGIN", new_y="NEXT")
    sheet.ln(5)


def _about(invoice: Invoice) -> Iterator[tuple[str, str]]:
    facts = invoice.facts
    yield "Date", facts["issued_on"]
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        yield "For invoice", f"{facts['of']} of {facts['of_day']}"
    yield "Order", f"№ {facts['order']} of {facts['placed_on']}"
    if facts["vat_number"]:
        yield "Our VAT number", facts["vat_number"]
    if facts["tax_number"]:
        yield "Our tax number", facts["tax_number"]


def _goods(sheet: Any, lines: Sequence[Any], currency: str) -> None:
    rows = [
        (line["text"], line["copies"], str(line["quantity"]), _money(line["unit"], currency), _money(line["amount"], currency))
        for line in lines
    ]
    _table(sheet, (HEADS, *rows), WIDTHS, ("LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT"))


def _sums(sheet: Any, invoice: Invoice) -> None:
    """The total, and what of it is VAT at which rate."""
    facts, currency = invoice.facts, invoice.facts["currency"]
    sheet.ln(4)
    word = "Total" if invoice.kind is InvoiceKind.INVOICE else "Given back"
    _table(sheet, [(word, _money(invoice.total, currency))], (80, 20), ("LEFT", "RIGHT"), bold=True)
    if facts["taxed_as"] not in {"home", "oss", "stripe"}:
        return
    sheet.ln(4)
    rates = [
        (f"{_percent(row['rate'])} % {row['country']}", _money(row["net"], currency), _money(row["tax"], currency))
        for row in facts["vat"]
    ]
    _table(sheet, (("VAT in it", "Net", "VAT"), *rates), (60, 20, 20), ("LEFT", "RIGHT", "RIGHT"))


def _words(invoice: Invoice) -> Iterator[str]:
    """What law and courtesy ask for below."""
    facts = invoice.facts
    if facts["sentence"]:
        yield facts["sentence"]
    if facts["taxed_as"] == "export":
        yield f"{_EXPORT} Delivered to {facts['goes_to']}."
    if invoice.kind is InvoiceKind.INVOICE:
        yield f"Paid by card on {facts['paid_on']}."


def _table(sheet: Any, rows: Sequence[Sequence[str]], widths: Sequence[int], aligned: Sequence[str], *, bold: bool = False) -> None:
    sheet.set_font("DejaVu", "B" if bold else "", 11 if bold else 9)
    sheet.set_line_width(0.2)
    layout = {"line_height": 5, "borders_layout": "HORIZONTAL_LINES", "padding": (0.8, 1.5, 0.8, 0), "text_align": tuple(aligned)}
    with sheet.table(col_widths=tuple(widths), first_row_as_headings=False, **layout) as table:
        for cells in rows:
            row = table.row()
            for cell in cells:
                row.cell(cell)


def _money(amount: int, currency: str) -> str:
    return Money(amount, currency).format()


def _percent(rate: int) -> str:
    return f"{Decimal(rate).scaleb(-2).normalize():f}"
