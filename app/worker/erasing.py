"""Erases who asked for it and what is too old, a few rows in each short transaction, so that nobody waits for long."""

from datetime import datetime

from sqlalchemy import select

from app.kernel.db import Database, reading, transaction
from app.kernel.tokens import Tokens
from app.privacy import buyers, erasing, erasures, rebuilt, retention, views
from app.privacy.models import Erasure, Retention
from app.privacy.retention import Keep

AT_ONCE = 5  # holds in one transaction


def work(db: Database, now: datetime) -> None:
    """Go on with every erasure that is due."""
    with reading(db) as session:
        found = erasing.due(session, now)
    for erasure_id in found:
        _erase(db, erasure_id, now)


def empty_strays(db: Database, now: datetime) -> None:
    """Money that came late made an order of a hold that was emptied: it is emptied, too."""
    with reading(db) as session:
        strays = erasing.strays(session, now)
    for hold_id in strays:
        with transaction(db) as session:
            erasing.empty_stray(session, hold_id, now)


def go_on_with_rebuilt(db: Database, tokens: Tokens, now: datetime) -> None:
    """An order that was made again brought somebody back who had asked to be erased: that goes on."""
    with reading(db) as session:
        known = rebuilt.found(session, tokens, now)
    for erasure_id, person in known:
        with transaction(db) as session:
            rebuilt.go_on(session, erasure_id, person, now)


def keep_to_rules(db: Database, now: datetime) -> None:
    """Erase what is too old, at every label that has decided, some at a time."""
    with reading(db) as session:
        labels = session.scalars(select(Retention.label_id)).all()
    for label_id in labels:
        for keep in Keep:
            _too_old(db, label_id, keep, now)
        with reading(db) as session:
            idle = buyers.idle(session, label_id)
        if idle:
            with transaction(db) as session:
                buyers.forget(session, idle)


def _erase(db: Database, erasure_id: int, now: datetime) -> None:
    """Erase what may be erased of one person, and end when nothing is left and they were told."""
    with reading(db) as session:
        erasure = session.get_one(Erasure, erasure_id)
        told, hold_ids = erasure.told_at is not None, erasing.left(session, erasure)
        words = views.words_of(session, erasures.person_of(erasure), hold_ids)
    if told:
        with transaction(db) as session:
            erasing.end_told(session, erasure_id, now)
        return
    stays = 0
    for start in range(0, len(hold_ids), AT_ONCE):
        with transaction(db) as session:
            stays += erasing.empty_some(session, erasure_id, hold_ids[start : start + AT_ONCE], now)
    with transaction(db) as session:
        erasing.rest(session, erasure_id, words, now, stays=stays)


def _too_old(db: Database, label_id: int, keep: Keep, now: datetime) -> None:
    with reading(db) as session:
        found = retention.too_old(session, label_id, keep, now)
    for start in range(0, len(found), AT_ONCE):
        with transaction(db) as session:
            retention.erase(session, keep, found[start : start + AT_ONCE], now)
