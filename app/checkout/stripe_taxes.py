"""What Stripe Tax counted for a session, as the rows that an order keeps; empty where Stripe was not to count."""

from collections.abc import Sequence

from app.orders.levy import Levy
from app.orders.taxes import Tax, shared
from app.orders.totals import Quote
from app.orders.vat_models import TaxedAs, VatKind
from app.payments.facts import SessionFacts, TaxFacts


def taxed(quote: Quote, facts: SessionFacts) -> tuple[Tax, ...]:
    """A row for every line, and one for the postage; they add up to what was agreed, and their tax to Stripe's.

    Where Stripe did not say it line by line, its sum is shared out by what each costs.
    """
    levy = quote.levy
    if levy is None or levy.taxed_as is not TaxedAs.STRIPE:
        return ()
    amounts = [line.amount.amount for line in quote.lines]
    kinds = [line.kind for line in quote.lines]
    if quote.postage.amount.amount:
        amounts.append(quote.postage.amount.amount)
        kinds.append(VatKind.STANDARD)
    found = _fitting(facts, amounts) or _shared(facts, amounts, levy)
    lines = [*range(len(quote.lines)), None]
    return tuple(
        Tax(at, TaxedAs.STRIPE, each.country or levy.country, kind, each.rate, each.amount - each.tax, each.tax)
        for at, kind, each in zip(lines, kinds, found, strict=False)
    )


def _fitting(facts: SessionFacts, amounts: Sequence[int]) -> tuple[TaxFacts, ...]:
    """Line by line, if the lines are ours."""
    found = tuple(each for at, each in enumerate(facts.taxed or ()) if each.amount or at < len(amounts))[: len(amounts)]
    return found if [each.amount for each in found] == list(amounts) else ()


def _shared(facts: SessionFacts, amounts: Sequence[int], levy: Levy) -> tuple[TaxFacts, ...]:
    parts = shared(facts.tax, list(amounts)) if any(amounts) else [0] * len(amounts)
    net = facts.amount - facts.tax
    rate = (2 * facts.tax * 10_000 + net) // (2 * net) if net else 0
    return tuple(TaxFacts(amount, tax, rate, levy.country) for amount, tax in zip(amounts, parts, strict=True))
