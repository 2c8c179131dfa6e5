"""VAT: how a label keeps it, its own rates, what each order was taxed, corrections, invoices and credit notes with their counters.

Orders from before get rows that say that nothing was said about VAT: untaxed, line by line, adding up to what was paid.

Revision: 0016, after 0015.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")

_LINES = """INSERT INTO order_taxes (order_id, order_line_id, taxed_as, country, kind, rate, net, tax)
    SELECT o.id, l.id, 'unsaid', o.country, CASE WHEN r.format = 'zine' THEN 'reduced' ELSE 'standard' END,
        0, l.quantity * l.unit_amount, 0
    FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN runs r ON r.id = l.run_id ORDER BY l.id"""
_POSTAGE = """INSERT INTO order_taxes (order_id, order_line_id, taxed_as, country, kind, rate, net, tax)
    SELECT id, NULL, 'unsaid', country, 'standard', 0, postage_amount, 0 FROM orders WHERE postage_amount > 0 ORDER BY id"""


def upgrade() -> None:
    _settings()
    _order_taxes()
    _corrections()
    _invoices()
    op.execute(_LINES)
    op.execute(_POSTAGE)


def _settings() -> None:
    op.create_table(
        "vat_settings",
        sa.Column("label_id", _KEY, autoincrement=False, nullable=False),
        sa.Column("way", _one_of("way", "none", "home", "destination", "stripe"), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("tax_number", sa.Text(), nullable=False),
        sa.Column("invoices", sa.Boolean(), nullable=False),
        sa.Column("invoice_prefix", sa.Text(), nullable=False),
        sa.Column("credit_prefix", sa.Text(), nullable=False),
        sa.CheckConstraint("NOT exclusive OR way IN ('home', 'destination')", name=op.f("ck_vat_settings_exclusive")),
        _refers("vat_settings", "label_id", "labels.id"),
        sa.PrimaryKeyConstraint("label_id", name=op.f("pk_vat_settings")),
    )
    op.create_table(
        "vat_rates",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("label_id", _KEY, nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("kind", _one_of("kind", "standard", "reduced"), nullable=False),
        sa.Column("rate", _KEY, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("length(country) = 2", name=op.f("ck_vat_rates_country")),
        sa.CheckConstraint("rate BETWEEN 0 AND 9999", name=op.f("ck_vat_rates_rate")),
        _refers("vat_rates", "label_id", "labels.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vat_rates")),
        sa.UniqueConstraint("label_id", "country", "kind", "since", name=op.f("uq_vat_rates_label_id_country_kind_since")),
    )


def _order_taxes() -> None:
    op.create_table(
        "order_taxes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("order_id", _KEY, nullable=False),
        sa.Column("order_line_id", _KEY, nullable=True),
        sa.Column("taxed_as", _one_of("taxed_as", "unsaid", "none", "home", "oss", "export", "stripe"), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("kind", _one_of("kind", "standard", "reduced"), nullable=False),
        sa.Column("rate", _KEY, nullable=False),
        sa.Column("net", _KEY, nullable=False),
        sa.Column("tax", _KEY, nullable=False),
        sa.CheckConstraint("net >= 0 AND tax >= 0 AND rate >= 0", name=op.f("ck_order_taxes_amounts")),
        sa.CheckConstraint("taxed_as IN ('home', 'oss', 'stripe') OR (tax = 0 AND rate = 0)", name=op.f("ck_order_taxes_untaxed")),
        _refers("order_taxes", "order_id", "orders.id"),
        _refers("order_taxes", "order_line_id", "order_lines.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_taxes")),
        sa.UniqueConstraint("order_line_id", name=op.f("uq_order_taxes_order_line_id")),
    )
    op.create_index("ix_order_taxes_order_id", "order_taxes", ["order_id"])


def _corrections() -> None:
    op.create_table(
        "tax_corrections",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("order_tax_id", _KEY, nullable=False),
        sa.Column("refund_id", _KEY, nullable=True),
        sa.Column("dispute_id", _KEY, nullable=True),
        sa.Column("net", _KEY, nullable=False),
        sa.Column("tax", _KEY, nullable=False),
        sa.CheckConstraint("(refund_id IS NULL) <> (dispute_id IS NULL)", name=op.f("ck_tax_corrections_cause")),
        sa.CheckConstraint("net >= 0 AND tax >= 0", name=op.f("ck_tax_corrections_amounts")),
        _refers("tax_corrections", "order_tax_id", "order_taxes.id"),
        _refers("tax_corrections", "refund_id", "refunds.id"),
        _refers("tax_corrections", "dispute_id", "disputes.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_corrections")),
        sa.UniqueConstraint("refund_id", "order_tax_id", name=op.f("uq_tax_corrections_refund_id_order_tax_id")),
        sa.UniqueConstraint("dispute_id", "order_tax_id", name=op.f("uq_tax_corrections_dispute_id_order_tax_id")),
    )
    op.create_index("ix_tax_corrections_order_tax_id", "tax_corrections", ["order_tax_id"])


def _invoices() -> None:
    op.create_table(
        "invoice_counters",
        sa.Column("label_id", _KEY, autoincrement=False, nullable=False),
        sa.Column("kind", _one_of("kind", "invoice", "credit_note"), nullable=False),
        sa.Column("last", _KEY, nullable=False),
        _refers("invoice_counters", "label_id", "labels.id"),
        sa.PrimaryKeyConstraint("label_id", "kind", name=op.f("pk_invoice_counters")),
    )
    op.create_table(
        "invoices",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("label_id", _KEY, nullable=False),
        sa.Column("order_id", _KEY, nullable=False),
        sa.Column("refund_id", _KEY, nullable=True),
        sa.Column("kind", _one_of("kind", "invoice", "credit_note"), nullable=False),
        sa.Column("number", _KEY, nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.Column("total", _KEY, nullable=False),
        sa.CheckConstraint("(kind = 'credit_note') = (refund_id IS NOT NULL)", name=op.f("ck_invoices_refund")),
        sa.CheckConstraint("number > 0", name=op.f("ck_invoices_number")),
        _refers("invoices", "label_id", "labels.id"),
        _refers("invoices", "order_id", "orders.id"),
        _refers("invoices", "refund_id", "refunds.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_invoices_refund_id")),
        sa.UniqueConstraint("label_id", "kind", "number", name=op.f("uq_invoices_label_id_kind_number")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invoices_order_id", "invoices", ["order_id"])
    invoice = sa.text("kind = 'invoice'")
    op.create_index("uq_invoices_order", "invoices", ["order_id"], unique=True, sqlite_where=invoice, postgresql_where=invoice)


def _one_of(name: str, *words: str) -> Any:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def _refers(table: str, column: str, to: str) -> Any:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def downgrade() -> None:
    for table in ("invoices", "invoice_counters", "tax_corrections", "order_taxes", "vat_rates", "vat_settings"):
        op.drop_table(table)
