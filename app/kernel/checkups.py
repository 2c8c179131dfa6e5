"""What a check of the shop's surroundings found when it was last made: said in words, kept for the pages beside each setting."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.schema import Base, JsonDict, one_of
from app.kernel.upsert import insert


class State(StrEnum):
    """How something stands, the worst last."""

    GOOD = "good"
    NOTE = "note"
    WAITING = "waiting"
    BAD = "bad"


@dataclass(frozen=True)
class Line:
    """One thing that was looked at: how it stands, what is so and why, what to do now, and a line to copy for that."""

    state: State
    what: str
    now: str = ""
    copy: str = ""


@dataclass(frozen=True)
class Found:
    """What one check found; `facts` are what the next look needs, and are never shown."""

    at: datetime
    lines: tuple[Line, ...]
    facts: dict[str, str]

    @property
    def state(self) -> State:
        """The worst of its lines."""
        return worst(self.lines)


class Checkup(Base):
    """The last outcome of one check."""

    __tablename__ = "checkups"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    state: Mapped[State] = mapped_column(one_of(State, "state"))
    said: Mapped[JsonDict]


def worst(lines: Sequence[Line]) -> State:
    """How all of them together stand; good when there is nothing to say."""
    return max((line.state for line in lines), key=list(State).index, default=State.GOOD)


def keep(session: Session, name: str, lines: Sequence[Line], now: datetime, **facts: str) -> None:
    """Write down what was found, instead of what was found before."""
    said = {"lines": [asdict(line) for line in lines], "facts": facts}
    values = {"at": now, "state": worst(lines), "said": said}
    fresh = insert(session, Checkup).values(name=name, **values)
    session.execute(fresh.on_conflict_do_update(index_elements=[Checkup.name], set_=values))
    session.expire_all()


def latest(session: Session) -> dict[str, Found]:
    """What each check found when it was last made."""
    return {row.name: _found(row) for row in session.scalars(select(Checkup))}


def _found(row: Checkup) -> Found:
    lines = tuple(Line(State(each["state"]), each["what"], each["now"], each["copy"]) for each in row.said["lines"])
    return Found(row.at, lines, dict(row.said["facts"]))
