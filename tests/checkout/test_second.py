"""The second person: above the label's limit somebody else says yes, and a single owner waits for themselves."""

import pytest

from app.accounts.roles import Role
from app.checkout import second
from app.checkout.parts import Choice, Plan
from app.fulfilment import shipping
from app.kernel.db import transaction
from app.kernel.errors import Conflict, Disputed, Forbidden, NotFound, OverRefund
from app.orders.models import Order, OrderState
from app.payments.models import Fate, Refund
from app.payments.states import RefundState
from tests.builders import disputed, open_drop, refunded_elsewhere
from tests.cast import SAM
from tests.giving import all_of, ask, asked_and_done, at_stripe, copies_of, desk
from tests.staff.seat import make_staff
from tests.story import Story


@pytest.fixture
def bought(story: Story) -> Order:
    """Ada's paid order of copies 1 and 2, €49.95, at a label whose limit is €30.00; Sam (1) owns it, Kim (2) manages."""
    drop, run = open_drop(story.db, size=3)
    order = story.buy(drop, {run: 2})
    with transaction(story.db) as session:
        session.get_one(Order, order.id).label.refund_limit = 3000
    make_staff(story.db, "Sam", {order.label_id: Role.OWNER})
    make_staff(story.db, "Kim", {order.label_id: Role.MANAGER})
    return order


def _ask(story: Story, order: Order, amount: int = 3001, by: int = 1) -> Refund:
    return ask(story, order.id, Plan(amount=amount), amount, desk(staff_id=by))


def _confirm(story: Story, refund: Refund, by: int, reason: str = "") -> Refund:
    with transaction(story.db) as session:
        second.confirm(session, refund.id, desk(reason, by), story.clock.now())
    story.post()
    return story.refund(refund.id)


def test_up_to_the_limit_nobody_is_asked(story: Story, bought: Order) -> None:
    assert asked_and_done(story, bought.id, Plan(amount=3000), 3000).state is RefundState.SUCCEEDED


def test_above_it_somebody_else_says_yes(story: Story, bought: Order) -> None:
    asked = _ask(story, bought)
    story.post()
    assert (story.refund(asked.id).state, story.stock(1).copies, at_stripe(story)) == (RefundState.PROPOSED, "ssa", [])
    confirmed = _confirm(story, asked, 2)
    assert (confirmed.state, confirmed.asked_by, confirmed.confirmed_by) == (RefundState.SUCCEEDED, 1, 2)
    with pytest.raises(Conflict, match="decided"):
        _confirm(story, asked, 2)
    assert at_stripe(story) == [(3001, "succeeded")]


def test_small_steps_add_up(story: Story, bought: Order) -> None:
    assert _ask(story, bought, 2000).state is RefundState.WANTED
    assert _ask(story, bought, 1000).state is RefundState.WANTED
    assert _ask(story, bought, 1).state is RefundState.PROPOSED
    story.work()


def test_what_is_proposed_is_not_left_for_another(story: Story, bought: Order) -> None:
    _ask(story, bought, 4000)
    with pytest.raises(OverRefund, match=r"Only €9\.95"):
        _ask(story, bought, 1000)


def test_no_moves_nothing(story: Story, bought: Order) -> None:
    asked = ask(story, bought.id, Plan(all_of(story.db, bought.id, Fate.PUT_BACK), whole=True), 4995, desk(staff_id=1))
    with transaction(story.db) as session:
        second.decline(session, asked.id, story.clock.now())
    story.post()
    assert (story.refund(asked.id).state, story.order(bought.id).state) == (RefundState.DECLINED, OrderState.PLACED)
    assert (story.stock(1).copies, at_stripe(story)) == ("ssa", [])
    with pytest.raises(Conflict, match="decided"):
        _confirm(story, asked, 2)


def test_yes_does_all_that_was_asked(story: Story, bought: Order) -> None:
    asked = ask(story, bought.id, Plan(all_of(story.db, bought.id, Fate.PUT_BACK), whole=True), 4995, desk(staff_id=1))
    _confirm(story, asked, 2)
    assert (story.order(bought.id).state, story.stock(1).copies) == (OrderState.CANCELLED, "aaa")
    assert story.order(bought.id).cancel_reason == "crushed in the post"  # of who asked, not of who said yes


