"""Roles, new passwords and closing accounts; no label is left without an owner."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import joining, notices, passwords, people, reset, sessions
from app.accounts.roles import Deed, Role
from app.kernel.errors import BadInput, Conflict
from app.reports import desk_people
from app.staff import deed
from app.staff.asking import Form
from app.staff.blueprint import bp
from app.staff.guard import asks_again, needs, person, require
from app.staff.labels import chosen_label
from app.staff.people import ROLES, page_of, person_answer, told
from app.web.house import now, transaction


@bp.post("/people/<int:staff_id>/role")
@needs(Deed.PEOPLE)
@asks_again
def person_role(staff_id: int) -> ResponseReturnValue:
    """Change what somebody may do at one label; "none" takes it away."""
    try:
        page_of(staff_id)
        label_id, form = chosen_label(Deed.PEOPLE), Form()
        typed = form.one_of("role", "Role", [*(value for value, _text, _note in ROLES), "none"])
        form.check()
        with transaction() as session:
            people.set_role(session, staff_id, label_id, None if typed == "none" else Role(typed))
            deed.note(session, "staff.role_changed", "staff", staff_id, label_id, role=typed)
    except (BadInput, Conflict) as no:
        return person_answer(staff_id, no)
    gone = typed == "none" or not person().may(label_id, Deed.PEOPLE) or staff_id == person().id
    return redirect(url_for("staff.home") if gone and staff_id == person().id else url_for("staff.people"), 303)


@bp.post("/people/<int:staff_id>/password")
@needs(Deed.PEOPLE)
@asks_again
def person_password(staff_id: int) -> ResponseReturnValue:
    """Give somebody a new password, shown on the answer and nowhere else; they are signed out everywhere."""
    page = page_of(staff_id)
    password = passwords.suggested()
    secret = passwords.hashed(password)
    with transaction() as session:
        joining.check_all_owned(session, staff_id, person())
        people.set_hash(session, staff_id, secret, now())
        deed.note(session, "staff.password_set", "staff", staff_id, _label_of(page))
        notices.tell(session, staff_id, "staff.password_set", now())
    return told(staff_id, page.row.name, page.row.email, password)


@bp.post("/people/<int:staff_id>/reset-factor")
@needs(Deed.PEOPLE)
@asks_again
def person_reset_factor(staff_id: int) -> ResponseReturnValue:
    """Take a colleague's second factor away, for who has lost it; they are signed out, and enrol anew."""
    page = page_of(staff_id)
    with transaction() as session:
        joining.check_all_owned(session, staff_id, person())
        reset.reset(session, staff_id, now())
        deed.note(session, "staff.factor_reset", "staff", staff_id, _label_of(page))
        notices.tell(session, staff_id, "staff.factor_reset", now())
    flash(_("Their second factor is gone. They set up a new one when they sign in next."))
    return redirect(url_for("staff.person", staff_id=staff_id), 303)


@bp.post("/people/<int:staff_id>/sessions/<int:session_id>/end")
@needs(Deed.PEOPLE)
def person_session_end(staff_id: int, session_id: int) -> ResponseReturnValue:
    """Sign a colleague's browser out; it asks nobody again, as it may be urgent."""
    page = page_of(staff_id)
    with transaction() as session:
        joining.check_all_owned(session, staff_id, person())
        sessions.end(session, staff_id, session_id, now())
        deed.note(session, "session.ended", "staff", staff_id, _label_of(page))
    return redirect(url_for("staff.person", staff_id=staff_id), 303)


@bp.get("/people/<int:staff_id>/disable")
@needs(Deed.PEOPLE)
@asks_again
def person_disable_ask(staff_id: int) -> ResponseReturnValue:
    """Ask before closing an account."""
    page = page_of(staff_id)
    return render_template(
        "staff/confirm.html",
        title=_("Close %(name)s’s account?", name=page.row.name),
        sentences=[
            _("They are signed out everywhere at once and lose every role. What they did stays in the log under their name."),
            _("Adding them again later opens the account with a new password."),
        ],
        action=url_for("staff.person_disable", staff_id=staff_id),
        verb=_("Close the account"),
        back=url_for("staff.person", staff_id=staff_id),
        tone="danger",
        fields={},
    )


@bp.post("/people/<int:staff_id>/disable")
@needs(Deed.PEOPLE)
@asks_again
def person_disable(staff_id: int) -> ResponseReturnValue:
    """Close an account."""
    page = page_of(staff_id)
    with transaction() as session:
        joining.check_all_owned(session, staff_id, person())
        people.disable(session, staff_id, now())
        deed.note(session, "staff.disabled", "staff", staff_id, _label_of(page))
    return redirect(url_for("staff.people"), 303)


def _label_of(page: desk_people.PersonDesk) -> int:
    label_id = next(iter(page.row.roles))
    require(label_id, Deed.PEOPLE)
    return label_id
