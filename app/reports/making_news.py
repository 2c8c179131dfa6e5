"""What is new about a pre-order since its fans were last told, in the words of a letter."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.catalogue.making import MakingChange, Step
from app.catalogue.making_changes import changes
from app.catalogue.promises import Promise

SAID = {
    Step.FILES_IN: "the files are at the plant",
    Step.TEST_PRESS: "the test pressing is made",
    Step.PRINTED: "it is made and printed",
    Step.HERE: "the copies are here",
    Step.PACKING: "we are packing",
}


@dataclass(frozen=True)
class News:
    """What is told: where it stands, what is promised, what stood there before (if fans were told), and notes between."""

    step: Step
    promise: Promise
    step_before: Step | None
    promise_before: Promise | None
    notes: Sequence[str]

    @property
    def moved(self) -> bool:
        """Is another time promised?"""
        return self.promise_before is not None and self.promise_before != self.promise

    def subject(self, work: str) -> str:
        """A letter's subject: the promise where that is new, else the step."""
        if self.moved or self.step_before is None:
            when = f"in {self.promise.words}" if self.promise.by_month else f"by {self.promise.words}"
            return f"{work}: promised to leave {when}"
        return f"{work}: {SAID[self.step]}" if self.step_before is not self.step else f"{work}: news of your pre-order"


def news(session: Session, change: MakingChange, before_id: int | None) -> News:
    """All that was said up to a change, since fans were last told."""
    before = session.get(MakingChange, before_id) if before_id is not None else None
    since = [each for each in changes(session, change.run_id) if (before_id or 0) < each.id <= change.id]
    notes = [each.note for each in since if each.note]
    return News(change.step, change.promise, before.step if before else None, before.promise if before else None, notes)