@pytest.mark.parametrize(("by", "asked_by"), [(1, 1), (2, 2)])
def test_nobody_is_their_own_second_person_while_there_is_another_owner(
    story: Story, bought: Order, by: int, asked_by: int
) -> None:
    make_staff(story.db, "Lou", {bought.label_id: Role.OWNER})
    asked = _ask(story, bought, by=asked_by)
    story.clock.forward(minutes=11)
    with pytest.raises(Forbidden, match="somebody else"):
        _confirm(story, asked, by, "in a hurry")
    story.post()


def test_a_manager_is_never_their_own_second_person(story: Story, bought: Order) -> None:
    asked = _ask(story, bought, by=2)
    with pytest.raises(Forbidden, match="somebody else"):
        _confirm(story, asked, 2, "in a hurry")


def test_a_single_owner_waits_and_says_why(story: Story, bought: Order) -> None:
    asked = _ask(story, bought)
    with pytest.raises(Conflict, match="ten minutes"):
        _confirm(story, asked, 1, "Kim is on holiday")
    story.clock.forward(minutes=10)
    with pytest.raises(Conflict, match="why nobody else"):
        _confirm(story, asked, 1)
    assert _confirm(story, asked, 1, "Kim is on holiday").state is RefundState.SUCCEEDED


def test_what_has_left_meanwhile_is_asked_about_again(story: Story, bought: Order) -> None:
    first, _ = copies_of(story.db, bought.id)
    with transaction(story.db) as session:
        session.get_one(Order, bought.id).label.refund_limit = 0
    asked = ask(story, bought.id, Plan({first: Choice(Fate.PUT_BACK)}), 2400, desk(staff_id=1))
    with transaction(story.db) as session:
        shipping.ship(session, bought.id, "DHL", "", story.clock.forward(seconds=1), SAM)
    with pytest.raises(Conflict, match="left meanwhile"):
        _confirm(story, asked, 2)
    story.post()


def test_goods_that_came_back_need_a_second_person_too(story: Story, bought: Order) -> None:
    with transaction(story.db) as session:
        shipping.ship(session, bought.id, "DHL", "", story.clock.now(), SAM)
    plan = Plan(all_of(story.db, bought.id, Fate.PUT_BACK), whole=True, sent=True)
    story.clock.forward(seconds=1)
    asked = ask(story, bought.id, plan, 4995, desk(staff_id=1))
    assert (_confirm(story, asked, 2).state, story.stock(1).copies) == (RefundState.SUCCEEDED, "aaa")


def test_disputed_or_given_back_elsewhere_meanwhile(story: Story, bought: Order) -> None:
    asked = _ask(story, bought)
    refunded_elsewhere(story.db, bought.id, 4000, now=story.clock.now())
    with pytest.raises(OverRefund, match="dashboard meanwhile"):
        _confirm(story, asked, 2)
    disputed(story.db, bought.id, now=story.clock.now())
    with pytest.raises(Disputed):
        _confirm(story, asked, 2)


def test_what_is_not_there(story: Story, bought: Order) -> None:
    with pytest.raises(NotFound):
        _confirm(story, Refund(id=404), 2)


def test_no_money_stays_behind_with_nothing_to_send(story: Story, bought: Order) -> None:
    """Of two that wait, one is for an amount and one for all the rest, which takes every copy."""
    part = _ask(story, bought)
    rest = ask(story, bought.id, Plan(all_of(story.db, bought.id, Fate.PUT_BACK), whole=True), 4995 - 3001, desk(staff_id=1))
    with pytest.raises(Conflict, match="waits for a second person"):
        _confirm(story, rest, 2)
    with transaction(story.db) as session:
        second.decline(session, part.id, story.clock.now())
    with pytest.raises(Conflict, match=r"€30\.01 of its money would stay"):
        _confirm(story, rest, 2)
    assert (story.refund(rest.id).state, story.order(bought.id).state) == (RefundState.PROPOSED, OrderState.PLACED)
