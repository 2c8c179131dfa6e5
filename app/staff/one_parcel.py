"""Orders of one fan that leave in one parcel: taken apart, put together, and whether later orders join by themselves."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.catalogue.models import Label
from app.checkout import apart
from app.kernel.errors import NotFound
from app.staff import deed
from app.staff.blueprint import bp
from app.staff.guard import needs, require
from app.staff.order import note, order_of
from app.web import forms
from app.web.house import now, transaction


@bp.post("/orders/<int:order_id>/apart")
@needs(Deed.CORRECT)
def order_apart(order_id: int) -> ResponseReturnValue:
    """Take an order out of the parcel that it shares; putting it together again undoes it."""
    with transaction() as session:
        found = order_of(session, order_id, Deed.CORRECT)
        apart.by_desk(session, order_id, now())
        note(session, "order.parted", found)
    flash(_("It leaves on its own. What went back of the postage stays with the fan."))
    return redirect(url_for("staff.order", order_id=order_id), 303)


@bp.post("/orders/<int:order_id>/join")
@needs(Deed.CORRECT)
def order_join(order_id: int) -> ResponseReturnValue:
    """Put an order into one parcel with another of the same fan; taking it out undoes it."""
    with transaction() as session:
        found = order_of(session, order_id, Deed.CORRECT)
        other_id = forms.number("other", label="The other order")
        other = order_of(session, other_id, Deed.CORRECT)
        apart.join_by_desk(session, order_id, other_id, now())
        note(session, "order.joined", found, reason=f"№ {other.reference}")
        number = other.reference
    flash(_("It leaves in one parcel with № %(number)s. Postage that this saves goes back in an hour.", number=number))
    return redirect(url_for("staff.order", order_id=order_id), 303)


@bp.post("/labels/<int:label_id>/joining")
@needs(Deed.MAKE)
def label_joining(label_id: int) -> ResponseReturnValue:
    """Whether a fan's later orders join the parcel that is still open; what has joined already stays together."""
    require(label_id, Deed.MAKE)
    joins = forms.one_of("joins", ("yes", "no"), label="The choice") == "yes"
    with transaction() as session:
        label = session.get(Label, label_id, with_for_update=True)
        if label is None:
            raise NotFound("There is no such label.")
        label.joins_orders = joins
        deed.note(session, "label.joins_orders", "label", label_id, label_id, joins=joins)
    said = _("Later orders join a fan’s open parcel from now on.") if joins else _("Every order leaves on its own from now on.")
    flash(said)
    return redirect(url_for("staff.postage", label=label_id), 303)
