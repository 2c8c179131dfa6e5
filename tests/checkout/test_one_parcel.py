"""A fan's later order joins the parcel that is still open, and the postage that this saves goes back; by itself, once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import AuditEntry
from app.catalogue.models import Label, Run
from app.checkout import apart, cancel, correct, one_parcel, readdress, shared_postage
from app.checkout.parts import Choice, Plan
from app.fulfilment import locking, scanning, shipping, together
from app.fulfilment.models import JoinedParcel, Parcel, ParcelState, PostageRate, SharedPostage, Shipment
from app.inventory.models import Copy
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import AlreadyShipped, Conflict, NotPaid
from app.kernel.outbox import Job
from app.orders.models import CodeKind, Order, OrderState
from app.payments.facts import Address
from app.payments.models import Fate, Payment, Refund, RefundPart
from tests.builders import (
    BERLIN,
    disputed,
    end_payment,
    facts_of,
    give_back,
    keep_vat,
    make_code,
    make_drop,
    make_run,
    open_attempt,
    open_drop,
    paid_order,
    refunded_elsewhere,
    settle_as,
    take_with_details,
)
from tests.cast import BEN, NOW, SAM, StoppedClock
from tests.giving import desk
from tests.preordering import say

LATER = NOW + timedelta(hours=1)


def bought(db: Database, drop: int, run: int, address: Address = BERLIN, *, quantity: int = 1, paid: bool = True) -> int:
    """One more order of Ada's to this address."""
    attempt = open_attempt(db, take_with_details(db, drop, {run: quantity}).id)
    payment = settle_as(db, attempt, replace(facts_of(attempt), address=address))
    assert payment is not None
    if paid:
        end_payment(db, payment.id)
    return payment.order_id or 0


def together_with(db: Database, order_id: int) -> list[int]:
    """The orders of one parcel."""
    with reading(db) as session:
        return together.order_ids(session, order_id)


def states(db: Database) -> dict[int, ParcelState]:
    """The state of each order's parcel."""
    with reading(db) as session:
        return {parcel.order_id: parcel.state for parcel in session.scalars(select(Parcel))}


def share(db: Database, order_id: int) -> int:
    """What the worker does an hour after."""
    with transaction(db) as session:
        return shared_postage.give_back(session, order_id, LATER)


def back(db: Database) -> list[tuple[int | None, int, str]]:
    """Refunds: of which order, how much, and what for."""
    with reading(db) as session:
        rows = session.execute(select(Refund.order_id, RefundPart.amount, RefundPart.kind).join(RefundPart).order_by(Refund.id))
        return [(order, amount, kind.value) for order, amount, kind in rows]


def deeds(db: Database) -> list[str]:
    """What the audit log has."""
    with reading(db) as session:
        return list(session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id)))


def _others(session: Session, order_id: int) -> list[Order]:
    parcel = session.scalars(select(Parcel).where(Parcel.order_id == order_id)).one()
    return apart.others_here(session, session.get_one(Order, order_id), parcel)


def jobs(db: Database, kind: str) -> int:
    """How many jobs of a kind there are."""
    with reading(db) as session:
        return len(session.scalars(select(Job.id).where(Job.kind == kind)).all())


def test_a_later_order_joins_the_open_parcel_and_postage_goes_back_once(db: Database) -> None:
    drop, run = open_drop(db)
    first, second, third = (bought(db, drop, run) for _ in range(3))
    assert together_with(db, second) == [first, second, third]
    assert (jobs(db, one_parcel.POSTAGE), back(db)) == (2, [])
    assert (share(db, second), share(db, second), share(db, third)) == (195, 0, 195)
    assert back(db) == [(second, 195, "postage"), (third, 195, "postage")]
    assert jobs(db, "refund.send") == 2
    assert deeds(db) == ["order.joined_parcel"] * 2 + ["order.postage_shared"] * 2
    assert share(db, first) == 0


