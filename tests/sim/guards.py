"""Five guards of the shop taken off, one at a time: the simulator must find out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from greenlet import getcurrent
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.inventory import claims
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel import outbox
from app.kernel.db import reading
from app.payments import inbox
from tests.races.guards import put_back_blindly
from tests.races.rivals import move
from tests.sim.baton import Turn
from tests.sim.play import Without

_FREE = select(Copy.id, Copy.run_id, Copy.number).where(Copy.state == CopyState.AVAILABLE).order_by(Copy.number)


def _row_guard(patch: pytest.MonkeyPatch) -> None:
    """Which copies are free is looked up before it is one's turn to write, and then they are taken as they were seen."""
    seen: dict[object, list[tuple[int, int, int]]] = {}
    real = Turn.__enter__

    def look_then_queue(turn: Turn) -> None:
        with reading(turn.db) as session:
            seen[getcurrent()] = [(id_, run, number or 0) for id_, run, number in session.execute(_FREE)]
        real(turn)

    def claim(
        session: Session, run_id: int, quantity: int, after: CopyState, *, hold: int | None = None, line: int | None = None
    ) -> list[tuple[int, int]]:
        found = [(number, id_) for id_, run, number in seen[getcurrent()] if run == run_id][:quantity]
        move(session, [id_ for _, id_ in found], after, hold, line)
        return found if len(found) == quantity else []

    patch.setattr(Turn, "__enter__", look_then_queue)
    patch.setattr(claims, "_claim", claim)


def _event_memory(patch: pytest.MonkeyPatch) -> None:
    """Every event is news, however often it came before."""
    real = inbox.remember

    def remember(*given: Any) -> bool:
        real(*given)
        return True

    patch.setattr(inbox, "remember", remember)


def _outbox(patch: pytest.MonkeyPatch) -> None:
    """Mail waits in the memory of the process that caused it, and is gone with it."""
    real = outbox.enqueue

    def enqueue(session: Session, kind: str, *given: Any, **more: Any) -> bool:
        return kind.startswith("mail.") or real(session, kind, *given, **more)

    patch.setattr(outbox, "enqueue", enqueue)


def _audit(patch: pytest.MonkeyPatch) -> None:
    """Deeds of staff leave no line in the audit log."""
    patch.setattr(audit, "note", lambda *_what, **_more: None)


OFF: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "row guard": _row_guard,
    "event memory": _event_memory,
    "asking Stripe before putting back": put_back_blindly,
    "outbox": _outbox,
    "audit log": _audit,
}


@contextmanager
def _taken_off(name: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        OFF[name](patch)
        yield


def without(name: str) -> Without:
    """Takes a guard off while a story is played."""
    return partial(_taken_off, name)
