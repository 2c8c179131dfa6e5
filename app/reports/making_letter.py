"""The letters of a pre-order as staff see them before they leave: the first fan's, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.catalogue.making import Making
from app.catalogue.making_changes import Words, changes
from app.checkout import asking
from app.checkout.followers import Follower, followers
from app.kernel.mail import Letter
from app.kernel.tokens import Tokens
from app.orders.models import Order
from app.reports import letters_preorder, making_desk
from app.reports.letter_desk import LetterDesk
from app.reports.making_news import News


@dataclass(frozen=True)
class Preview:
    """`letter` is the first fan's, None where nobody waits or hears of it; `slips` counts the orders that may be cancelled free."""

    letter: Letter | None
    fans: int
    orders: int
    slips: int = 0


def preview(session: Session, run_id: int, words: Words, base_url: str, tokens: Tokens) -> Preview:
    """What would be mailed if these words were said now."""
    fans, making = followers(session, run_id), session.get(Making, run_id)
    if making is not None and not words.new_to(making):
        return Preview(None, len(fans), 0)  # the weeks alone: nobody hears of it
    slips = making_desk.would_slip(session, run_id, words.promise, words.weeks, fans)
    step, promise = making_desk.step_before(session, run_id)
    told_id = making.told_id or 0 if making is not None else 0
    waits = [each.note for each in changes(session, run_id) if each.id > told_id and each.note]
    news = News(words.step, words.promise, step, promise, [*waits, *filter(None, [words.note])])
    orders = _first(session, fans)
    desk = LetterDesk(session, base_url, tokens)
    shown = letters_preorder.compose(desk, orders, run_id, news, slips, "preview") if orders else None
    return Preview(shown, len(fans), sum(len(fan.orders) for fan in fans), len(slips))


def preview_asking(session: Session, run_id: int, base_url: str, tokens: Tokens) -> Preview:
    """What would be mailed if the fans were asked now."""
    fans, making = asking.to_ask(session, run_id), session.get_one(Making, run_id)
    orders, desk = _first(session, fans), LetterDesk(session, base_url, tokens)
    shown = letters_preorder.ask(desk, orders, run_id, making, "preview") if orders else None
    return Preview(shown, len(fans), sum(order.open for fan in fans for order in fan.orders))


def _first(session: Session, fans: Sequence[Follower]) -> list[Order]:
    return [session.get_one(Order, order.order_id) for order in fans[0].orders] if fans else []
