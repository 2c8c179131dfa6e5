"""Letters about a new e-mail address: a link to the new one, and afterwards a notice to the one that was left."""

from app.accounts import moving
from app.accounts.models import Staff
from app.accounts.moving import LASTS, MAIL, TOLD, NewAddress
from app.kernel.mail import Letter
from app.kernel.schema import JsonDict
from app.reports.letter_desk import LetterDesk
from app.reports.letter_paper import at, letter
from app.reports.letters_staff import zone_of


def asked(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """The link; None when it was used, withdrawn or asked for anew meanwhile."""
    found = desk.session.get(NewAddress, payload["address"])
    if found is None or found.confirmed_at is not None or found.withdrawn_at is not None:
        return None
    who = desk.session.get_one(Staff, found.staff_id)
    return letter(
        "new_address",
        f"{MAIL}.{found.id}",
        found.email,
        "Your new address at the desk",
        who=who.name,
        until=at(found.asked_at + LASTS, zone_of(desk, who.id)),
        shop=desk.shop,
        label={"name": desk.shop, "ink_loud": ""},
        url=f"{desk.base_url}/staff/me/address/{moving.token(desk.tokens, found)}",
    )


def left(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """To the address that was left: which one took its place is not said, as somebody else may read it by now."""
    found = desk.session.get(NewAddress, payload["address"])
    if found is None or found.confirmed_at is None:
        return None
    return letter(
        "address_changed",
        f"{TOLD}.{found.id}",
        found.email,
        "You sign in with another address now",
        when=at(found.confirmed_at, zone_of(desk, found.staff_id)),
        shop=desk.shop,
        label={"name": desk.shop, "ink_loud": ""},
    )
