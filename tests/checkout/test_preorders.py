"""Pre-orders: what is said of a run, who hears of it, and who may cancel free when the promise slips."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.catalogue import making_changes
from app.catalogue.making import Step
from app.catalogue.models import Run
from app.catalogue.promises import Promise
from app.checkout import cancel, telling, ways_out
from app.fulfilment import parcels, shipping
from app.fulfilment.models import ParcelState
from app.fulfilment.preorder_rows import WayOut
from app.kernel.db import reading, transaction
from app.kernel.errors import Conflict, Disputed, NotFound
from app.kernel.outbox import Job
from app.orders.models import Order, OrderState
from app.payments.models import CheckoutAttempt, RefundOrigin
from tests.builders import disputed, make_drop, make_run, open_drop
from tests.cast import ADA, BEN, SAM
from tests.giving import at_stripe, parts
from tests.preordering import JUNE, MARCH, making, say, told, work
from tests.story import Story


@pytest.fixture
def run(story: Story) -> int:
    """A pre-order of three copies, promised for March 2027, nobody having bought yet."""
    _drop, run = open_drop(story.db, size=6)
    say(story.db, story.clock, run)
    assert told(story) == []
    return run


@pytest.fixture
def ordered(story: Story, run: int) -> Order:
    """Ada's paid order of copy 1: €25.95."""
    order = story.buy(1, {run: 1})
    story.post()
    return order


def _ways(story: Story) -> dict[int, Promise]:
    with reading(story.db) as session:
        return {way.order_id: way.promise for way in session.scalars(select(WayOut).order_by(WayOut.order_id))}


def _slip(story: Story, run: int) -> None:
    """Three months later than promised, and everybody told."""
    say(story.db, story.clock, run, promise=JUNE, note="The plant lost the lacquer.")
    told(story)


def _take(story: Story, order: Order, run: int, shown: int) -> None:
    with transaction(story.db) as session:
        ways_out.take(session, order.id, run, shown, story.clock.now())


def test_each_fan_gets_one_mail_for_each_change(story: Story, run: int) -> None:
    for who in (ADA, BEN, ADA):
        story.buy(1, {run: 1}, who)
    story.post()
    say(story.db, story.clock, run, Step.TEST_PRESS, note="It sounds like it should.")
    letters = told(story)
    assert sorted((letter.to, letter.subject) for letter in letters) == [
        ("ada@example.org", "Night Bus: the test pressing is made"),
        ("ben@example.org", "Night Bus: the test pressing is made"),
    ]
    [hers] = [letter for letter in letters if letter.to == ADA.email]
    assert "“It sounds like it should.”" in hers.text
    assert hers.text.count("https://shop.example/orders/") == 2
    assert "in March 2027, as before" in hers.text
    assert "[>] test press (now)" in hers.text
    assert told(story) == []


def test_changes_of_ten_minutes_are_one_mail(story: Story, run: int, ordered: Order) -> None:
    say(story.db, story.clock, run, Step.TEST_PRESS, note="First it hissed.")
    story.clock.forward(minutes=4)
    say(story.db, story.clock, run, Step.PRINTED, JUNE, "Now it is quiet.")
    story.clock.forward(minutes=5)
    assert work(story) == 0
    [letter] = told(story)
    assert letter.subject == "Night Bus: promised to leave in June 2027"
    assert [line in letter.text for line in ("First it hissed.", "Now it is quiet.", "promised for March 2027")] == [True] * 3


def test_a_mistake_that_is_taken_back_is_mailed_to_nobody(story: Story, run: int, ordered: Order) -> None:
    before = making(story.db, run)
    say(story.db, story.clock, run, promise=JUNE)
    with transaction(story.db) as session:
        making_changes.take_back(session, run, story.clock.now(), SAM)
    assert (told(story), _ways(story)) == ([], {})
    assert making(story.db, run).promise == before.promise
    with reading(story.db) as session:
        said = [(each.promise.words, each.takes_back) for each in making_changes.changes(session, run)]
    assert said == [("March 2027", False), ("June 2027", False), ("March 2027", True)]


def test_it_cannot_be_taken_back_once_the_mail_has_left(story: Story, run: int, ordered: Order) -> None:
    _slip(story, run)
    with transaction(story.db) as session, pytest.raises(Conflict, match="The mail has left"):
        making_changes.take_back(session, run, story.clock.now(), SAM)


def test_it_cannot_be_taken_back_once_some_have_the_mail(story: Story, run: int, ordered: Order) -> None:
    """The wave ended early, so its job waits again, though the first fans were written to."""
    say(story.db, story.clock, run, promise=JUNE)
    with transaction(story.db) as session:
        wave = telling.begin(session, run)
        assert wave is not None
        telling.tell(session, wave, wave.fans[:1], story.clock.now())
    with transaction(story.db) as session, pytest.raises(Conflict, match="The mail has left"):
        making_changes.take_back(session, run, story.clock.now(), SAM)


def test_what_was_put_right_by_hand_before_the_mail_is_no_news(story: Story, run: int, ordered: Order) -> None:
    say(story.db, story.clock, run, promise=JUNE)
    say(story.db, story.clock, run, promise=MARCH)
    assert told(story) == []


