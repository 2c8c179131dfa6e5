"""One request as it goes over the line: nothing is followed, decoded or kept, and the address to come from may be chosen."""

import http.client
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bench.rig import Shop
from tests.browser.running import HOST, METRICS_TOKEN

COUNTED = re.compile(r'^runout_requests_total\{method="(\w+)",route="([^"]+)",status="\d+"\} ([\d.e+]+)$', re.MULTILINE)


@dataclass(frozen=True)
class Told:
    """An answer; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def cache(self) -> str:
        """What the cache in front says of it: HIT, MISS and so on; nothing where it was not asked."""
        return self.headers.get("x-cache", "")

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def kept(self) -> bool:
        """Did it come from the cache?"""
        return self.cache in {"HIT", "STALE", "UPDATING", "REVALIDATED"}


def ask(
    port: int | str, path: str, headers: Mapping[str, str] | None = None, *, method: str = "GET",
    form: Mapping[str, str] | None = None, source: str = HOST,
) -> Told:  # fmt: skip
    """The answer to one request on a connection of its own; a form makes it a post of the shop's own page."""
    line = http.client.HTTPConnection(HOST, int(port), timeout=30, source_address=(source, 0))
    sent, body = {"Accept": "text/html", **(headers or {})}, None
    if form is not None:
        method, body = "POST", urlencode(form)
        sent |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    try:
        line.request(method, path, body, sent)
        answer = line.getresponse()
        return Told(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        line.close()


def counted(rig: Shop) -> Counter[tuple[str, str]]:
    """How many requests the shop itself has answered, by method and route; with one web process these are all."""
    said = ask(rig.port, "/metrics", {"Authorization": f"Bearer {METRICS_TOKEN}"}).body.decode()
    found: Counter[tuple[str, str]] = Counter()
    for method, route, count in COUNTED.findall(said):
        found[method, route] += int(float(count))
    return found
