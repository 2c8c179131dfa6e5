"""Takes e-mail addresses out of what other machines say, such as a mail server that names whom it refuses."""

import re

_ADDRESS = re.compile(r"[^\s<>()\"',;:@]{1,64}@[^\s<>()\"',;:@]{1,255}")


def without_addresses(text: str) -> str:
    """The text with "(address)" wherever one stood."""
    return _ADDRESS.sub("(address)", text) if "@" in text else text
