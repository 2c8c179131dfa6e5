"""VAT as rows: how a label keeps it, rates of its own, what each order was taxed, what was corrected, and the invoices about it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.schema import NEVER_AGAIN, Base, JsonDict, Key, one_of

_INVOICE = text("kind = 'invoice'")


class VatKind(StrEnum):
    """Which of a country's rates: the standard one, or the one for books and other printed matter."""

    STANDARD = "standard"
    REDUCED = "reduced"


class VatWay(StrEnum):
    """How a label keeps VAT: not at all, at its home rate, at the rate of where it posts to (OSS), or as Stripe Tax says."""

    NONE = "none"
    HOME = "home"
    DESTINATION = "destination"
    STRIPE = "stripe"


class TaxedAs(StrEnum):
    """As what a row was taxed; `unsaid`: the label had not said yet how it keeps VAT."""

    UNSAID = "unsaid"
    NONE = "none"
    HOME = "home"
    OSS = "oss"
    EXPORT = "export"
    STRIPE = "stripe"


class InvoiceKind(StrEnum):
    """An invoice about a sale, or a credit note about money that went back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class VatSettings(Base):
    """How a label keeps VAT; a label without a row has not said. Where it is at home and its VAT number stand elsewhere.

    `exclusive`: prices are without VAT, which is added once the country is known. `sentence` is what a label without VAT prints,
    `tax_number` what stands on its invoices beside a VAT number or in place of one.
    """

    __tablename__ = "vat_settings"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True, autoincrement=False)
    way: Mapped[VatWay] = mapped_column(one_of(VatWay, "way"))
    exclusive: Mapped[bool] = mapped_column(default=False)
    sentence: Mapped[str] = mapped_column(default="")
    tax_number: Mapped[str] = mapped_column(default="")
    invoices: Mapped[bool] = mapped_column(default=False)
    invoice_prefix: Mapped[str] = mapped_column(default="")
    credit_prefix: Mapped[str] = mapped_column(default="")

    __table_args__ = (CheckConstraint("NOT exclusive OR way IN ('home', 'destination')", name="exclusive"),)


class VatRate(Base):
    """A rate that a label has added itself, in basis points, from a day on; see vat_rates for which one holds."""

    __tablename__ = "vat_rates"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    country: Mapped[str]
    kind: Mapped[VatKind] = mapped_column(one_of(VatKind, "kind"))
    rate: Mapped[int]
    since: Mapped[date]
    source: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        UniqueConstraint("label_id", "country", "kind", "since"),
        CheckConstraint("length(country) = 2", name="country"),
        CheckConstraint("rate BETWEEN 0 AND 9999", name="rate"),
    )


class OrderTax(Base):
    """What one line of an order, or (without a line) its postage, was taxed; frozen when the order is placed.

    `net` and `tax` are minor units of the order's currency and add up to what was paid, `rate` is in basis points, `country` is the
    one whose VAT it is. A line has exactly one row; postage has one for each kind of goods that it went with.
    """

    __tablename__ = "order_taxes"

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"), unique=True)
    taxed_as: Mapped[TaxedAs] = mapped_column(one_of(TaxedAs, "taxed_as"))
    country: Mapped[str]
    kind: Mapped[VatKind] = mapped_column(one_of(VatKind, "kind"))
    rate: Mapped[int]
    net: Mapped[int]
    tax: Mapped[int]

    __table_args__ = (
        CheckConstraint("net >= 0 AND tax >= 0 AND rate >= 0", name="amounts"),
        CheckConstraint("taxed_as IN ('home', 'oss', 'stripe') OR (tax = 0 AND rate = 0)", name="untaxed"),
        Index("ix_order_taxes_order_id", "order_id"),
    )


class TaxCorrection(Base):
    """What money that went back takes off one row of an order's taxes: by a refund, or by a dispute that was lost.

    It counts while its refund counts as given, or its dispute as lost, in the quarter in which that was begun or lost.
    """

    __tablename__ = "tax_corrections"

    id: Mapped[Key]
    order_tax_id: Mapped[int] = mapped_column(ForeignKey("order_taxes.id"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"))
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("disputes.id"))
    net: Mapped[int]
    tax: Mapped[int]

    __table_args__ = (
        CheckConstraint("(refund_id IS NULL) <> (dispute_id IS NULL)", name="cause"),
        CheckConstraint("net >= 0 AND tax >= 0", name="amounts"),
        UniqueConstraint("refund_id", "order_tax_id"),
        UniqueConstraint("dispute_id", "order_tax_id"),
        Index("ix_tax_corrections_order_tax_id", "order_tax_id"),
    )


class InvoiceCounter(Base):
    """The last number that a label gave to an invoice or credit note; locked where it is made, so numbers have no gaps."""

    __tablename__ = "invoice_counters"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True, autoincrement=False)
    kind: Mapped[InvoiceKind] = mapped_column(one_of(InvoiceKind, "kind"), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Invoice(Base):
    """An invoice, or a credit note for a refund. What it says is kept here, so that it is printed the same for ever.

    `buyer` has the name and address as they were, a line each: personal. `facts` has all the rest.
    """

    __tablename__ = "invoices"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    kind: Mapped[InvoiceKind] = mapped_column(one_of(InvoiceKind, "kind"))
    number: Mapped[int]
    prefix: Mapped[str] = mapped_column(default="")
    issued_at: Mapped[datetime]
    buyer: Mapped[str]
    facts: Mapped[JsonDict]
    total: Mapped[int]

    __table_args__ = (
        UniqueConstraint("label_id", "kind", "number"),
        CheckConstraint("(kind = 'credit_note') = (refund_id IS NOT NULL)", name="refund"),
        CheckConstraint("number > 0", name="number"),
        Index("ix_invoices_order_id", "order_id"),
        Index("uq_invoices_order", "order_id", unique=True, sqlite_where=_INVOICE, postgresql_where=_INVOICE),
        NEVER_AGAIN,
    )

    @property
    def reference(self) -> str:
        """The number as it is printed."""
        return f"{self.prefix}{self.number:05d}"
