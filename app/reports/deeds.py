"""Who did what, in words: actors of stock movements and deeds of the audit log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.models import AuditEntry, Staff
from app.reports.row_names import row_names

MACHINE = "Runout"
DEEDS = {
    "signin.begun": "signed in",
    "signin.ended": "signed out",
    "signin.refused": "sign-in refused",
    "factor.refused": "second factor refused",
    "factor.app_added": "authenticator app added",
    "factor.recovery_used": "signed in with a recovery code",
    "factor.codes_renewed": "recovery codes made anew",
    "session.ended": "a browser signed out",
    "session.others_ended": "all other browsers signed out",
    "staff.factor_reset": "second factor taken away",
    "staff.invited": "somebody invited",
    "staff.invitation_sent_again": "invitation sent again",
    "staff.invitation_withdrawn": "invitation withdrawn",
    "staff.joined": "joined by invitation",
    "staff.founding_begun": "set-up link printed",
    "staff.founded": "founded the shop",
    "staff.address_asked": "new address asked for",
    "staff.address_withdrawn": "new address withdrawn",
    "staff.address_changed": "address changed",
    "settings.checked": "settings checked",
    "label.logo_set": "logo put up",
    "label.logo_removed": "logo taken down",
    "label.set_up": "set up",
    "label.limit_asked": "higher limit of refunds asked for",
    "label.limit_confirmed": "higher limit of refunds confirmed",
    "label.limit_taken_back": "higher limit of refunds taken back",
    "order.rebuilt": "made again from Stripe's record",
    "order.packed": "packed",
    "order.unpacked": "unpacked",
    "order.scan_undone": "scan undone",
    "order.shipped": "shipped",
    "order.email_corrected": "e-mail address corrected",
    "order.confirmation_sent_again": "confirmation sent again",
    "order.refund_asked": "refund asked for",
    "order.cancel_proposed": "asked to cancel",
    "order.refund_confirmed": "refund confirmed",
    "order.refund_declined": "refund declined",
    "order.refund_repeated": "refund tried again",
    "order.refund_paid_otherwise": "refund paid back another way",
    "order.refund_replaced": "refund replaced by another",
    "order.cancelled_by_fan": "cancelled by the fan",
    "order.copies_decided": "copies decided about",
    "refund.appeared": "refund begun in Stripe's dashboard",
    "orders.bulk_begun": "something begun with many orders",
    "orders.bulk_undone": "undoing it begun",
    "orders.exported": "orders exported",
    "outbox.retried": "outbox job tried again",
    "order.address_changed": "address changed",
    "order.address_changed_by_fan": "address changed by the fan",
    "order.joined_parcel": "joined another order's parcel",
    "order.postage_shared": "postage given back, as it leaves with another order",
    "order.alone_by_fan": "to be sent on its own, says the fan",
    "order.together_by_fan": "to be sent with others after all, says the fan",
    "order.parted": "taken out of a shared parcel",
    "order.joined": "put into one parcel with another order",
    "label.joins_orders": "later orders join open parcels, or not",
    "order.parcel_locked": "parcel locked for packing",
    "order.parcel_unlocked": "parcel opened again",
    "order.parcel_locked_by_day": "parcel locked for packing, as its day was over",
    "order.way_out_taken": "cancelled free by the fan, as the pre-order slipped",
    "run.making_said": "pre-order: how far it is was said",
    "run.making_taken_back": "pre-order: taken back before the mail",
    "run.addresses_asked": "fans asked for their addresses",
    "run.count_opened": "count of the shelf begun",
    "run.count_named": "difference named",
    "run.count_closed": "count of the shelf closed",
    "order.invoice_written": "invoice written",
    "order.mishaps": "parcel came back or was lost",
    "run.delivered": "fewer came than were made",
    "run.next_issue_came": "next issue came",
    "run.edition_enlarged": "edition made larger",
    "order.short_answered_by_fan": "answered about a copy that did not come",
    "order.short_answered": "answered for the fan about a copy that did not come",
    "order.noted": "note written",
    "order.tagged": "tagged",
    "order.untagged": "tag taken off",
    "order.copy_replaced": "damaged copy replaced",
    "vat.changed": "VAT said otherwise",
    "vat.rate_added": "rate of VAT added",
    "vat.rate_removed": "rate of VAT removed",
    "view.saved": "list saved",
    "view.removed": "saved list removed",
    "maker.made": "maker entered",
    "maker.edited": "maker edited",
    "maker.share_set": "share set",
    "maker.paid_out": "payout noted",
    "maker.payout_struck": "payout struck out",
    "run.cost_noted": "cost noted",
    "run.cost_struck": "cost struck out",
    "run.reserve_pressed": "reserve pressed",
    "copy.withdrawn": "taken off sale",
    "copy.put_back": "put back on sale",
    "copy.set_aside": "set aside for somebody",
    "copy.aside_ended": "not set aside any more",
    "copy.given": "given away",
    "order.given": "given away",
}

ON_THE_SERVER = "somebody on the server"
# Who did what nobody signed in did.
BY_NOBODY = {
    "order.cancelled_by_fan": "the fan",
    "order.address_changed_by_fan": "the fan",
    "order.way_out_taken": "the fan",
    "order.parcel_locked_by_day": MACHINE,
    "order.joined_parcel": MACHINE,
    "order.postage_shared": MACHINE,
    "order.rebuilt": MACHINE,
    "fan.erased": MACHINE,
    "fan.erased_partly": MACHINE,
    "order.alone_by_fan": "the fan",
    "order.together_by_fan": "the fan",
    "order.short_answered_by_fan": "the fan",
    "refund.appeared": "Stripe",
    "dispute.opened": "Stripe",
    "dispute.closed": "Stripe",
}


@dataclass(frozen=True)
class Entry:
    """One line of a history; `why` is a reason or detail, `zone` the label's."""

    at: datetime
    who: str
    what: str
    why: str
    zone: str


