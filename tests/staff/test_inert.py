"""Whatever is typed into the desk is text: on the desk, on the shop, in every place it is shown."""

from html.parser import HTMLParser

import pytest
from flask import Flask

from app.kernel.db import Database
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat
from tests.staff.test_making import DROP, LABEL, RUN

CORPUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '<a href="jav&#x09;ascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "{{7*7}}",
    "<style>@import'//evil'</style>",
    "<form action=//evil><input name=p>",
    '"><script>alert(1)</script>',
    "' onfocus=alert(1) autofocus='",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
]


class _Reader(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in {"iframe", "style", "object", "embed", "base"} or (
            tag == "script" and not (values.get("src") or "").startswith("/static/")
        ):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in values if name.startswith("on")]
        for name in ("href", "src", "action"):
            address = (values.get(name) or "").strip().lower()
            if address.startswith(("javascript:", "data:", "vbscript:", "//")):
                self.found.append(f"{tag} {name}={address}")


def acted_on(page: str) -> list[str]:
    """The tags and attributes of a page that would do something."""
    reader = _Reader()
    reader.feed(page)
    return reader.found


def test_the_reader_sees_what_it_should() -> None:
    assert acted_on("<script>x</script><a href='javascript:x'>x</a><b onclick=x>") == ["script", "a href=javascript:x", "b onclick"]


@pytest.mark.parametrize("text", [" ".join(pair) for pair in zip(CORPUS[::2], CORPUS[1::2], strict=True)])
def test_it_is_only_text(app: Flask, db: Database, owner: Seat, shelf: Shelf, text: str) -> None:
    release, drop, label = f"/staff/releases/{shelf.release}", f"/staff/drops/{shelf.drop}", f"/staff/labels/{shelf.label}"
    posts = [
        (f"/staff/artists/{shelf.artist}", {"name": text[:120], "slug": "", "story": text, "link": ""}),
        (
            f"{release}/edit",
            {"artist": str(shelf.artist), "title": text, "catalogue_number": text[:40], "notes": text, "released_on": ""},
        ),
        (f"{release}/tracks", {"track": [""], "side": ["A"], "title": [text], "length": ["1:00"], "do": "save"}),
        (f"/staff/runs/{shelf.run}/edit", {**RUN, "title": text}),
        (f"{drop}/edit", {**DROP, "title": text, "words": text, "run": [str(shelf.run)]}),
        (f"{drop}/pause", {"reason": text}),
        (label, {**LABEL, "name": text[:80], "tagline": text}),
        *((f"{label}/texts/{which}", {"text": text}) for which in ("story", "imprint", "terms", "privacy", "withdrawal")),
        ("/staff/people/new", {"name": text[:80], "email": "kim@tinsel.example", "role": "packer"}),
    ]
    for path, data in posts:
        answer = owner.post(path, data)
        assert answer.status_code in {200, 303}, path
    pages = [
        "/staff/", "/staff/artists", f"/staff/artists/{shelf.artist}", "/staff/releases", release, f"{release}/edit",
        f"{release}/tracks", f"{release}/artwork", f"{release}/runs/new", f"/staff/runs/{shelf.run}",
        f"/staff/runs/{shelf.run}/edit", "/staff/drops", drop, f"{drop}/edit", f"{drop}/pause",
        f"{drop}/close", f"{drop}/preview/open", f"{drop}/preview/paused",
        label, f"{label}/inks", f"{label}/texts/story", "/staff/people", "/staff/audit", f"/staff/search?q={text}",
        "/staff/drops/new", "/drops/drop-1", "/releases/release-1", "/", "/imprint",
    ]  # fmt: skip
    for path in pages:
        answer = owner.get(path)
        html = answer.get_data(as_text=True)
        assert answer.status_code in {200, 404, 422}, path
        assert acted_on(html) == [], path
        assert "{{7*7}}" not in text or "49 <" not in html