@pytest.mark.parametrize(
    "spelled",
    [
        replace(BERLIN, line1="PRÜFWEG  1"),
        replace(BERLIN, line1="Prüfweg 1,", city="berlin "),
        replace(BERLIN, name="ada lovelace"),
    ],
)
def test_spelling_makes_no_other_address(db: Database, spelled: Address) -> None:
    drop, run = open_drop(db)
    first = bought(db, drop, run)
    assert together_with(db, bought(db, drop, run, spelled)) == [first, first + 1]


@pytest.mark.parametrize("field", ["name", "line1", "line2", "postal_code", "city", "region", "country"])
def test_any_other_line_is_another_address(db: Database, field: str) -> None:
    drop, run = open_drop(db)
    bought(db, drop, run)
    second = bought(db, drop, run, replace(BERLIN, **{field: "AT" if field == "country" else "other"}))
    assert together_with(db, second) == [second]
    assert jobs(db, one_parcel.POSTAGE) == 0


def test_another_fan_another_label_or_a_label_that_does_not_want_it(db: Database) -> None:
    drop, run = open_drop(db)
    bought(db, drop, run)
    bens = paid_order(db, drop, {run: 1}, BEN).id
    elsewhere = bought(db, *open_drop(db))
    with transaction(db) as session:
        session.execute(update(Label).values(joins_orders=False))
    last = bought(db, drop, run)
    assert [together_with(db, id_) for id_ in (bens, elsewhere, last)] == [[bens], [elsewhere], [last]]


@pytest.mark.parametrize("deed", ["lock", "pack", "ship"])
def test_what_is_locked_packed_or_sent_is_joined_no_more(db: Database, deed: str) -> None:
    drop, run = open_drop(db)
    first = bought(db, drop, run)
    with transaction(db) as session:
        if deed == "lock":
            locking.lock(session, [first], NOW)
        elif deed == "pack":
            shipping.pack(session, first, NOW)
        else:
            shipping.ship(session, first, "DHL", "", NOW, SAM)
    second = bought(db, drop, run)
    assert together_with(db, second) == [second]


def test_what_no_rate_carries_together_goes_apart(db: Database) -> None:
    drop, run = open_drop(db)
    first = bought(db, drop, run)
    with transaction(db) as session:
        session.execute(update(PostageRate).values(max_weight=200))
    second = bought(db, drop, run)
    assert together_with(db, second) == [second]
    assert together_with(db, first) == [first]


def test_heavier_together_costs_more_and_less_goes_back(db: Database) -> None:
    drop, run = open_drop(db)
    bought(db, drop, run, quantity=3)
    with transaction(db) as session:
        session.execute(update(PostageRate).where(PostageRate.name == "Letter").values(max_weight=300))
        session.execute(update(PostageRate).where(PostageRate.name == "Parcel, tracked").values(amount=339))
    second = bought(db, drop, run)
    assert (share(db, second), back(db)) == (51, [(second, 51, "postage")])


def test_vat_that_is_added_is_added_to_what_they_cost_together(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db, exclusive=True)
    bought(db, drop, run, quantity=3)
    with transaction(db) as session:
        session.execute(update(PostageRate).where(PostageRate.name == "Letter").values(max_weight=300))
        session.execute(update(PostageRate).where(PostageRate.name == "Parcel, tracked").values(amount=339))
    assert share(db, bought(db, drop, run)) == 2 * (195 + 37) - (339 + 64)


def test_a_trifle_is_not_given_back(db: Database) -> None:
    drop, run = open_drop(db)
    bought(db, drop, run, quantity=3)
    with transaction(db) as session:
        session.execute(update(PostageRate).where(PostageRate.name == "Letter").values(max_weight=300))
        session.execute(update(PostageRate).where(PostageRate.name == "Parcel, tracked").values(amount=341))
    second = bought(db, drop, run)
    assert (together_with(db, second), share(db, second), back(db)) == ([1, 2], 0, [])


