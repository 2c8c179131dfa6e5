"""Who is a fan: a random id in a signed cookie, set by the first POST and by nothing else."""

import ipaddress
import secrets
from functools import cache

from flask import Response, request
from itsdangerous import BadSignature, Signer, URLSafeSerializer
from itsdangerous.encoding import base64_encode
from werkzeug.http import dump_cookie

from app.checkout.take import Fan
from app.kernel.tokens import Tokens
from app.settings import Settings
from app.web.house import house

_NAME = "fan"
_LIFE = 60 * 60 * 24 * 90  # seconds


def fan() -> Fan | None:
    """The fan that this browser was before; None for a browser without our cookie, or with a forged one."""
    id_ = _read(house().settings, request.cookies.get(cookie_name(), ""))
    return Fan(id_, network()) if id_ else None


def new_fan() -> Fan:
    """A fan that nobody has seen before."""
    return Fan(secrets.token_urlsafe(16), network(), known=False)


def remember(response: Response, who: Fan) -> None:
    """Have the browser keep who it is."""
    response.headers.add("Set-Cookie", set_cookie(house().settings, who))


def set_cookie(settings: Settings, who: Fan) -> str:
    """The header by which a browser keeps who it is."""
    # What `dumps` gives without trying whether it can be packed smaller, which an id never can.
    signed = _stamp(settings.signing_keys[0]).sign(base64_encode(f'"{who.id}"')).decode()
    return dump_cookie(_name(settings), signed, _LIFE, path="/", secure=settings.secure, httponly=True, samesite="Lax")


def cookie_name() -> str:
    """With https the name itself makes browsers refuse a cookie set by a neighbour."""
    return _name(house().settings)


def network() -> str:
    """A keyed digest of the /24 or /64 that the request comes from."""
    return network_of(house().tokens, request.remote_addr or "")


def network_of(tokens: Tokens, remote: str) -> str:
    """The same for any address; nothing for what is none."""
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return ""
    bits, prefix = (32, 24) if address.version == 4 else (128, 64)
    block = type(address)(int(address) >> (bits - prefix) << (bits - prefix))
    return tokens.digest("network", f"{block}/{prefix}")


def _name(settings: Settings) -> str:
    return f"__Host-{_NAME}" if settings.secure else _NAME


def id_of(settings: Settings, header: str) -> str | None:
    """The id in a Cookie header that has our cookie and nothing else."""
    name, _, value = header.partition("=")
    return _read(settings, value) if name == _name(settings) else None


def _read(settings: Settings, cookie: str) -> str | None:
    for key in settings.signing_keys:
        try:
            id_ = _signer(key).loads(cookie)
        except BadSignature:
            continue
        return id_ if isinstance(id_, str) and 16 <= len(id_) <= 64 else None
    return None


@cache
def _signer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="fan")


@cache
def _stamp(key: bytes) -> Signer:
    return _signer(key).make_signer("fan")
