"""The people at the desk: who they are, what they may do, and their passwords."""

from flask import Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from app.accounts import joining, passwords
from app.accounts.roles import Deed, Role
from app.kernel.errors import BadInput, Conflict
from app.reports import desk_labels, desk_people
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import asks_again, label_ids, needs, person, visit
from app.staff.labels import chosen_label
from app.web.house import now, reading, transaction

ROLES = [
    (Role.PACKER.value, lazy_gettext("Packer"), lazy_gettext("Sees orders and copies; packs and ships.")),
    (
        Role.ACCOUNTANT.value,
        lazy_gettext("Accountant"),
        lazy_gettext("Sees orders, money and the log, and takes the exports; changes nothing."),
    ),
    (
        Role.MANAGER.value,
        lazy_gettext("Manager"),
        lazy_gettext("Also makes releases, runs, drops and postage, and corrects orders."),
    ),
    (Role.OWNER.value, lazy_gettext("Owner"), lazy_gettext("Also changes the label and these people.")),
]


@bp.get("/people", endpoint="people")
@needs(Deed.PEOPLE)
def person_list() -> ResponseReturnValue:
    """Everybody at the labels one owns."""
    with reading() as session:
        rows = desk_people.rows(session, label_ids(Deed.PEOPLE))
        labels = desk_labels.rows(session, label_ids(Deed.PEOPLE))
        asked = desk_people.invited(session, label_ids(Deed.PEOPLE), now())
    zone = labels[0].time_zone if labels else "UTC"
    return render_template("staff/people.html", people=rows, labels=labels, invited=asked, zone=zone, me=person().id)


@bp.get("/people/new")
@needs(Deed.PEOPLE)
@asks_again
def person_new() -> ResponseReturnValue:
    """The empty form."""
    return _new()


@bp.post("/people/new")
@needs(Deed.PEOPLE)
@asks_again
def person_add() -> ResponseReturnValue:
    """Bring somebody to the desk; a new password is shown on the answer and nowhere else."""
    password = passwords.suggested()
    try:
        label_id, form = chosen_label(Deed.PEOPLE), Form()
        email, name = form.text("email", "E-mail", least=3, most=254), form.text("name", "Name", least=1, most=80)
        role = Role(form.one_of("role", "Role", [value for value, _text, _note in ROLES]))
        form.check()
        secret = passwords.hashed(password)
        with transaction() as session:
            joined = joining.join(session, label_id, email, name, role, secret, now())
            deed.note(session, "staff.added", "staff", joined.staff_id, label_id, role=role.value)
    except (BadInput, Conflict) as no:
        return _new(no)
    if not joined.fresh:
        return redirect(url_for("staff.person", staff_id=joined.staff_id), 303)
    return told(joined.staff_id, name, joined.email, password)


@bp.get("/people/<int:staff_id>", endpoint="person")
@needs(Deed.PEOPLE)
def personperson_answer(staff_id: int) -> ResponseReturnValue:
    """One person: roles, password, history."""
    return person_answer(staff_id)


def page_of(staff_id: int) -> desk_people.PersonDesk:
    """Somebody at a label that the person owns; NotFound otherwise."""
    mine = label_ids(Deed.PEOPLE)
    with reading() as session:
        labels = desk_labels.rows(session, mine)
        return desk_people.desk(session, staff_id, mine, labels[0].time_zone if labels else "UTC", now())


def _new(no: No | None = None) -> Response:
    with reading() as session:
        labels = desk_labels.rows(session, label_ids(Deed.PEOPLE))
    values = {"email": "", "name": "", "role": "packer", "label": str(labels[0].id) if labels else ""}
    return form_page("staff/person_new.html", no, values, labels=labels, roles=ROLES)


def person_answer(staff_id: int, no: No | None = None) -> Response:
    """The page of one person, perhaps with what was refused."""
    page = page_of(staff_id)
    with reading() as session:
        labels = desk_labels.rows(session, label_ids(Deed.PEOPLE))
    return form_page(
        "staff/person.html", no, {"label": "", "role": ""},
        page=page, labels=labels, roles=ROLES, me=person().id, here=visit().session_id,
        end_address=lambda session_id: url_for("staff.person_session_end", staff_id=staff_id, session_id=session_id),
    )  # fmt: skip


def told(staff_id: int, name: str, email: str, password: str) -> Response:
    """The one page that ever shows a password; it is not kept anywhere, and no cache may keep it."""
    return make_response(
        render_template("staff/person_password.html", staff_id=staff_id, name=name, email=email, password=password)
    )
