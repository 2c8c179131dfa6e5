"""Views of the orders' list that are kept under a name, and removed again."""

from urllib.parse import parse_qsl

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import views
from app.accounts.models import SavedView
from app.accounts.roles import Deed
from app.kernel.errors import NotFound
from app.staff import deed as deed_log
from app.staff import order_asked
from app.staff.blueprint import bp
from app.staff.guard import needs, person, require
from app.web import forms
from app.web.house import now, transaction


@bp.post("/orders/views")
@needs(Deed.SEE)
def order_view_save() -> ResponseReturnValue:
    """Keep the list that was looked at; who shares it in a label manages there."""
    name = forms.text("name", label=_("The name"), most=views.LONGEST, least=1)
    typed = forms.text("query", label=_("The list"), most=order_asked.LONGEST)
    query = order_asked.written(parse_qsl(typed))
    label_id = forms.number("label", label=_("The label"), default=0) or None
    if label_id:
        require(label_id, Deed.CORRECT)
    with transaction() as session:
        view = views.save(session, person().id, label_id, name, query, now())
        if label_id:
            deed_log.note(session, "view.saved", "view", view.id, label_id)
    flash(_("“%(name)s” stands above the list from now on.", name=name))
    return redirect(order_asked.address(query), 303)


@bp.post("/orders/views/<int:view_id>/remove")
@needs(Deed.SEE)
def order_view_remove(view_id: int) -> ResponseReturnValue:
    """Remove a view; a shared one is removed by who manages the label."""
    with transaction() as session:
        view = session.get(SavedView, view_id)
        if view is None or (view.label_id is None and view.staff_id != person().id):
            raise NotFound(_("There is no such view."))
        if view.label_id is not None:
            require(view.label_id, Deed.CORRECT)
            deed_log.note(session, "view.removed", "view", view.id, view.label_id)
        name, query = view.name, view.query
        session.delete(view)
    flash(_("“%(name)s” is removed. The orders in it stay as they are.", name=name))
    return redirect(order_asked.address(query), 303)