def test_never_more_than_was_paid(db: Database) -> None:
    drop, run = open_drop(db)
    make_code(db, kind=CodeKind.POSTAGE, value=0)
    first = bought(db, drop, run)
    free = paid_order(db, drop, {run: 1}, code="SPRING").id
    assert (together_with(db, free), jobs(db, one_parcel.POSTAGE)) == ([first, free], 0)
    assert share(db, free) == 0
    give_back(db, first, Plan(postage=True))
    third = bought(db, drop, run)
    assert share(db, third) == 0
    assert back(db) == [(first, 195, "postage")]


def test_not_before_the_money_is_there_nor_while_the_bank_asks(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run, paid=False)
    with pytest.raises(NotPaid, match="being taken"):
        share(db, second)
    with reading(db) as session:
        payment = session.scalars(select(Payment.id).where(Payment.order_id == second)).one()
    end_payment(db, payment)
    disputed(db, second)
    assert (share(db, second), back(db), together_with(db, first)) == (0, [], [first, second])


def test_not_before_the_money_of_the_other_order_is_there(db: Database) -> None:
    """Else the other counts for nothing, and what both cost less would never be looked at again."""
    drop, run = open_drop(db)
    first, second = bought(db, drop, run, paid=False), bought(db, drop, run)
    with pytest.raises(NotPaid, match="being taken"):
        share(db, second)
    with reading(db) as session:
        payment = session.scalars(select(Payment.id).where(Payment.order_id == first)).one()
    end_payment(db, payment)
    assert share(db, second) > 0


