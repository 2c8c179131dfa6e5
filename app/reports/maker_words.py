"""How shares and lines of a statement are said, on paper and in files."""

from app.catalogue.shares import Term, per_cent
from app.reports.maker_flows import Flow
from app.reports.maker_lines import AGAIN, COST, WITHDRAWN, MakerLine

KINDS = {
    Flow.SALE.value: "sold",
    Flow.BACK.value: "given back",
    Flow.KINDNESS.value: "given back without a copy",
    Flow.DISPUTE.value: "taken back by a bank",
    Flow.DISPUTE_FEE.value: "Stripe's fee for a dispute",
    COST: "cost",
    WITHDRAWN: "withdrawn",
    AGAIN: "sent again",
}


def what(line: MakerLine) -> str:
    """What a line is of: "cost: pressing: 100 tapes"."""
    return ": ".join(filter(None, (KINDS[line.kind], line.what)))


def share(term: Term | None) -> str:
    """50 % after costs."""
    if term is None:
        return ""
    return f"{per_cent(term.basis_points)} % {'after costs' if term.costs_first else 'of everything'}"
