"""The letter that asks somebody to a label's desk."""

from app.accounts.invitations import LASTS, MAIL, token
from app.accounts.models import Invitation, Staff
from app.catalogue.models import Label
from app.kernel.mail import Letter
from app.kernel.schema import JsonDict
from app.reports.letter_desk import LetterDesk
from app.reports.letter_paper import at, letter


def invited(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """The link to the desk; None when the invitation was accepted or withdrawn meanwhile."""
    found = desk.session.get(Invitation, payload["invitation"])
    if found is None or found.accepted_at is not None or found.withdrawn_at is not None:
        return None
    label, by = desk.session.get_one(Label, found.label_id), desk.session.get_one(Staff, found.invited_by)
    return letter(
        "invited",
        f"{MAIL}.{found.id}.{found.generation}",
        found.email,
        f"Come to the desk of {label.name}",
        who=by.name,
        role=found.role.value,
        until=at(found.sent_at + LASTS, label.time_zone),
        shop=desk.shop,
        label={"name": label.name, "ink_loud": label.ink_loud},
        url=f"{desk.base_url}/staff/join/{token(desk.tokens, found)}",
    )
