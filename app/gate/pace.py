"""How often copies may be asked for in a second, from a browser and a network: people click twice, programs forty times."""

import ipaddress

from app.gate.door import Busy

MOST = 5  # of one browser
NEARBY = 40  # of one network: thirty fans behind one address may all click, and a few of them twice


class Pace:
    """Counts by cookie and by network. There is one front on a machine, however many processes are behind it."""

    def __init__(self) -> None:
        self._second, self._asked = 0, dict[str, int]()

    def count(self, cookie: str | None, network: str, now: float) -> None:
        """One more of this browser in this network; raises Busy when either was too often within this second."""
        if int(now) != self._second:
            self._second, self._asked = int(now), {}
        if (cookie and self._more(cookie) > MOST) or self._more(network) > NEARBY:
            raise Busy(1.0)

    def _more(self, key: str) -> int:
        self._asked[key] = seen = self._asked.get(key, 0) + 1
        return seen


def network(client: str, forwarded: str | None, hops: int) -> str:
    """The /24 or /64 of a visitor, whom the last so many proxies have named in X-Forwarded-For; `client` is host:port."""
    named = [part.strip() for part in (forwarded or "").split(",")] if hops else []
    address = named[-hops] if len(named) >= hops > 0 else client.rpartition(":")[0].strip("[]")
    if ":" not in address:
        return address.rpartition(".")[0]
    try:
        return ipaddress.IPv6Address(address).exploded[:19]
    except ValueError:
        return address
