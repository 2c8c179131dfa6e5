"""The audit log as a page: who did what to which row, with filters, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import AuditEntry, Staff, StaffRole
from app.catalogue.models import Label
from app.inventory.numbers import numbered
from app.kernel.money import Money
from app.reports.deeds import BY_NOBODY, ON_THE_SERVER, staff_names, subjects, words

PAGE = 50
_MOMENTS = {"opens", "closes"}  # details that are times
_AMOUNTS = {"amount", "price", "price_before", "refund_limit"}  # and those that are money, in minor units


@dataclass(frozen=True)
class Asked:
    """The filters: 0, empty and None mean all; `before` is the id that the page begins below, 0 for the newest.

    `since` and `until` are days on the clock of the first label, both included.
    """

    staff_id: int = 0
    deed: str = ""
    entity: str = ""
    entity_id: int = 0
    since: date | None = None
    until: date | None = None
    before: int = 0


@dataclass(frozen=True)
class Line:
    """One deed, on the clock of its label's `zone`.

    `subject` is what it was done to, `entity_id` leads to that row's page, `detail` are its decisions as (name, value).
    """

    id: int
    at: datetime
    zone: str
    who: str
    what: str
    subject: str
    entity: str
    entity_id: int | None
    detail: list[tuple[str, str | datetime]]


@dataclass(frozen=True)
class Log:
    """A page of the log; `older` begins the next page, 0 for none; the choices of the filters."""

    lines: list[Line]
    older: int
    people: list[tuple[int, str]] = field(default_factory=list)
    entities: list[str] = field(default_factory=list)
    deeds: list[tuple[str, str]] = field(default_factory=list)


def log(session: Session, label_ids: Sequence[int], asked: Asked) -> Log:
    """What happened at these labels, and what their people did, or had done to them, that belongs to no label."""
    mine = _mine(session, label_ids)
    wanted = select(AuditEntry).where(mine).order_by(AuditEntry.id.desc()).limit(PAGE + 1)
    found = session.scalars(_filtered(wanted, asked, _zone(session, label_ids))).all()
    people = session.execute(
        select(Staff.id, Staff.name).where(Staff.id.in_(select(AuditEntry.staff_id).where(mine))).order_by(Staff.name)
    )
    entities = session.scalars(select(AuditEntry.entity).where(mine).distinct().order_by(AuditEntry.entity)).all()
    deeds = session.scalars(select(AuditEntry.deed).where(mine).distinct()).all()
    older = found[PAGE - 1].id if len(found) > PAGE else 0
    return Log(
        _lines(session, found[:PAGE], label_ids),
        older,
        [(id_, name) for id_, name in people],
        list(entities),
        sorted(((deed, words(deed)) for deed in deeds), key=lambda each: each[1]),
    )


def _mine(session: Session, label_ids: Sequence[int]) -> ColumnElement[bool]:
    colleagues = session.scalars(select(StaffRole.staff_id).where(StaffRole.label_id.in_(label_ids))).all()
    about_others = and_(AuditEntry.entity == "staff", AuditEntry.entity_id.not_in(colleagues))  # nobody at all is not somebody else
    by_nobody = and_(AuditEntry.staff_id.is_(None), or_(AuditEntry.entity_id.is_(None), not_(about_others)))
    nobody_elses = and_(AuditEntry.label_id.is_(None), or_(AuditEntry.staff_id.in_(colleagues), by_nobody))
    return or_(AuditEntry.label_id.in_(label_ids), nobody_elses)


def _filtered(wanted: Select[AuditEntry], asked: Asked, zone: ZoneInfo) -> Select[AuditEntry]:
    equal = {
        AuditEntry.staff_id: asked.staff_id, AuditEntry.deed: asked.deed, AuditEntry.entity: asked.entity,
        AuditEntry.entity_id: asked.entity_id,
    }  # fmt: skip
    wanted = wanted.where(*(column == value for column, value in equal.items() if value))
    if asked.since:
        wanted = wanted.where(AuditEntry.at >= datetime.combine(asked.since, time(), zone))
    if asked.until:
        wanted = wanted.where(AuditEntry.at < datetime.combine(asked.until + timedelta(days=1), time(), zone))
    return wanted.where(AuditEntry.id < asked.before) if asked.before else wanted


def _zone(session: Session, label_ids: Sequence[int]) -> ZoneInfo:
    first = select(Label.time_zone).where(Label.id.in_(label_ids)).order_by(Label.id).limit(1)
    return ZoneInfo(session.scalar(first) or "UTC")


def _lines(session: Session, entries: Sequence[AuditEntry], label_ids: Sequence[int]) -> list[Line]:
    labels = {label.id: label for label in session.scalars(select(Label).where(Label.id.in_(label_ids)).order_by(Label.id))}
    home = next(iter(labels.values()), None)  # for what belongs to no label, such as signing in
    names = staff_names(session, (entry.staff_id for entry in entries if entry.staff_id is not None))
    called = subjects(session, entries)
    return [_line(entry, names, called[entry.id], labels.get(entry.label_id or 0, home)) for entry in entries]


def _line(entry: AuditEntry, names: dict[int, str], subject: str, label: Label | None) -> Line:
    nobody = ON_THE_SERVER if entry.deed.startswith("staff.") else "nobody signed in"
    who = names.get(entry.staff_id or 0) or BY_NOBODY.get(entry.deed, nobody)
    zone, detail = label.time_zone if label else "UTC", _detail(entry, label.currency if label else "")
    return Line(entry.id, entry.at, zone, who, words(entry.deed), subject, entry.entity, entry.entity_id, detail)


def _detail(entry: AuditEntry, currency: str) -> list[tuple[str, str | datetime]]:
    """The decisions of a deed as people read them; the number of an order or a copy stands in the subject already."""
    kept = dict(entry.detail)
    if entry.entity in {"order", "copy"}:
        kept.pop("number", None)
    if entry.deed == "run.pressed" and {"first", "copies"} <= kept.keys():
        last = kept["first"] + kept["copies"] - 1
        kept["first"] = numbered([kept["first"]], last)
    return [(name.replace("_", " "), _said(name, value, currency)) for name, value in kept.items()]


def _said(name: str, value: object, currency: str) -> str | datetime:
    """One detail: a time, an amount of money, or just words."""
    if name in _MOMENTS:
        return _moment(str(value))
    return Money(value, currency).format() if name in _AMOUNTS and isinstance(value, int) and currency else str(value)


def _moment(kept: str) -> str | datetime:
    """A time as the log keeps it, in ISO 8601; other words, such as never, as they are."""
    try:
        return datetime.fromisoformat(kept)
    except ValueError:
        return kept