def test_saying_the_same_again_is_refused(story: Story, run: int) -> None:
    with pytest.raises(Conflict, match="Nothing of it is new"):
        say(story.db, story.clock, run)
    assert say(story.db, story.clock, run, weeks=4) is None
    assert making(story.db, run).weeks == 4


def test_a_worker_that_dies_half_way_tells_nobody_twice(story: Story, run: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for who in (ADA, BEN):
        story.buy(1, {run: 1}, who)
    story.post()
    say(story.db, story.clock, run, Step.TEST_PRESS)
    story.clock.forward(minutes=10)
    with transaction(story.db) as session:
        wave = telling.begin(session, run)
        assert wave is not None
        telling.tell(session, wave, wave.fans[:1], story.clock.now())
    work(story)
    assert sorted(letter.to for letter in story.post()) == ["ada@example.org", "ben@example.org"]


def test_who_was_told_something_newer_is_not_told_the_old(story: Story, run: int, ordered: Order) -> None:
    """The mail server was away for days; two changes wait, and the older is not true any more."""
    for step in (Step.TEST_PRESS, Step.PRINTED):
        say(story.db, story.clock, run, step)
        story.clock.forward(minutes=10)
        work(story)
    assert [letter.subject for letter in story.post()] == ["Night Bus: it is made and printed"]


@pytest.mark.parametrize("gone", ["cancelled", "sent"])
def test_who_waits_no_longer_is_left_in_peace(story: Story, run: int, ordered: Order, gone: str) -> None:
    _slip(story, run)
    say(story.db, story.clock, run, Step.HERE, JUNE)
    told(story)
    if gone == "sent":
        with transaction(story.db) as session:
            shipping.ship(session, ordered.id, "DHL", "", story.clock.now(), SAM)
    else:
        _take(story, ordered, run, 2595)
    story.post()
    say(story.db, story.clock, run, Step.PACKING, JUNE)
    assert [letter for letter in told(story) if "packing" in letter.subject] == []


def test_a_slip_past_the_weeks_opens_a_way_out(story: Story, run: int, ordered: Order) -> None:
    story.clock.forward(days=1)
    later = Promise(MARCH.on + timedelta(weeks=8))
    say(story.db, story.clock, run, promise=later)
    [letter] = told(story)
    assert ("free of charge" in letter.text, _ways(story)) == (False, {})
    say(story.db, story.clock, run, promise=Promise(later.on + timedelta(days=1)))
    [letter] = told(story)
    assert "you may cancel № 1/6 free of charge" in letter.text.replace("№ 01", "№ 1")
    assert "/way-out/run-1" in letter.text
    assert _ways(story) == {ordered.id: MARCH}


def test_who_bought_under_the_later_promise_has_no_way_out(story: Story, run: int, ordered: Order) -> None:
    story.clock.forward(minutes=1)
    say(story.db, story.clock, run, promise=JUNE)
    story.clock.forward(minutes=1)
    story.buy(1, {run: 1}, BEN)
    told(story)
    assert _ways(story) == {ordered.id: MARCH}


@pytest.fixture
def late(story: Story, run: int) -> CheckoutAttempt:
    """Ben took copy 1 under the promise of March, and is paying while everybody else is told of June."""
    story.clock.forward(minutes=1)
    attempt = story.about_to_pay(1, {run: 1}, BEN)
    _slip(story, run)
    return attempt


def test_who_pays_after_the_others_were_told_is_told_too(story: Story, run: int, late: CheckoutAttempt) -> None:
    order = story.paid(late)
    assert [letter.subject for letter in story.post()] == ["№ 1/6 is yours: Night Bus"]
    [letter] = told(story)
    assert (letter.to, letter.subject) == (BEN.email, "Night Bus: promised to leave in June 2027")
    assert ["The plant lost the lacquer." in letter.text, "promised for March 2027" in letter.text] == [True, True]
    assert "/way-out/run-1" in letter.text
    assert _ways(story) == {order.id: MARCH}
    _take(story, order, run, 2595)
    assert story.order(order.id).state is OrderState.CANCELLED


def test_who_pays_while_the_mail_waits_is_told_with_the_others(story: Story, run: int) -> None:
    story.clock.forward(minutes=1)
    late = story.about_to_pay(1, {run: 1}, BEN)
    say(story.db, story.clock, run, promise=JUNE)
    order = story.paid(late)
    story.post()
    assert [letter.to for letter in told(story)] == [BEN.email]
    assert (told(story), _ways(story)) == ([], {order.id: MARCH})


def test_a_late_order_of_who_was_told_gets_its_way_out_and_no_second_mail(story: Story, run: int) -> None:
    story.clock.forward(minutes=1)
    first = story.buy(1, {run: 1}, BEN)
    late = story.about_to_pay(1, {run: 1}, BEN)
    story.post()
    _slip(story, run)
    second = story.paid(late)
    story.post()
    assert (told(story), _ways(story)) == ([], {first.id: MARCH, second.id: MARCH})


def test_what_is_no_news_is_not_told_late_either(story: Story, run: int) -> None:
    story.clock.forward(minutes=1)
    late = story.about_to_pay(1, {run: 1}, BEN)
    say(story.db, story.clock, run, promise=JUNE)
    say(story.db, story.clock, run, promise=MARCH)
    told(story)
    story.paid(late)
    story.post()
    assert told(story) == []


def test_who_cancels_at_once_is_not_told_late(story: Story, run: int, late: CheckoutAttempt) -> None:
    order = story.paid(late)
    with transaction(story.db) as session:
        cancel.cancel_by_fan(session, order.id, story.clock.now())
    story.post()
    assert (told(story), _ways(story)) == ([], {})


def test_a_promise_that_is_pulled_in_again_takes_no_right_away(story: Story, run: int, ordered: Order) -> None:
    _slip(story, run)
    say(story.db, story.clock, run, promise=MARCH)
    told(story)
    _take(story, ordered, run, 2595)
    assert story.order(ordered.id).state is OrderState.CANCELLED


def test_the_way_out_gives_everything_back(story: Story, run: int, ordered: Order) -> None:
    """Also while the parcel is locked, when it is too late for a plain change of mind."""
    _slip(story, run)
    with transaction(story.db) as session:
        parcels.move(parcels.locked(session, ordered.id), ParcelState.LOCKED, story.clock.now())
    _take(story, ordered, run, 2595)
    letters = story.post()
    [refund] = story.refunds()
    assert (refund.origin, at_stripe(story)) == (RefundOrigin.FAN, [(2595, "succeeded")])
    assert (story.order(ordered.id).state, story.stock(run).copies) == (OrderState.CANCELLED, "aaaaaa")
    assert sorted(letter.subject for letter in letters) == ["Order 00001 is cancelled", "€25.95 is on its way back to you"]
    with reading(story.db) as session:
        [deed] = session.scalars(select(AuditEntry).where(AuditEntry.deed == ways_out.TAKEN))
    assert (deed.staff_id, deed.entity_id, deed.detail["run"]) == (None, ordered.id, "run-1")


def test_the_way_out_is_taken_once(story: Story, run: int, ordered: Order) -> None:
    _slip(story, run)
    _take(story, ordered, run, 2595)
    with pytest.raises(Conflict, match="cancelled already"):
        _take(story, ordered, run, 2595)
    story.work()
    assert at_stripe(story) == [(2595, "succeeded")]


def test_without_a_slip_there_is_no_way_out(story: Story, run: int, ordered: Order) -> None:
    with pytest.raises(NotFound):
        _take(story, ordered, run, 2595)


def test_not_for_another_sum_than_was_shown(story: Story, run: int, ordered: Order) -> None:
    _slip(story, run)
    with pytest.raises(Conflict, match="not to what you were shown"):
        _take(story, ordered, run, 1)
    assert (story.order(ordered.id).state, story.refunds()) == (OrderState.PLACED, [])


def test_not_once_it_is_packed_nor_while_the_bank_disputes(story: Story, run: int, ordered: Order) -> None:
    _slip(story, run)
    say(story.db, story.clock, run, Step.HERE, JUNE)
    with transaction(story.db) as session:
        shipping.pack(session, ordered.id, story.clock.now())
    with pytest.raises(Conflict, match="Packing has begun"):
        _take(story, ordered, run, 2595)
    with transaction(story.db) as session:
        shipping.unpack(session, ordered.id, story.clock.now())
    disputed(story.db, ordered.id)
    with pytest.raises((Disputed, Conflict)):
        _take(story, ordered, run, 0)
    assert story.order(ordered.id).state is OrderState.PLACED


@pytest.fixture
def mixed(story: Story, run: int) -> tuple[Order, int]:
    """Ada's order of one copy of the pre-order and one of a run that is here, and that run."""
    with transaction(story.db) as session:
        waited = session.get_one(Run, run)
        other = make_run(session, waited.release, price=1000)
        drop = make_drop(session, [waited, other], opens_at=story.clock.now() - timedelta(minutes=1))
        drop_id, other_id = drop.id, other.id
    order = story.buy(drop_id, {run: 1, other_id: 1})
    story.post()
    return order, other_id


def test_of_a_mixed_order_only_the_copies_of_the_run_go(story: Story, run: int, mixed: tuple[Order, int]) -> None:
    order, other = mixed
    _slip(story, run)
    with pytest.raises(Conflict):
        _take(story, order, run, order.total_amount)
    _take(story, order, run, 2400)
    story.post()
    refund = story.refunds()[-1]
    assert (refund.amount, parts(refund)) == (2400, [("copy", 2400, "put_back")])
    assert (story.order(order.id).state, story.stock(other).sold) == (OrderState.PLACED, 1)
    with transaction(story.db) as session:
        shipping.pack(session, order.id, story.clock.now())  # what is left waits for nothing any more


def test_the_mail_about_a_change_has_a_key_of_its_own(story: Story, run: int, ordered: Order) -> None:
    _slip(story, run)
    with reading(story.db) as session:
        [key] = session.scalars(select(Job.key).where(Job.kind == telling.TOLD))
    assert key == f"mail.making:2:{ordered.id}"
