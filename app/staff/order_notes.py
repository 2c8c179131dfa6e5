"""Notes and tags of one order, written by whoever works at the desk."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.kernel.errors import BadInput, NotFound
from app.orders import notes, tags
from app.orders.models import Tag
from app.staff.blueprint import bp
from app.staff.guard import needs, person
from app.staff.order import note, order_answer, order_of
from app.web import forms
from app.web.house import now, transaction


@bp.post("/orders/<int:order_id>/notes")
@needs(Deed.PACK)
def order_note(order_id: int) -> ResponseReturnValue:
    """Add a note; the audit log says that one was written, not what it says."""
    try:
        text = forms.text("note", label=_("The note"), most=notes.LONGEST, least=1, lines=True)
        with transaction() as session:
            found = order_of(session, order_id, Deed.PACK)
            notes.write(session, order_id, person().id, text, now(), on_slip="on_slip" in request.form)
            note(session, "order.noted", found)
    except BadInput as no:
        return order_answer(order_id, no)
    return redirect(url_for("staff.order", order_id=order_id, _anchor="notes"), 303)


@bp.post("/orders/<int:order_id>/tags")
@needs(Deed.PACK)
def order_tag(order_id: int) -> ResponseReturnValue:
    """Tag an order; a tag that the label has not is made."""
    try:
        name = forms.text("tag", label=_("The tag"), most=tags.LONGEST, least=1)
        with transaction() as session:
            found = order_of(session, order_id, Deed.PACK)
            tag = tags.named(session, found.label_id, name)
            if tags.put(session, order_id, tag.id):
                note(session, "order.tagged", found, reason=tag.name)
    except BadInput as no:
        return order_answer(order_id, no)
    return redirect(url_for("staff.order", order_id=order_id, _anchor="notes"), 303)


@bp.post("/orders/<int:order_id>/tags/<int:tag_id>/remove")
@needs(Deed.PACK)
def order_untag(order_id: int, tag_id: int) -> ResponseReturnValue:
    """Take a tag off an order."""
    with transaction() as session:
        found, tag = order_of(session, order_id, Deed.PACK), session.get(Tag, tag_id)
        if tag is None or tag.label_id != found.label_id:
            raise NotFound(_("There is no such tag."))
        if tags.take_off(session, order_id, tag_id):
            note(session, "order.untagged", found, reason=tag.name)
    flash(_("The tag “%(name)s” is off.", name=tag.name))
    return redirect(url_for("staff.order", order_id=order_id, _anchor="notes"), 303)
