"""What a scanned or typed code means at the desk: a copy, or the parcel of an order, of the person's own labels."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue.models import Release, Run
from app.inventory.codes import copy_of
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.errors import NotFound
from app.orders.models import Order
from app.reports import finding
from app.reports.run_names import copy_names
from app.staff.guard import label_ids

# A slip's link, also as a hand scanner types it on a keyboard that has other signs where it believes : / and ?.
_SLIP = re.compile(r"\borders\W{1,2}([0-9]{1,18})\Z", re.IGNORECASE)
_SEVERAL = 4  # as many are named to who typed what several copies are called
_TYPED = re.compile(r"[#№]\s*0*([0-9]{1,9})|0+([0-9]{1,9})")


@dataclass(frozen=True)
class Meant:
    """What a code means: exactly one of the two."""

    copy_id: int | None = None
    order_id: int | None = None


def read(session: Session, code: str) -> Meant:
    """What was scanned, or typed as it stands on a copy ("TAPE-014 17") or a slip ("№ 00042"). NotFound for nothing of ours."""
    mine = label_ids(Deed.PACK)
    copy_id = copy_of(code)
    if copy_id is not None:
        known = select(Copy.id).join(Run, Run.id == Copy.run_id).join(Release, Release.id == Run.release_id)
        return _found(Meant(copy_id=session.scalar(known.where(Copy.id == copy_id, Release.label_id.in_(mine)))), code)
    if slip := _SLIP.search(code.strip()):
        known_order = select(Order.id).where(Order.id == int(slip[1]), Order.label_id.in_(mine))
        return _found(Meant(order_id=session.scalar(known_order)), code)
    if typed := _TYPED.fullmatch(code.strip()):
        numbered = select(Order.id).where(Order.number == int(typed[1] or typed[2]), Order.label_id.in_(mine))
        return _found(Meant(order_id=_only(list(session.scalars(numbered.limit(2))))), code)
    return _found(Meant(copy_id=_typed_copy(session, code, mine)), code)


def _typed_copy(session: Session, code: str, mine: list[int]) -> int | None:
    """A copy by its run and number, the issue that is there now."""
    name = finding.copy_name(code)
    if name is None:
        return None
    known = select(Copy.id).join(Run, Run.id == Copy.run_id).join(Release, Release.id == Run.release_id)
    here = known.where(Release.label_id.in_(mine), finding.is_copy(name), Copy.state != CopyState.WITHDRAWN)
    found = list(session.scalars(here.order_by(Run.id).limit(_SEVERAL)))
    if len(found) > 1:
        they = copy_names(session, found)
        raise NotFound(f"“{code[:60]}” may be {', or '.join(they[each] for each in found)}. Type it as it is called here.")
    return _only(found)


def _only(found: list[int]) -> int | None:
    return found[0] if len(found) == 1 else None


def _found(meant: Meant, code: str) -> Meant:
    if meant.copy_id is None and meant.order_id is None:
        raise NotFound(f"“{code[:60]}” is no copy and no parcel of yours. Scan it again, or type what stands under the code.")
    return meant
