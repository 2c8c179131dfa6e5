"""Words for tests about money that goes back: who asks, which copies, what Stripe has."""

from app.checkout import refund as verbs
from app.checkout.parts import Choice, Plan
from app.checkout.refund import By
from app.inventory import counts
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from app.payments.models import Fate, Refund, RefundOrigin
from tests.cast import SAM
from tests.story import Story


def desk(reason: str = "crushed in the post", staff_id: int | None = None) -> By:
    """Sam at the desk."""
    return By(RefundOrigin.DESK, SAM, reason, staff_id)


def copies_of(db: Database, order_id: int) -> list[int]:
    """The keys of an order's copies, by number."""
    with reading(db) as session:
        lines = [line.id for line in session.get_one(Order, order_id).lines]
        return [each.copy_id for each in counts.owned_by_lines(session, lines)]


def all_of(db: Database, order_id: int, fate: Fate, words: str = "") -> dict[int, Choice]:
    """The same choice for every copy."""
    return {copy_id: Choice(fate, words) for copy_id in copies_of(db, order_id)}


def ask(story: Story, order_id: int, plan: Plan, shown: int, by: By | None = None) -> Refund:
    """Ask for a refund at the desk; nobody has asked Stripe yet."""
    with transaction(story.db) as session:
        return verbs.ask(session, order_id, plan, shown, by or desk(), story.clock.now())


def asked_and_done(story: Story, order_id: int, plan: Plan, shown: int) -> Refund:
    """Ask for a refund and let the worker do it; the refund as it is then."""
    made = ask(story, order_id, plan, shown)
    story.work()
    return story.refund(made.id)


def parts(refund: Refund) -> list[tuple[str, int, str | None]]:
    """Kind, amount and fate of each part."""
    return [(part.kind.value, part.amount, part.fate.value if part.fate else None) for part in refund.parts]


def at_stripe(story: Story) -> list[tuple[int, str]]:
    """What Stripe has given back: amounts and its own words for their states, oldest first."""
    return [(each["amount"], each["status"]) for each in story.stripe.objects("refund")]
