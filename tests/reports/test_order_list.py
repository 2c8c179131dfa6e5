"""The desk's list of orders: each order is found in the one stage in which it is counted."""

import pytest
from sqlalchemy import update

from app.catalogue.models import Run
from app.fulfilment.models import Parcel, ParcelState
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order, OrderState
from app.payments.models import Payment
from app.payments.states import PaymentState
from app.reports import order_list
from app.reports.order_list import Wish
from app.reports.order_stage import Stage
from tests import short
from tests.builders import disputed, make_drop, make_run, open_drop, paid_order
from tests.cast import NOW, StoppedClock, someone
from tests.preordering import say
from tests.short import said


@pytest.mark.usefixtures("unchecked")  # stages are set here as they come, without all that goes with them
def test_each_order_is_counted_once_and_found_where_it_is_counted(db: Database) -> None:
    drop, run = open_drop(db, size=20)
    with transaction(db) as session:
        ahead = make_run(session, session.get_one(Run, run).release)
        preorder, ahead_id = make_drop(session, [ahead]).id, ahead.id
    say(db, StoppedClock(NOW), ahead_id)
    others = {stage: paid_order(db, drop, {run: 1}, someone(stage.value)) for stage in Stage if stage is not Stage.WAITING}
    owed = paid_order(db, drop, {run: 1}, someone("owed"))
    orders = others | {Stage.WAITING: paid_order(db, preorder, {ahead_id: 1})}
    late = paid_order(db, drop, {run: 1}, someone("sent-and-disputed"))
    for order in (orders[Stage.DISPUTED], late):
        disputed(db, order.id)
    parcels = {orders[Stage.PACKED]: ParcelState.PACKED, orders[Stage.SHIPPED]: ParcelState.SENT, late: ParcelState.SENT}
    short.deliver(db, run, said(owed.id))  # the number that each bought so far is its order's
    gone, unpaid = orders[Stage.CANCELLED].id, orders[Stage.UNPAID].id
    with transaction(db) as session:
        for order, state in parcels.items():
            session.execute(update(Parcel).where(Parcel.order_id == order.id).values(state=state, packed_at=NOW))
        session.execute(update(Order).where(Order.id == gone).values(state=OrderState.CANCELLED, cancelled_at=NOW))
        session.execute(update(Payment).where(Payment.order_id == unpaid).values(state=PaymentState.AUTHORISED, ended_at=None))
    with reading(db) as session:
        mine = Wish((orders[Stage.PACKED].label_id,))
        found = {stage: order_list.all_ids(session, Wish(mine.label_ids, stage), most=50) for stage in Stage}
        page = order_list.order_list(session, mine)
    assert found == {stage: [order.id] for stage, order in orders.items()} | {
        Stage.SHIPPED: [orders[Stage.SHIPPED].id, late.id],
        Stage.WAITING: [owed.id, orders[Stage.WAITING].id],
    }
    assert page.stages == {stage: len(ids) for stage, ids in found.items()}
    assert {row.id: row.stage for row in page.rows} == {id_: stage for stage, ids in found.items() for id_ in ids}
    assert (page.total, page.first, page.last) == (9, 1, 9)
