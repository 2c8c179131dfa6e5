"""A device with one passkey, in software: it makes the key and signs with it as a browser would hand it on."""

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


class Authenticator:
    """Answers what `ask` gave, for the page at `origin`."""

    def __init__(self, origin: str = "http://localhost") -> None:
        self.origin = origin
        self.id, self.uses = secrets.token_bytes(16), 0
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, asked: dict[str, Any]) -> str:
        """The answer to a request for a new key."""
        numbers = self._key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        held = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(public)
        data = self._data(asked["rp"]["id"], PRESENT | VERIFIED | HAS_KEY) + held
        whole = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked)
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(whole), "transports": ["internal"]})

    def sign(self, asked: dict[str, Any]) -> str:
        """The answer to a request for a signature."""
        self.uses += 1
        data, client = self._data(asked["rpId"], PRESENT | VERIFIED), self._client("webauthn.get", asked)
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature)})

    def _data(self, place: str, flags: int) -> bytes:
        return hashlib.sha256(place.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        whole = {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}
        return json.dumps({**whole, "clientExtensionResults": {}})


def text(raw: bytes) -> str:
    """Base64 as WebAuthn writes it."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
