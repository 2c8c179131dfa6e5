"""Passkeys (WebAuthn): a key in a person's device or password manager, bound to the shop's own address."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Staff, StaffPasskey
from app.kernel.clashes import refusing
from app.kernel.errors import BadInput, NotFound
from app.kernel.schema import JsonDict

if TYPE_CHECKING:
    from types import ModuleType


@dataclass(frozen=True)
class Asked:
    """What the browser is to do: options as JSON, and the challenge that its answer must have signed."""

    options: str
    challenge: str


def why_not(base_url: str) -> str | None:
    """Why no passkeys can be offered at this address; None where they can."""
    place = urlsplit(base_url)
    host = place.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        secure = place.scheme == "https" or host == "localhost"
        return None if secure else "Browsers keep passkeys only for addresses that begin with https."
    return "Browsers keep passkeys for a name, and this shop’s address is a bare number."


def ask_to_register(session: Session, staff_id: int, base_url: str) -> Asked:
    """Ask a browser to make a passkey for this person; those they have are not made twice."""
    web, staff = _library(), session.get_one(Staff, staff_id)
    structs = web.helpers.structs
    made = web.generate_registration_options(
        rp_id=_host(base_url),
        rp_name=f"Runout {_host(base_url)}",
        user_id=f"staff-{staff.id}".encode(),
        user_name=staff.email,
        user_display_name=staff.name,
        exclude_credentials=_descriptors(web, of(session, staff_id)),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            user_verification=structs.UserVerificationRequirement.PREFERRED,
            resident_key=structs.ResidentKeyRequirement.DISCOURAGED,
        ),
    )
    return _asked(web, made)


def register(session: Session, staff_id: int, base_url: str, challenge: str, answer: JsonDict, name: str, now: datetime) -> int:
    """Keep the passkey that a browser made; its id. BadInput when the answer is not to what was asked."""
    web = _library()
    try:
        found = web.verify_registration_response(
            credential=answer,
            expected_challenge=web.base64url_to_bytes(challenge),
            expected_rp_id=_host(base_url),
            expected_origin=_origin(base_url),
        )
    except (web.helpers.exceptions.WebAuthnException, ValueError, TypeError, KeyError) as fault:
        raise BadInput("This passkey could not be registered. Please try again.") from fault
    key = StaffPasskey(
        staff_id=staff_id, credential=_text(web, found.credential_id), public_key=_text(web, found.credential_public_key),
        uses=found.sign_count, name=name or "Passkey", created_at=now,
    )  # fmt: skip
    with refusing(session, {"answer": "This passkey is registered already. Use another device, or remove it first."}):
        session.add(key)
    return key.id


def ask_to_sign(session: Session, staff_id: int, base_url: str) -> Asked:
    """Ask a browser to sign with one of this person's passkeys."""
    web = _library()
    allowed = _descriptors(web, of(session, staff_id))
    return _asked(web, web.generate_authentication_options(rp_id=_host(base_url), allow_credentials=allowed))


def signed(session: Session, staff_id: int, base_url: str, challenge: str, answer: JsonDict, now: datetime) -> bool:
    """Did one of this person's passkeys sign the challenge?"""
    web = _library()
    key = next((each for each in of(session, staff_id) if each.credential == answer.get("id")), None)
    if key is None:
        return False
    try:
        found = web.verify_authentication_response(
            credential=answer,
            expected_challenge=web.base64url_to_bytes(challenge),
            expected_rp_id=_host(base_url),
            expected_origin=_origin(base_url),
            credential_public_key=web.base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.uses,
        )
    except (web.helpers.exceptions.WebAuthnException, ValueError, TypeError, KeyError):
        return False
    session.execute(update(StaffPasskey).where(StaffPasskey.id == key.id).values(uses=found.new_sign_count, used_at=now))
    return True


def of(session: Session, staff_id: int) -> list[StaffPasskey]:
    """This person's passkeys, oldest first."""
    return list(session.scalars(select(StaffPasskey).where(StaffPasskey.staff_id == staff_id).order_by(StaffPasskey.id)))


def remove(session: Session, staff_id: int, passkey_id: int) -> None:
    """Forget a passkey; NotFound when it is not this person's."""
    key = session.get(StaffPasskey, passkey_id)
    if key is None or key.staff_id != staff_id:
        raise NotFound("There is no such passkey.")
    session.delete(key)
    session.flush()


def _asked(web: "ModuleType", made: object) -> Asked:
    return Asked(web.options_to_json(made), _text(web, made.challenge))  # type: ignore[attr-defined]  # both kinds have one


def _descriptors(web: "ModuleType", keys: list[StaffPasskey]) -> list[object]:
    structs = web.helpers.structs
    return [structs.PublicKeyCredentialDescriptor(id=web.base64url_to_bytes(key.credential)) for key in keys]


def _text(web: "ModuleType", raw: bytes) -> str:
    return cast("str", web.helpers.bytes_to_base64url(raw))


def _host(base_url: str) -> str:
    return urlsplit(base_url).hostname or ""


def _origin(base_url: str) -> str:
    place = urlsplit(base_url)
    return f"{place.scheme}://{place.netloc}"


def _library() -> "ModuleType":
    import webauthn  # slow import: few requests want it  # noqa: PLC0415
    import webauthn.helpers.exceptions  # slow import: as above  # noqa: PLC0415

    return webauthn
