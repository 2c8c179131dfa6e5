"""What may be answered about the copies of a parcel that has left: what became of each, what is sent for it, and the money."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.checkout.parts import CHANGED, Choice
from app.fulfilment.models import Trouble
from app.inventory.counts import Owned
from app.inventory.states import CopyState
from app.kernel.errors import BadInput, Conflict
from app.payments.models import Fate

WORDS = {Trouble.CAME_BACK: "came back", Trouble.DAMAGED: "damaged", Trouble.LOST: "lost in the post"}


class Again(StrEnum):
    """What is sent for a copy: nothing, the same one, one of the reserve under its number, or another number that is free."""

    NOTHING = "nothing"
    SAME = "same"
    RESERVE = "reserve"
    OTHER = "other"


FIT = {  # there is one copy of each number, and a bad one is not posted twice
    Trouble.CAME_BACK: (Again.NOTHING, Again.SAME, Again.OTHER),
    Trouble.DAMAGED: (Again.NOTHING, Again.RESERVE, Again.OTHER),
    Trouble.LOST: (Again.NOTHING, Again.RESERVE, Again.OTHER),
}


@dataclass(frozen=True)
class Answer:
    """About one copy; with `what` None it stays with the fan, and nothing can be sent for it. `money`: its price goes back."""

    what: Trouble | None = None
    again: Again = Again.NOTHING
    money: bool = False

    @property
    def by_refund(self) -> bool:
        """Does the copy move with its refund? Not where another is sent: no second person is asked about that."""
        return self.money and self.again is Again.NOTHING

    def choice(self, words: str) -> Choice:
        """What the refund says of the copy."""
        if self.what is None or not self.by_refund:
            return Choice(Fate.KEPT)
        came_back = self.what is Trouble.CAME_BACK
        return Choice(Fate.PUT_BACK) if came_back else Choice(Fate.WITHDRAWN, why(self.what, words))


@dataclass(frozen=True)
class Answers:
    """About copies by key, and what money goes back beside their prices; `words` stand in the copies' history."""

    copies: Mapping[int, Answer] = field(default_factory=dict)
    postage: bool = False
    amount: int = 0
    words: str = ""

    @property
    def money(self) -> bool:
        """Does any money go back?"""
        return self.postage or self.amount > 0 or any(each.money for each in self.copies.values())

    @property
    def sends(self) -> bool:
        """Is anything sent again?"""
        return any(each.again is not Again.NOTHING for each in self.copies.values())


def why(what: Trouble, words: str) -> str:
    """The reason of a copy's movement."""
    return f"{WORDS[what]}: {words}" if words else WORDS[what]


def check(answers: Answers, owned: Mapping[int, Owned]) -> None:
    """Conflict unless they are about shipped copies of the order; BadInput unless something is said, and it fits together."""
    if not answers.money and not any(each.what for each in answers.copies.values()):
        raise BadInput("Say what became of at least one copy, or that money goes back.")
    if any(id_ not in owned or owned[id_].state is not CopyState.SHIPPED for id_ in answers.copies):
        raise Conflict(CHANGED)
    wrong = {f"again-{id_}": sentence for id_, each in answers.copies.items() if (sentence := _misfit(each))}
    if wrong:
        raise BadInput("", wrong)


def _misfit(each: Answer) -> str:
    if each.again is Again.NOTHING or (each.what is not None and each.again in FIT[each.what]):
        return ""
    if each.what is None:
        return "Say what became of the copy: something is sent only for one that came back, is damaged or lost."
    if each.again is Again.SAME:
        return "Only a copy that came back whole can be posted again."
    return "It came back whole, so its number is not free for the reserve. Post the same one, or another number."
