"""Making, changing and ending discount codes; what fans have been promised by a use stays as it was."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.catalogue.models import Release, Run
from app.kernel.clashes import refusing
from app.kernel.errors import BadInput, Conflict, NotFound
from app.orders import codes
from app.orders.models import CodeKind, DiscountCode, DiscountRun

TAKEN = {"code": "This label has had that code before. Choose another word."}
SETTLED = ("code", "kind", "value", "once_per_fan")  # from the first use on


@dataclass(frozen=True)
class CodeWords:
    """What the form of a code holds; `runs` are ids, or None for every run of the label. `value` as the table has it."""

    code: str
    kind: CodeKind
    value: int
    runs: tuple[int, ...] | None
    begins_at: datetime | None
    ends_at: datetime | None
    most_uses: int | None
    once_per_fan: bool


def make(session: Session, label_id: int, words: CodeWords, now: datetime) -> DiscountCode:
    """A new code. BadInput when something cannot be."""
    _check(session, label_id, words)
    code = DiscountCode(label_id=label_id, created_at=now, **_columns(words))
    with refusing(session, TAKEN):
        session.add(code)
    _set_runs(session, code, words)
    return code


def change(session: Session, code_id: int, words: CodeWords) -> DiscountCode:
    """Other terms, counted under the code's lock; what is settled stays. BadInput, or Conflict when it is over."""
    code = locked(session, code_id)
    if code.ended_at is not None:
        raise Conflict("This code was ended. Make another one.")
    so_far = codes.uses(session, code.id, "", besides=0).all
    settled = {name: getattr(code, name) for name in SETTLED} if so_far else {}
    _check(session, code.label_id, words)
    if words.most_uses is not None and words.most_uses < so_far:
        no = f"It is used {so_far} times already. End the code instead, if it should not be used again."
        raise BadInput(no, {"most_uses": no})
    with refusing(session, TAKEN):
        for name, value in (_columns(words) | settled).items():
            setattr(code, name, value)
    _set_runs(session, code, words)
    return code


def end(session: Session, code_id: int, now: datetime) -> DiscountCode:
    """Nobody uses it from now on; who is paying with it right now keeps what they were shown."""
    code = locked(session, code_id)
    if code.ended_at is None:
        code.ended_at = now
    return code


def locked(session: Session, code_id: int) -> DiscountCode:
    """The code, locked and read after locking; NotFound when there is none."""
    code = session.get(DiscountCode, code_id)
    if code is None:
        raise NotFound("There is no such code.")
    codes.lock(session, code)
    return code


def runs_of(session: Session, label_id: int) -> list[Run]:
    """The runs that a code of this label may be for."""
    return list(session.scalars(select(Run).join(Release).where(Release.label_id == label_id).order_by(Run.id)))


def _columns(words: CodeWords) -> dict[str, object]:
    names = (*SETTLED, "begins_at", "ends_at", "most_uses")
    return {name: getattr(words, name) for name in names} | {"every_run": words.runs is None}


def _set_runs(session: Session, code: DiscountCode, words: CodeWords) -> None:
    session.execute(delete(DiscountRun).where(DiscountRun.code_id == code.id))
    session.add_all([DiscountRun(code_id=code.id, run_id=run_id) for run_id in words.runs or ()])
    session.flush()


def _check(session: Session, label_id: int, words: CodeWords) -> None:
    wrong = {}
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9_-]{3,29}", words.code):
        wrong["code"] = "Four to thirty letters from A to Z, digits, hyphens or underscores."
    if words.kind is CodeKind.PERCENT and not 1 <= words.value <= 100:
        wrong["percent"] = "A whole number from 1 to 100."
    if words.kind is CodeKind.AMOUNT and words.value < 1:
        wrong["amount"] = "More than nothing."
    if words.begins_at and words.ends_at and words.ends_at <= words.begins_at:
        wrong["ends_at"] = "It must end after it begins."
    if words.runs is not None:
        mine = {run.id for run in runs_of(session, label_id)}
        if not words.runs or not set(words.runs) <= mine:
            wrong["run"] = "Choose at least one run of this label."
    if wrong:
        raise BadInput("", wrong)
