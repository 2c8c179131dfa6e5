"""Whether the shop's surroundings work: each check with its last outcome, and what can be read off our own rows at any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel import checkups, heartbeat
from app.kernel.checkups import Found, Line, State, worst
from app.payments import endpoint_check
from app.reports import texts_missing
from app.reports.backup_state import backup_state
from app.reports.setup_steps import Step, steps
from app.settings import Settings

PATIENCE = 60  # seconds that a message of Stripe's may take before something is wrong
REFUSED = "webhook.refused"  # a sign of life of messages that our secret does not fit
RESTART = "flask --app wsgi serve"
BACKUP_LINES = "BACKUP_DIR=/var/backups/runout"


@dataclass(frozen=True)
class CheckRow:
    """One check: its name, when it was made (None: never, or it needs no making), and what it says now."""

    name: str
    at: datetime | None
    lines: tuple[Line, ...]

    @property
    def state(self) -> State:
        """The worst of its lines."""
        return worst(self.lines)


NEVER = Line(State.NOTE, "Not tried yet.", "Check it once before the first drop.")


def rows(session: Session, settings: Settings, now: datetime, label_ids: Sequence[int]) -> tuple[CheckRow, ...]:
    """Every check, in the sequence in which a shop is set up."""
    kept = checkups.latest(session)
    return (
        *_label(session, label_ids),
        _kept(kept, "mail"),
        _kept(kept, "stripe"),
        CheckRow("webhook", _at(kept, "webhook"), _webhook(session, settings, kept.get("webhook"), now)),
        CheckRow("worker", None, (_worker(session, now),)),
        CheckRow("backup", _at(kept, "backup"), _backup(session, settings, kept.get("backup"), now)),
        _kept(kept, "clock"),
    )


def row(session: Session, settings: Settings, now: datetime, name: str) -> CheckRow:
    """One check by its name."""
    return next(each for each in rows(session, settings, now, []) if each.name == name)


def _label(session: Session, label_ids: Sequence[int]) -> list[CheckRow]:
    if not label_ids:
        return []
    done = dict(steps(session, label_ids))
    texts = Line(State.GOOD, "The texts that a fan may ask for are written.")
    if gaps := _gaps(session, label_ids):
        missing = f"Not written yet: {gaps}. A shop should not open without them."
        texts = Line(State.BAD, missing, "Write them at the label, one tab each.")
    rates = Line(State.GOOD, "There are rates to post with.")
    if not done[Step.POSTAGE]:
        rates = Line(State.BAD, "There is no postage rate, so nothing could be sold.", "Add a zone and a rate.")
    return [CheckRow("label", None, (texts,)), CheckRow("postage", None, (rates,))]


def _gaps(session: Session, label_ids: Sequence[int]) -> str:
    """Which texts are missing, once each."""
    labels = session.scalars(select(Label).where(Label.id.in_(label_ids)).order_by(Label.id)).all()
    return ", ".join(dict.fromkeys(which for label in labels for which in texts_missing.missing(label)))


def _kept(kept: dict[str, Found], name: str) -> CheckRow:
    found = kept.get(name)
    return CheckRow(name, found.at, found.lines) if found else CheckRow(name, None, (NEVER,))


def _at(kept: dict[str, Found], name: str) -> datetime | None:
    return kept[name].at if name in kept else None


def _webhook(session: Session, settings: Settings, found: Found | None, now: datetime) -> tuple[Line, ...]:
    url = f"{settings.base_url}/webhooks/stripe"
    if found is None:
        return (_heard(session),)
    if not (session_id := found.facts.get("made")):
        return found.lines
    if endpoint_check.came(session, session_id):
        return (*found.lines, Line(State.GOOD, "A message of Stripe's own reached the shop, signed with the right secret."))
    if (now - found.at).total_seconds() < PATIENCE:
        return (*found.lines, Line(State.WAITING, "Stripe's message is on its way; that takes some seconds.", "Look again."))
    refused = heartbeat.age(session, REFUSED, now)
    if refused is not None and refused <= (now - found.at).total_seconds():
        forged = Line(
            State.BAD,
            "A message came, and the shop's secret does not fit its signature.",
            "Copy the signing secret from the endpoint's page at Stripe into its file, restart the shop, and check again.",
            endpoint_check.SET_SECRET,
        )
        return (*found.lines, forged)
    lost = Line(
        State.BAD,
        "No message of Stripe's came.",
        "See that the endpoint at Stripe has this address, and that the internet reaches it.",
        url,
    )
    return (*found.lines, lost)


def _heard(session: Session) -> Line:
    last = endpoint_check.last_heard(session)
    if last is None:
        return NEVER
    return Line(State.GOOD, f"Stripe last told the shop something on {last:%d %B %Y at %H:%M} UTC, rightly signed.")


def _worker(session: Session, now: datetime) -> Line:
    age = heartbeat.age(session, heartbeat.WORKER, now)
    if age is not None and age <= heartbeat.SILENT:
        return Line(State.GOOD, "The worker runs: it takes the money and sends the mail.")
    since = "has never run" if age is None else f"has been silent for {_long(age)}"
    return Line(
        State.BAD, f"The worker {since}: no money is taken and no mail goes out.", "Start it; flask serve does by itself.", RESTART
    )


def _backup(session: Session, settings: Settings, found: Found | None, now: datetime) -> tuple[Line, ...]:
    state = backup_state(session, settings, now)
    if state is None:
        where = "The shop does not know where its backups go, so it cannot see whether there are any."
        return (
            Line(
                State.NOTE,
                where,
                "Name a folder on another disk, restart the shop, and let a timer run flask backup.",
                BACKUP_LINES,
            ),
        )
    tried = tuple(line for line in found.lines if line.state is State.BAD) if found and _newer(found, state.age, now) else ()
    if state.age is None:
        none = Line(State.BAD, "No backup was ever made.", "Make one now, and let a timer run flask backup every night.")
        return (*tried, none)
    age = _long(state.age)
    line = Line(State.GOOD, f"The last backup was made {age} ago, and read back.")
    if state.stale:
        line = Line(State.BAD, f"The last backup is {age} old.", "See why the timer did not run flask backup.")
    return (*tried, line)


def _long(seconds: float) -> str:
    hours, minutes = round(seconds / 3600), max(1, round(seconds / 60))
    return f"{hours} hours" if seconds >= 5400 else "a minute" if minutes == 1 else f"{minutes} minutes"


def _newer(found: Found, age: float | None, now: datetime) -> bool:
    """Was it tried in vain since the last backup was made?"""
    return age is None or (now - found.at).total_seconds() < age
