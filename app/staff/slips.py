"""Packing slips of some orders, or of all that are to be packed, as one PDF."""

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.fulfilment import together, waiting
from app.fulfilment.slips import Paper, pdf
from app.kernel.errors import Conflict, NotFound
from app.orders.models import OrderState
from app.reports import order_list, slip_facts
from app.reports.awaited import awaited
from app.staff import queries
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs
from app.staff.order import check_decided, order_of
from app.staff.packing import AT_ONCE
from app.web.house import house, reading


@bp.get("/packing/slips.pdf")
@needs(Deed.PACK)
def packing_slips() -> ResponseReturnValue:
    """The slips of some orders, or of all that are to be packed, as one PDF."""
    paper, ids = queries.choice("paper", Paper) or Paper.A5, queries.row_ids("order", most=AT_ONCE)
    with reading() as session:
        wanted = [_with_slip(session, id_) for id_ in ids] or _to_pack(session)
        slips = slip_facts.slips(session, wanted, house().settings.base_url)
    if not slips:
        raise NotFound("No order is waiting to be packed, so there is no slip to print.")
    answer = Response(pdf(slips, paper, house().settings.fallback_fonts), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="slips-{slips[0].reference}.pdf"'
    return answer


def _with_slip(session: Session, order_id: int) -> int:
    """The order's id, if it is one for which a slip makes sense."""
    found = order_of(session, order_id, Deed.PACK)
    if found.state is OrderState.CANCELLED:
        raise Conflict(_("Order № %(number)s was cancelled, so there is no slip to print.", number=found.reference))
    check_decided(session, found)
    for leaves in together.order_ids(session, order_id):
        waiting.check_here(session, leaves)
    return order_id


def _to_pack(session: Session) -> list[int]:
    """All that may be packed now; what waits for a second person is left out."""
    ids = order_list.to_pack(session, label_ids(Deed.PACK), limit=AT_ONCE)
    shared = together.shared(session, ids)
    waits = awaited(session, [*ids, *(other for others in shared.values() for other in others)])
    return [id_ for id_ in ids if not waits.keys() & {id_, *shared.get(id_, ())}]
