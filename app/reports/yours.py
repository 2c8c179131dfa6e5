"""The copies that are somebody's, with all a page needs to show them: whose work, which numbers, the run's strip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.catalogue.models import Format
from app.inventory import counts
from app.inventory.delivery_models import Shortfall, ShortfallState
from app.inventory.models import Copy, StockMovement
from app.inventory.states import CopyState
from app.kernel.schema import is_one_of, table
from app.kernel.several import Several
from app.reports import run_names
from app.reports.run_facts import with_siblings

Numbers = dict[int, tuple[int, ...]]
_COPIES, _MOVES = table(Copy), table(StockMovement)
_SHORT = table(Shortfall).c
_IN_EXCHANGE = exists().where(  # another number, for one that did not come: it was not bought
    _SHORT.instead_id == _COPIES.c.id,
    _SHORT.order_line_id == _MOVES.c.order_line_id,
    is_one_of(_SHORT.state, ShortfallState.EXCHANGED),
)
_ALLOCATED = Several(
    lambda line_ids: (
        select(_MOVES.c.order_line_id, _COPIES.c.number)
        .join_from(_COPIES, _MOVES, _MOVES.c.copy_id == _COPIES.c.id)
        .where(_MOVES.c.order_line_id.in_(line_ids), is_one_of(_MOVES.c.after, CopyState.ALLOCATED), ~_IN_EXCHANGE)
        .distinct()
        .order_by(_MOVES.c.order_line_id, _COPIES.c.number)
    )
)


@dataclass(frozen=True)
class Yours:
    """Some copies of one run: `numbers` are theirs, `copies` has one letter per copy of the run from number `first` to `last`.

    `name` is what the run is called in a line; `preorder`: it is, or was, sold before it was here.
    """

    run_id: int
    run: str
    name: str
    title: str
    format: Format
    release: str
    work: str
    artist: str
    catalogue_number: str
    body_colour: str
    label_colour: str
    first: int
    last: int
    copies: str
    numbers: tuple[int, ...]
    preorder: bool = False


def yours(session: Session, numbers: Numbers) -> tuple[Yours, ...]:
    """The copies with these numbers per run id, in the runs' sequence."""
    stock = counts.stock(session, list(numbers))
    runs = with_siblings(session, numbers)
    called = run_names.called(runs)
    return tuple(
        Yours(
            run_id=run.id,
            run=run.slug,
            name=called[run.id],
            title=run.title,
            format=run.format,
            release=run.release,
            work=run.work,
            artist=run.artist,
            catalogue_number=run.catalogue_number,
            body_colour=run.body_colour,
            label_colour=run.label_colour,
            first=run.first,
            last=run.last,
            copies=stock[run.id].copies,
            numbers=numbers[run.id],
            preorder=run.preorder,
        )
        for run in sorted(runs, key=lambda run: run.id)
        if run.id in numbers
    )


def once_held(session: Session, hold_id: int) -> tuple[Numbers, str]:
    """What an ended hold contained when it ended, numbers per run id, and who put it back: "fan", "machine" or nobody."""
    ended = (StockMovement.hold_id == hold_id, is_one_of(StockMovement.before, CopyState.HELD), StockMovement.reason != "")
    rows = session.execute(
        select(Copy.run_id, Copy.number, StockMovement.actor)
        .join(StockMovement, StockMovement.copy_id == Copy.id)
        .where(*ended)
        .order_by(Copy.run_id, Copy.number)
    ).all()
    return _grouped([(run_id, number) for run_id, number, _ in rows]), rows[-1].actor if rows else ""


def once_allocated(session: Session, order_line_ids: Sequence[int]) -> Numbers:
    """What order lines contained when they were bought, numbers per line id, whatever went back since."""
    return _grouped((line_id, number) for line_id, number in _ALLOCATED.rows(session, order_line_ids))


def _grouped(rows: Iterable[tuple[int, int | None]]) -> Numbers:
    numbers: dict[int, list[int]] = {}
    for key, number in rows:
        if number is not None:
            numbers.setdefault(key, []).append(number)
    return {key: tuple(found) for key, found in numbers.items()}
