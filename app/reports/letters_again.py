"""The letter about what is sent in place of a copy that came back, was damaged or lost."""

from app.checkout.follow import CONFIRM
from app.fulfilment.models import Trouble
from app.kernel.mail import Letter
from app.orders.models import Order
from app.reports.letter_desk import LetterDesk
from app.reports.letter_paper import copies, letter
from app.reports.order_page import OrderPage
from app.reports.sent_again import InPlace


def sent_again(desk: LetterDesk, order: Order, page: OrderPage, place: InPlace, again: str) -> Letter:
    """It takes the place of a confirmation: the fan bought nothing, and something is on its way all the same."""
    mine = copies(page.yours)
    key = f"{CONFIRM}.{order.id}{again}"
    url = desk.order_url(order)
    return letter("again", key, order.email, _subject(place, mine), page=page, place=place, said=_said(place, mine), url=url)


def _subject(place: InPlace, mine: str) -> str:
    if place.what is Trouble.CAME_BACK and mine == place.copies:
        return f"Your parcel came back to us: {mine} goes out again"
    return f"In place of {place.copies}: we send {mine}"


def _said(place: InPlace, mine: str) -> str:
    if place.what is Trouble.CAME_BACK:
        went = f"it goes out again: {mine}." if mine == place.copies else f"we send {mine} in its place."
        return f"Your parcel with {place.copies} came back to us; {went}"
    verb = "were" if place.many else "was"
    what = "damaged" if place.what is Trouble.DAMAGED else "lost in the post"
    return f"{place.copies} {verb} {what}. We are sorry; we send {mine} instead."
