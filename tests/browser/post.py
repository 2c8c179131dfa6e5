"""The fan's letter box: what the mail catcher caught."""

import re
from typing import Any

from sandbox import Control
from sandbox.client import wait_for

PATIENCE = 30


def letter(control: Control, to: str, subject: str) -> dict[str, Any]:
    """Wait for a letter whose subject contains these words."""
    found: list[dict[str, Any]] = []

    def arrived() -> bool:
        found[:] = control.mail(to=to, subject=subject)
        return bool(found)

    wait_for(arrived, PATIENCE)
    return found[0]


def link(mail: dict[str, Any], beginning: str) -> str:
    """The first address in a letter's text that begins like this."""
    found = re.search(re.escape(beginning) + r"[^\s>]*", mail["text"])
    assert found, mail["text"]
    return found[0]
