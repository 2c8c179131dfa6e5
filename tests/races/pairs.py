"""What a race is: two deeds, the moment of each in which the other bursts in, and what must be true when both are through."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.races.rivals import Rival, at_call, at_statement
from tests.story import Story

# Off switches take the patch that undoes them afterwards.
Off = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Call:
    """The moment just before Stripe is asked for this, by the gateway's name of it."""

    name: str


@dataclass(frozen=True)
class Part:
    """One side: what it does, and just before which statement (a pattern) or call to Stripe the other side comes in."""

    does: Callable[[Story, Any], Any]
    moment: str | Call

    def told(self, story: Story, at: Any) -> Any:
        """Do it; the answer, a refusal, or a fault."""
        try:
            return self.does(story, at)
        except Exception as no:
            return no

    def with_inside(self, story: Story, rival: Rival) -> AbstractContextManager[None]:
        """While this is open, the rival comes in at this side's moment."""
        if isinstance(self.moment, Call):
            return at_call(story.db, self.moment.name, rival)
        return at_statement(story.db, self.moment, rival)


@dataclass(frozen=True)
class Control:
    """The same race with its guard off, which must go wrong: `first` is the side into whose moment the other comes.

    `bare` takes the locks of the database away as well, `loose` the constraints of some tables; `moment` where it is another one.
    """

    off: tuple[Off, ...] = ()
    first: str = "a"
    bare: bool = True
    loose: tuple[str, ...] = ()
    moment: str | None = None


@dataclass(frozen=True)
class Pair:
    """`stage` sets the scene and says what the deeds need to know; `after` asserts, told what each side was told."""

    name: str
    stage: Callable[[Story], Any]
    a: Part
    b: Part
    after: Callable[[Story, Any, Any, Any], None]
    control: Control | None


def meet(story: Story, at: Any, first: Part, second: Part) -> tuple[Any, Any]:
    """Let the second side do its deed in the first one's moment; what each was told."""
    rival = Rival(lambda: second.does(story, at))
    with first.with_inside(story, rival):
        ours = first.told(story, at)
    return ours, rival.finish()