def test_an_order_that_was_cancelled_meanwhile_is_joined_by_none(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL its parcel is waited for; what was read of the order before is of the past then."""
    drop, run = open_drop(db)
    first = bought(db, drop, run)
    with transaction(db) as session:
        session.execute(update(Parcel).values(alone=True))
    second = bought(db, drop, run)
    looked = together.locked

    def cancelled_first(session: Session, ids: Sequence[int]) -> list[Parcel]:
        session.execute(update(Order).where(Order.id == first).values(state=OrderState.CANCELLED, cancelled_at=NOW))
        return looked(session, ids)

    for lock, joins in ((looked, True), (cancelled_first, False)):
        monkeypatch.setattr(together, "locked", lock)
        with transaction(db) as session:
            session.execute(update(Parcel).values(alone=False))
            assert one_parcel.join(session, session.get_one(Order, second), NOW) is joins
            session.rollback()


def test_the_bank_lets_go_of_the_later_order(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run, paid=False)
    with reading(db) as session:
        payment = session.scalars(select(Payment.id).where(Payment.order_id == second)).one()
    end_payment(db, payment, "canceled")
    assert (together_with(db, first), together_with(db, second), share(db, second)) == ([first], [second], 0)


def test_what_is_left_of_the_postage_may_go_back_later_and_no_more(db: Database) -> None:
    drop, run = open_drop(db)
    bought(db, drop, run, quantity=3)
    with transaction(db) as session:
        session.execute(update(PostageRate).where(PostageRate.name == "Letter").values(max_weight=300))
        session.execute(update(PostageRate).where(PostageRate.name == "Parcel, tracked").values(amount=300))
    second = bought(db, drop, run)
    assert share(db, second) == 90
    assert give_back(db, second, Plan(postage=True)).amount == 105
    with pytest.raises(Conflict, match="given back already"):
        give_back(db, second, Plan(postage=True))


def test_cancelling_one_gives_back_what_is_left_of_it_and_leaves_the_other(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run)
    share(db, second)
    with transaction(db) as session:
        cancel.cancel_by_fan(session, second, NOW)
    assert [each for each in back(db) if each[0] == second] == [(second, 195, "postage"), (second, 2400, "copy")]
    assert (together_with(db, first), together_with(db, second)) == ([first], [second])
    with transaction(db) as session:
        shipping.pack(session, first, NOW)
    assert states(db) == {first: ParcelState.PACKED, second: ParcelState.OPEN}


def test_the_first_of_three_is_cancelled_and_the_others_stay_together(db: Database) -> None:
    drop, run = open_drop(db)
    first, second, third = (bought(db, drop, run) for _ in range(3))
    with transaction(db) as session:
        cancel.cancel(session, first, {1: Choice(Fate.PUT_BACK)}, desk(), NOW)
    assert (together_with(db, first), together_with(db, third)) == ([first], [second, third])
    assert share(db, second) == 195
    assert share(db, third) == 0


def test_refunded_at_stripe_while_it_is_packed(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run)
    with transaction(db) as session:
        locking.lock(session, [first], NOW)
        shipping.pack(session, second, NOW)
    assert set(states(db).values()) == {ParcelState.PACKED}
    refunded_elsewhere(db, second, 2595)
    assert states(db) == {first: ParcelState.LOCKED, second: ParcelState.OPEN}
    assert together_with(db, first) == [first]


def test_it_is_locked_packed_and_sent_as_one(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run)
    with transaction(db) as session:
        assert sorted(locking.lock(session, [second], NOW)) == [first, second]
        assert scanning.put_in(session, first, 2, NOW, SAM) == scanning.Put(again=False, packed=False, left=1)
        assert scanning.put_in(session, second, 1, NOW, SAM) == scanning.Put(again=False, packed=True, left=0)
    assert set(states(db).values()) == {ParcelState.PACKED}
    with transaction(db) as session:
        assert scanning.take_out(session, second, 1, NOW)
    assert set(states(db).values()) == {ParcelState.LOCKED}
    with transaction(db) as session:
        shipping.pack(session, second, NOW)
        shipping.unpack(session, first, NOW)
        shipping.ship(session, second, "DHL", "0034", NOW, SAM)
    assert set(states(db).values()) == {ParcelState.SENT}
    with pytest.raises(AlreadyShipped), transaction(db) as session:
        shipping.ship(session, first, "DHL", "0035", NOW, SAM)
    with reading(db) as session:
        assert session.scalars(select(Shipment.tracking)).all() == ["0034", "0034"]
        assert set(session.scalars(select(Copy.state).where(Copy.order_line_id.is_not(None)))) == {"shipped"}
    assert jobs(db, shipping.SHIPPED) == 1


def test_nothing_leaves_while_one_of_them_is_not_paid(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run, paid=False)
    for deed in (lambda s: shipping.pack(s, first, NOW), lambda s: shipping.ship(s, first, "DHL", "", NOW, SAM)):
        with pytest.raises(NotPaid, match="№ 00002 leaves in the same parcel"), transaction(db) as session:
            deed(session)
    with pytest.raises(NotPaid), transaction(db) as session:
        scanning.put_in(session, first, 1, NOW, SAM)
    assert set(states(db).values()) == {ParcelState.OPEN}
    assert together_with(db, second) == [first, second]


def test_the_fan_wants_it_on_its_own_and_together_after_all(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run)
    with transaction(db) as session:
        apart.by_fan(session, second, NOW)
    assert (together_with(db, second), share(db, second)) == ([second], 0)
    third = bought(db, drop, run)
    assert together_with(db, third) == [first, third]
    with transaction(db) as session:
        assert apart.together_by_fan(session, second, NOW)
    assert together_with(db, second) == [first, second, third]
    assert jobs(db, one_parcel.POSTAGE) == 2
    assert share(db, second) == 195
    with pytest.raises(Conflict, match=r"gone back already.*desk@tinsel\.example"), transaction(db) as session:
        apart.by_fan(session, first, NOW)
    assert together_with(db, first) == [first, second, third]


def test_the_desk_takes_apart_and_puts_together_whatever_went_back(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run)
    share(db, second)
    with transaction(db) as session:
        apart.by_desk(session, first, NOW)
    assert (together_with(db, first), together_with(db, second), len(back(db))) == ([first], [second], 1)
    with pytest.raises(Conflict, match="does not share"), transaction(db) as session:
        apart.by_desk(session, first, NOW)
    with transaction(db) as session:
        assert [each.id for each in _others(session, first)] == [second]
        apart.join_by_desk(session, first, second, NOW)
    assert together_with(db, first) == [second, first]
    assert (share(db, first), share(db, second)) == (0, 0)


def test_the_desk_puts_two_parcels_of_two_together(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run)
    with transaction(db) as session:
        for id_ in (first, second):
            apart.by_fan(session, id_, NOW)
    third = bought(db, drop, run)
    with transaction(db) as session:
        apart.join_by_desk(session, second, third, NOW)
        apart.join_by_desk(session, third, first, NOW)
    assert together_with(db, second) == [first, second, third]
    with pytest.raises(Conflict, match="in one parcel already"), transaction(db) as session:
        apart.join_by_desk(session, second, first, NOW)


def test_a_mailbox_corrected_after_it_left_changes_nothing(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run)
    with transaction(db) as session:
        shipping.ship(session, first, "DHL", "", NOW, SAM)
        correct.correct_email(session, second, "ada@right.example", NOW)
    assert together_with(db, second) == [first, second]


def test_the_desk_puts_no_strangers_together(db: Database) -> None:
    drop, run = open_drop(db)
    first, bens = bought(db, drop, run), paid_order(db, drop, {run: 1}, BEN).id
    far = bought(db, drop, run, replace(BERLIN, line1="Prüfweg 9"))
    for other in (bens, far):
        with pytest.raises(Conflict, match="one fan to one address"), transaction(db) as session:
            apart.join_by_desk(session, first, other, NOW)
    with reading(db) as session:
        assert _others(session, first) == []


def test_another_address_leaves_the_parcel_and_the_same_again_joins_it(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run)
    moved = replace(BERLIN, line1="Prüfweg 9")
    with transaction(db) as session:
        assert readdress.by_fan(session, first, moved, NOW)
    assert (together_with(db, first), together_with(db, second)) == ([first], [second])
    with transaction(db) as session:
        assert readdress.by_fan(session, second, moved, NOW)
    assert together_with(db, second) == [first, second]


def test_another_mailbox_leaves_the_parcel(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run)
    with transaction(db) as session:
        correct.correct_email(session, second, "ada@right.example", NOW)
    assert (together_with(db, first), together_with(db, second)) == ([first], [second])


def test_a_locked_parcel_that_goes_elsewhere_stays_locked(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run)
    with transaction(db) as session:
        locking.lock(session, [first], NOW)
        assert readdress.by_desk(session, second, replace(BERLIN, line1="Prüfweg 9"), NOW)
    assert (together_with(db, second), set(states(db).values())) == ([second], {ParcelState.LOCKED})


def test_nothing_is_left_behind(db: Database) -> None:
    drop, run = open_drop(db)
    first, second = bought(db, drop, run), bought(db, drop, run)
    with transaction(db) as session:
        apart.by_desk(session, first, NOW)
    with reading(db) as session:
        assert session.scalars(select(JoinedParcel)).all() == []
        assert session.scalars(select(SharedPostage)).all() == []
    assert together_with(db, second) == [second]


@pytest.mark.parametrize("first", ["here", "ahead"])
def test_what_is_here_waits_for_no_preorder(db: Database, first: str) -> None:
    """Neither joins the other, whichever was bought first."""
    drop, run = open_drop(db)
    with transaction(db) as session:
        ahead = make_run(session, session.get_one(Run, run).release)
        preorder, ahead_id = make_drop(session, [ahead]).id, ahead.id
    say(db, StoppedClock(NOW), ahead_id)
    which = {"here": (drop, run), "ahead": (preorder, ahead_id)}
    one = bought(db, *which[first])
    other = bought(db, *which["ahead" if first == "here" else "here"])
    assert (together_with(db, one), together_with(db, other)) == ([one], [other])
    assert together_with(db, bought(db, drop, run)) == sorted([{"here": one, "ahead": other}[first], other + 1])
