"""An order that waits for a run is not packed by mistake: not by hand, not by scanning, and it stands in no list of work."""

from datetime import timedelta

import pytest

from app.catalogue.making import Step
from app.fulfilment import scanning, shipping, waiting
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Conflict
from app.orders.models import Order
from app.reports import order_list, order_rows
from app.reports.order_list import Wish
from app.reports.order_stage import Stage
from app.reports.posting_page import chosen
from tests.builders import make_drop, make_label, make_release, make_run, paid_order
from tests.cast import BEN, NOW, SAM, StoppedClock
from tests.giving import copies_of
from tests.preordering import say

Shop = tuple[Order, Order, int]


@pytest.fixture
def shop(db: Database, clock: StoppedClock) -> Shop:
    """Ada's order of a pre-order and of a run that is here, Ben's of the latter alone; and the pre-order's run."""
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        ahead, here = make_run(session, release), make_run(session, release)
        drop = make_drop(session, [ahead, here])
        ids = drop.id, ahead.id, here.id
    say(db, clock, ids[1], Step.TEST_PRESS)
    return paid_order(db, ids[0], {ids[1]: 1, ids[2]: 1}), paid_order(db, ids[0], {ids[2]: 1}, BEN), ids[1]


def _stages(db: Database) -> dict[Stage, int]:
    with reading(db) as session:
        return {stage: count for stage, count in order_list.stage_counts(session, Wish((1,))).items() if count}


def test_a_mixed_order_waits_whole(db: Database, shop: Shop) -> None:
    ada, ben, _run = shop
    assert _stages(db) == {Stage.WAITING: 1, Stage.TO_PACK: 1}
    with reading(db) as session:
        assert order_list.to_pack(session, [1]) == [ben.id]
        assert chosen(session, Wish((1,)), [ada.id, ben.id]) == [ben.id]
        assert [row.stage for row in order_rows.rows(session, [ada.id, ben.id])] == [Stage.WAITING, Stage.TO_PACK]
        assert waiting.waiting(session, [ada.id, ben.id]) == {ada.id}


def test_nothing_of_it_is_packed_scanned_or_sent(db: Database, shop: Shop) -> None:
    ada, _ben, _run = shop
    [copy_id, *_] = copies_of(db, ada.id)
    with pytest.raises(Conflict, match=r"waits for TAPE-001 .* at the plant: test press"), transaction(db) as session:
        shipping.pack(session, ada.id, NOW)
    with pytest.raises(Conflict, match="waits for"), transaction(db) as session:
        scanning.put_in(session, ada.id, copy_id, NOW, SAM)
    with pytest.raises(Conflict, match="waits for"), transaction(db) as session:
        shipping.ship(session, ada.id, "DHL", "1", NOW, SAM)
    assert _stages(db) == {Stage.WAITING: 1, Stage.TO_PACK: 1}


@pytest.mark.parametrize("step", [Step.HERE, Step.PACKING])
def test_once_it_is_here_it_is_packed_like_any_other(db: Database, clock: StoppedClock, shop: Shop, step: Step) -> None:
    ada, _ben, run = shop
    say(db, clock, run, step)
    assert _stages(db) == {Stage.TO_PACK: 2}
    with transaction(db) as session:
        shipping.pack(session, ada.id, NOW)


def test_what_is_packed_is_here_whatever_is_said_later(db: Database, clock: StoppedClock, shop: Shop) -> None:
    ada, _ben, run = shop
    say(db, clock, run, Step.HERE)
    with transaction(db) as session:
        shipping.pack(session, ada.id, NOW)
    say(db, clock, run, Step.PRINTED)
    assert _stages(db) == {Stage.PACKED: 1, Stage.TO_PACK: 1}
    with transaction(db) as session:
        shipping.ship(session, ada.id, "DHL", "1", NOW + timedelta(hours=1), SAM)
    assert _stages(db) == {Stage.SHIPPED: 1, Stage.TO_PACK: 1}


def test_without_the_guard_it_would_be_packed(db: Database, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: it is this guard, and nothing else, that keeps the parcel."""
    monkeypatch.setattr(waiting, "check_here", lambda _session, _order_id: None)
    with transaction(db) as session:
        shipping.pack(session, shop[0].id, NOW)
    assert _stages(db) == {Stage.PACKED: 1, Stage.TO_PACK: 1}
