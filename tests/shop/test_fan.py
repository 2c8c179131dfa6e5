"""A fan's cookie is written past the serializer that reads it, and a network past the library that names it: the same comes out."""

import ipaddress
import secrets

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer

from app.checkout.take import Fan
from app.kernel.tokens import Tokens
from app.web import fan
from app.web.house import of_app

KEY = b"a key of thirty-two characters and more"


def test_the_cookie_is_what_the_serializer_writes(app: Flask) -> None:
    settings = of_app(app).settings
    for _ in range(50):
        id_ = secrets.token_urlsafe(16)
        name, value = fan.set_cookie(settings, Fan(id_, "", known=False)).split(";")[0].split("=", 1)
        assert value == URLSafeSerializer(settings.signing_keys[0], salt="fan").dumps(id_)
        assert fan.id_of(settings, f"{name}={value}") == id_
        assert fan.id_of(settings, f"{name}={value.swapcase()}") is None


@pytest.mark.parametrize("remote", ["10.1.2.3", "255.255.255.255", "0.0.0.1", "2001:db8:1:2:3::5", "::1", "ffff::"])
def test_a_network_is_its_24_or_64(remote: str) -> None:
    tokens, bits = Tokens([KEY]), 64 if ":" in remote else 24
    block = ipaddress.ip_network(f"{remote}/{bits}", strict=False)
    assert fan.network_of(tokens, remote) == tokens.digest("network", str(block))


@pytest.mark.parametrize("remote", ["", "unix:", "10.1.2", "10.1.2.3:80"])
def test_what_is_no_address_is_no_network(remote: str) -> None:
    assert fan.network_of(Tokens([KEY]), remote) == ""
