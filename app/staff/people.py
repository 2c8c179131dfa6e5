"""The people at the desk: who they are, what they may do, and their passwords."""

from flask import Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.accounts import joining, passwords, people
from app.accounts.models import Role
from app.kernel.errors import BadInput, Conflict
from app.reports import desk_labels, desk_people
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, person, require
from app.staff.labels import chosen_label
from app.web.house import now, reading, transaction

OWNER = Role.OWNER
ROLES = [
    (Role.PACKER.value, lazy_gettext("Packer"), lazy_gettext("Sees orders and copies; packs and ships.")),
    (
        Role.MANAGER.value,
        lazy_gettext("Manager"),
        lazy_gettext("Also makes releases, runs, drops and postage, and corrects orders."),
    ),
    (Role.OWNER.value, lazy_gettext("Owner"), lazy_gettext("Also changes the label and these people.")),
]


@bp.get("/people", endpoint="people")
@needs(OWNER)
def person_list() -> ResponseReturnValue:
    """Everybody at the labels one owns."""
    with reading() as session:
        rows = desk_people.rows(session, label_ids(OWNER))
        labels = desk_labels.rows(session, label_ids(OWNER))
    zone = labels[0].time_zone if labels else "UTC"
    return render_template("staff/people.html", people=rows, labels=labels, zone=zone, me=person().id)


@bp.get("/people/new")
@needs(OWNER)
def person_new() -> ResponseReturnValue:
    """The empty form."""
    return _new()


@bp.post("/people/new")
@needs(OWNER)
def person_add() -> ResponseReturnValue:
    """Bring somebody to the desk; a new password is shown on the answer and nowhere else."""
    password = passwords.suggested()
    try:
        label_id, form = chosen_label(OWNER), Form()
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
    return _told(joined.staff_id, name, joined.email, password)


@bp.get("/people/<int:staff_id>", endpoint="person")
@needs(OWNER)
def person_page(staff_id: int) -> ResponseReturnValue:
    """One person: roles, password, history."""
    return _page(staff_id)


@bp.post("/people/<int:staff_id>/role")
@needs(OWNER)
def person_role(staff_id: int) -> ResponseReturnValue:
    """Change what somebody may do at one label; "none" takes it away."""
    try:
        _page_values(staff_id)
        label_id, form = chosen_label(OWNER), Form()
        typed = form.one_of("role", "Role", [*(value for value, _text, _note in ROLES), "none"])
        form.check()
        with transaction() as session:
            people.set_role(session, staff_id, label_id, None if typed == "none" else Role(typed))
            deed.note(session, "staff.role_changed", "staff", staff_id, label_id, role=typed)
    except (BadInput, Conflict) as no:
        return _page(staff_id, no)
    gone = typed == "none" or not person().may(label_id, OWNER) or staff_id == person().id
    return redirect(url_for("staff.home") if gone and staff_id == person().id else url_for("staff.people"), 303)


@bp.post("/people/<int:staff_id>/password")
@needs(OWNER)
def person_password(staff_id: int) -> ResponseReturnValue:
    """Give somebody a new password, shown on the answer and nowhere else; they are signed out everywhere."""
    page = _page_values(staff_id)
    password = passwords.suggested()
    secret = passwords.hashed(password)
    with transaction() as session:
        joining.check_all_owned(session, staff_id, person())
        people.set_hash(session, staff_id, secret, now())
        deed.note(session, "staff.password_set", "staff", staff_id, _label_of(page))
    return _told(staff_id, page.row.name, page.row.email, password)


@bp.get("/people/<int:staff_id>/disable")
@needs(OWNER)
def person_disable_ask(staff_id: int) -> ResponseReturnValue:
    """Ask before closing an account."""
    page = _page_values(staff_id)
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
@needs(OWNER)
def person_disable(staff_id: int) -> ResponseReturnValue:
    """Close an account."""
    page = _page_values(staff_id)
    with transaction() as session:
        joining.check_all_owned(session, staff_id, person())
        people.disable(session, staff_id, now())
        deed.note(session, "staff.disabled", "staff", staff_id, _label_of(page))
    return redirect(url_for("staff.people"), 303)


def _page_values(staff_id: int) -> desk_people.PersonDesk:
    mine = label_ids(OWNER)
    with reading() as session:
        labels = desk_labels.rows(session, mine)
        return desk_people.desk(session, staff_id, mine, labels[0].time_zone if labels else "UTC")


def _label_of(page: desk_people.PersonDesk) -> int:
    label_id = next(iter(page.row.roles))
    require(label_id, OWNER)
    return label_id


def _new(no: No | None = None) -> Response:
    with reading() as session:
        labels = desk_labels.rows(session, label_ids(OWNER))
    values = {"email": "", "name": "", "role": "packer", "label": str(labels[0].id) if labels else ""}
    return form_page("staff/person_new.html", no, values, labels=labels, roles=ROLES)


def _page(staff_id: int, no: No | None = None) -> Response:
    page = _page_values(staff_id)
    with reading() as session:
        labels = desk_labels.rows(session, label_ids(OWNER))
    return form_page("staff/person.html", no, {}, page=page, labels=labels, roles=ROLES, me=person().id)


def _told(staff_id: int, name: str, email: str, password: str) -> Response:
    """The one page that ever shows a password; it is not kept anywhere, and no cache may keep it."""
    return make_response(
        render_template("staff/person_password.html", staff_id=staff_id, name=name, email=email, password=password)
    )
