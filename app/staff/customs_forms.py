"""Customs forms beside the slips: CN22 or CN23 for each parcel that crosses a customs border and can be declared."""

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.fulfilment import checks, cn_forms
from app.fulfilment.posting import Posting
from app.kernel.errors import Conflict, NotFound
from app.reports import posting_page
from app.reports.awaited import awaited
from app.reports.order_list import Wish
from app.reports.postings import postings
from app.staff import queries
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs
from app.staff.packing import AT_ONCE
from app.web.house import house, now, reading


@bp.get("/packing/customs.pdf")
@needs(Deed.PACK)
def parcel_customs() -> ResponseReturnValue:
    """The forms of some orders, or of all that may be posted; of one alone that cannot be declared it is said why."""
    ids, label_id = queries.row_ids("order", most=AT_ONCE), queries.row_id("label")
    mine = [each for each in label_ids(Deed.PACK) if label_id in {None, each}]
    with reading() as session:
        crossing = _crossing(session, Wish(tuple(mine), drop_id=queries.row_id("drop")), ids)
    complete = [posting for posting in crossing if not checks.undeclared(posting)]
    if len(ids) == 1 and crossing and not complete:
        raise Conflict(" ".join(fault.sentence for fault in checks.undeclared(crossing[0])))
    if not complete:
        raise NotFound("No parcel that can be declared crosses a customs border, so there is no form to print.")
    answer = Response(cn_forms.pdf(complete, now().date(), house().settings.fallback_fonts), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="customs-{complete[0].reference}.pdf"'
    return answer


def _crossing(session: Session, wish: Wish, ids: list[int]) -> list[Posting]:
    """The parcels that need a form: still here, something in them, and nobody has to decide about them first."""
    chosen = posting_page.chosen(session, wish, ids)[: posting_page.MOST]
    found = [posting for posting in postings(session, chosen) if posting.customs and posting.things]
    waits = awaited(session, [id_ for posting in found for id_ in posting.order_ids])
    return [posting for posting in found if not waits.keys() & set(posting.order_ids)][:AT_ONCE]
