"""Fees and sell-through as tables for files."""

from collections.abc import Iterable, Iterator

from app.reports.fee_facts import FeeLine, FeePage
from app.reports.sell_curve import SellThrough
from app.reports.sheets import Row, Sheet


def of_fees(lines: Iterable[FeeLine]) -> Sheet:
    """A row per fee; what Stripe kept also in the currency of its own balance."""
    heads = ("at", "order", "what", "taken", "fee", "currency", "kept", "kept_currency")
    return Sheet("Fees", heads, _fees(lines))


def of_fee_months(page: FeePage) -> Sheet:
    """A row per month."""
    rows = ((f"{each.first}", f"{each.last}", each.fees, each.amount.decimal, each.amount.currency) for each in page.months)
    return Sheet("Months", ("first_day", "last_day", "fees", "fee", "currency"), rows)


def of_fee_runs(page: FeePage) -> Sheet:
    """A row per run, and one for postage and the rest."""
    rows = ((name or "postage and the rest", amount.decimal, amount.currency) for _, name, amount in page.runs)
    return Sheet("Runs", ("run", "fee", "currency"), rows)


def of_sell_through(runs: Iterable[SellThrough]) -> Sheet:
    """A row per run; empty where the time has not come yet."""
    heads = (
        "catalogue_number", "artist", "title", "run", "opened_at", "made", "sold", "after_an_hour", "after_a_day", "after_a_week",
        "after_30_days",
    )  # fmt: skip
    return Sheet("Sell-through", heads, _runs(runs))


def _fees(lines: Iterable[FeeLine]) -> Iterator[Row]:
    for line in lines:
        what = "dispute" if line.disputed else "payment"
        money = (line.taken.decimal, line.amount.decimal, line.amount.currency, line.kept.decimal, line.kept.currency)
        yield (f"{line.at:%Y-%m-%dT%H:%M:%SZ}", line.reference, what, *money)


def _runs(runs: Iterable[SellThrough]) -> Iterator[Row]:
    for run in runs:
        opened = f"{run.t0:%Y-%m-%dT%H:%M:%SZ}" if run.t0 else ""
        after = ("" if sold is None else sold for sold in run.after)
        yield (run.catalogue_number, run.artist, run.title, run.run_title, opened, run.made, run.sold, *after)
