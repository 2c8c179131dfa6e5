"""What a browser is and where it comes from, as roughly as its owner would recognise it."""

import ipaddress

from flask import request

from app.accounts.signin import Where

# The first that is found counts: nearly every browser claims to be several others too.
_FAMILIES = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def where() -> Where:
    """Of the request at hand: `Firefox on Linux`, `203.0.113.0/24`."""
    return Where(family(request.headers.get("User-Agent", "")), block(request.remote_addr or ""))


def family(agent: str) -> str:
    """A browser's family and system, from what it says of itself; empty when it says nothing known."""
    browser = next((name for sign, name in _FAMILIES if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return f"{browser} on {system}" if browser and system else browser or system


def block(remote: str) -> str:
    """The /24 or /48 that an address is in; empty for what is no address."""
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))
