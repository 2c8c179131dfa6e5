"""The files that come with an order's copies, for who may have them now."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.models import FileKind, ReleaseFile, Run
from app.orders.models import Order, OrderLine
from app.payments.models import Payment
from app.reports import file_rights


@dataclass(frozen=True)
class OrderFile:
    """A file for who owns a copy of the release `work`; `file` is its name on our disk."""

    id: int
    release_id: int
    name: str
    kind: FileKind
    size: int
    sha256: str
    work: str
    file: str


def of_order(session: Session, order: Order, payment: Payment | None) -> tuple[OrderFile, ...]:
    """What may be downloaded now: of the releases of which this order has a copy that is paid, and whose money stays.

    Nothing for an order that was cancelled, is not captured yet, or whose bank asks for the money back.
    """
    if not (there := coming(session, order)) or not file_rights.stands(session, order, payment):
        return ()
    owned = file_rights.owned(session, order)
    return tuple(each for each in there if each.release_id in owned)


def coming(session: Session, order: Order) -> tuple[OrderFile, ...]:
    """What comes with the releases of an order, whatever became of it; of a release that has none, nothing is asked further."""
    lines = select(Run.release_id).join(OrderLine, OrderLine.run_id == Run.id).where(OrderLine.order_id == order.id)
    found = session.scalars(
        select(ReleaseFile)
        .where(ReleaseFile.release_id.in_(lines), ReleaseFile.sha256.is_not(None))
        .order_by(ReleaseFile.release_id, ReleaseFile.position, ReleaseFile.id)
        .options(joinedload(ReleaseFile.release))
    )
    return tuple(_shown(found))


def _shown(rows: Iterable[ReleaseFile]) -> Iterable[OrderFile]:
    return (
        OrderFile(row.id, row.release_id, row.name, row.kind, row.size, row.sha256 or "", row.release.title, row.file)
        for row in rows
    )