def words(deed: str) -> str:
    """A deed's name as people say it: `run.pressed` is "run pressed"."""
    return DEEDS.get(deed) or deed.replace(".", " ").replace("_", " ")


def actors(session: Session, written: Iterable[str]) -> dict[str, str]:
    """The names behind actors as movements keep them: fan, machine, staff:7."""
    ids = {int(actor[6:]) for actor in written if actor.startswith("staff:") and actor[6:].isdigit()}
    names = staff_names(session, ids)
    return {"fan": "the fan", "machine": MACHINE, **{f"staff:{id_}": name for id_, name in names.items()}}


def staff_names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The names of some people by their ids."""
    return dict(session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(set(ids)))).all())


def subjects(session: Session, rows: Sequence[AuditEntry]) -> dict[int, str]:
    """What each deed was done to, by the deed's id: rows as people call them, those that are gone by their ids."""
    unsaid = (row for row in rows if not _says_number(row))
    names = row_names(session, [(row.entity, row.entity_id) for row in unsaid if row.entity_id is not None])
    return {row.id: f"{row.entity.replace('_', ' ')} {_called(row, names)}".strip() for row in rows}


def of_entity(session: Session, entity: str, entity_id: int, zone: str, label_ids: Sequence[int] | None = None) -> list[Entry]:
    """Every audited deed on one row, oldest first; of a row that is no one label's, those of these labels and of none."""
    wanted = select(AuditEntry).where(AuditEntry.entity == entity, AuditEntry.entity_id == entity_id)
    if label_ids is not None:
        wanted = wanted.where(or_(AuditEntry.label_id.is_(None), AuditEntry.label_id.in_(label_ids)))
    return _written(session, session.scalars(wanted.order_by(AuditEntry.id)).all(), zone)


def recent(session: Session, label_ids: Sequence[int], zone: str, managing: Sequence[int], *, limit: int = 10) -> list[Entry]:
    """The last deeds at some labels, newest first; signing in and out is no deed. Who only packs reads of orders and copies."""
    read = or_(AuditEntry.label_id.in_(managing), AuditEntry.entity.in_(("order", "copy")))
    wanted = select(AuditEntry).where(AuditEntry.label_id.in_(label_ids), AuditEntry.deed.not_like("signin.%"), read)
    rows = session.scalars(wanted.order_by(AuditEntry.id.desc()).limit(limit)).all()
    return _written(session, rows, zone, whole=True)


def _written(session: Session, rows: Sequence[AuditEntry], zone: str, *, whole: bool = False) -> list[Entry]:
    names = staff_names(session, (row.staff_id for row in rows if row.staff_id is not None))
    subject = subjects(session, rows) if whole else {}
    return [
        Entry(
            row.at,
            names.get(row.staff_id or 0) or BY_NOBODY.get(row.deed, ON_THE_SERVER),
            f"{subject[row.id]}: {words(row.deed).removeprefix(f'{row.entity} ')}" if whole and row.entity_id else words(row.deed),
            str(row.detail.get("reason") or row.detail.get("carrier") or row.detail.get("promise") or ""),
            zone,
        )
        for row in rows
    ]


def _called(row: AuditEntry, names: dict[tuple[str, int], str]) -> str:
    if row.entity_id is None:
        return ""
    if _says_number(row):
        number = row.detail["number"]
        return f"№ {number:05d}" if isinstance(number, int) else f"№ {number}"
    return names.get((row.entity, row.entity_id), f"#{row.entity_id}")


def _says_number(row: AuditEntry) -> bool:
    return row.entity in {"order", "refund", "dispute"} and "number" in row.detail
