"""Which texts a shop must have before it opens, and which of them nobody has written."""

from app.catalogue.models import Label
from app.fulfilment.customs import UNION

# Where who buys from afar may withdraw and must be told so: the union, the area around it that keeps its rules, Great Britain.
MAY_WITHDRAW = UNION | frozenset(["GB", "IS", "LI", "NO"])


def wanted(country: str) -> tuple[str, ...]:
    """By their names, as a label in this country needs them."""
    return ("imprint", "terms", "privacy", *(("withdrawal",) if country in MAY_WITHDRAW else ()))


def missing(label: Label) -> tuple[str, ...]:
    """Those of them that are empty."""
    return tuple(which for which in wanted(label.country) if not getattr(label, which).strip())
