"""Who is told of an alert, and in which words: by mail, and as JSON to one webhook address; all of it through the outbox."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Staff, StaffRole
from app.accounts.roles import Role
from app.catalogue.models import Label
from app.kernel import outbox
from app.kernel.alerts import Alert
from app.kernel.mail import Letter
from app.kernel.schema import JsonDict
from app.reports.letter_paper import at
from app.reports.letter_paper import letter as printed
from app.settings import Settings

MAIL, WEBHOOK = "alert.mail", "alert.webhook"
KINDS = (MAIL, WEBHOOK)


def tell(session: Session, settings: Settings, alert: Alert, now: datetime, *, over: bool) -> None:
    """Write down that everybody concerned is to be told, that it began or that it is over; once each, for ever."""
    about = {"alert": alert.id, "over": over}
    key = f"{alert.id}:{'over' if over else 'open'}"
    for whom in _recipients(session, settings, alert):
        outbox.enqueue(session, MAIL, f"{key}:{'-'.join(map(str, *whom.items()))}", about | whom, now=now, once=True, priority=6)
    if settings.alert_webhook_url is not None:
        outbox.enqueue(session, WEBHOOK, key, about, now=now, once=True, priority=6)


def letter(session: Session, settings: Settings, payload: JsonDict) -> Letter | None:
    """The mail that an outbox row asks for; None when nobody is to get it any more."""
    alert = session.get(Alert, payload["alert"])
    to = _address(session, settings, payload)
    if alert is None or to is None:
        return None
    zone = session.scalar(select(Label.time_zone).order_by(Label.id != (alert.label_id or 0), Label.id).limit(1)) or "UTC"
    over, shop = bool(payload["over"]), urlsplit(settings.base_url).netloc
    whom = ".".join(f"{name}-{payload[name]}" for name in ("staff", "address") if name in payload)
    return printed(
        "alert",
        f"{MAIL}.{alert.id}.{'over' if over else 'open'}.{whom}",
        to,
        f"{'Over' if over else 'Needs a person'}: {alert.what}",
        what=alert.what,
        over=at(alert.closed_at, zone) if over and alert.closed_at else None,
        since=at(alert.opened_at, zone),
        shop=shop,
        label={"name": shop, "ink_loud": ""},
        url=settings.base_url + alert.path,
    )


def body(session: Session, settings: Settings, payload: JsonDict) -> dict[str, Any] | None:
    """The JSON that an outbox row asks for. `text` and `content` say all of it in one line, for who shows nothing else."""
    alert = session.get(Alert, payload["alert"])
    if alert is None:
        return None
    over, link = bool(payload["over"]), settings.base_url + alert.path
    line = f"{'Over' if over else 'Needs a person'}: {alert.what} {link}"
    return {
        "id": alert.cause,
        "state": "over" if over else "open",
        "what": alert.what,
        "since": alert.opened_at.isoformat(),
        "until": alert.closed_at.isoformat() if over and alert.closed_at else None,
        "link": link,
        "text": line,
        "content": line,
    }


def _recipients(session: Session, settings: Settings, alert: Alert) -> Iterable[dict[str, int]]:
    """The addresses of ALERT_MAIL by their place in it, else the label's owners (or everybody's) by their ids."""
    if settings.alert_mail:
        return [{"address": place} for place in range(len(settings.alert_mail))]
    owners = select(Staff.id).join(StaffRole).where(StaffRole.role == Role.OWNER, Staff.disabled_at.is_(None))
    if alert.label_id is not None:
        owners = owners.where(StaffRole.label_id == alert.label_id)
    return [{"staff": id_} for id_ in session.scalars(owners.distinct().order_by(Staff.id))]


def _address(session: Session, settings: Settings, payload: JsonDict) -> str | None:
    if "address" in payload:
        known = settings.alert_mail or ()
        return known[payload["address"]] if payload["address"] < len(known) else None
    person = session.get(Staff, payload["staff"])
    return None if person is None or person.disabled_at else person.email
