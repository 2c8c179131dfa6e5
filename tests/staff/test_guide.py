"""The guide at the desk: the document itself, with pictures that are there."""

import re

from app.staff.nav import RAIL
from app.web import guide
from tests.architecture.source import ROOT
from tests.staff.seat import Seat


def test_every_picture_is_there_and_shown(owner: Seat) -> None:
    page = owner.get("/staff/guide")
    shown = set(re.findall(r'src="/staff/guide/([^"]+)"', page.text))
    assert (page.status_code, shown) == (200, set(guide.pictures()))
    assert shown == set(re.findall(r"\(images/desk/([^)]+)\)", (ROOT / "docs/desk.md").read_text()))
    for name in shown:
        picture = owner.get(f"/staff/guide/{name}")
        assert (picture.status_code, picture.mimetype) == (200, "image/png")


def test_nothing_else_of_the_documents_is_served(owner: Seat) -> None:
    for name in ("desk.md", "..%2fdesk.md", "none.png", "..%2F..%2Fdesk.png"):
        assert owner.get(f"/staff/guide/{name}").status_code == 404


def test_no_link_leads_to_a_document_that_is_not_there(owner: Seat) -> None:
    assert ".md" not in owner.get("/staff/guide").text


EVERYWHERE = {"?", "/", "j", "k", "x", "Escape"}


def keys() -> dict[str, str]:
    """The keys that the guide lists, each with its words."""
    section = (ROOT / "docs/desk.md").read_text().split("\n## Keys\n", 1)[1].split("\n## ", 1)[0]
    return dict(re.findall(r"(?m)^- `([^`]+)` (.+)$", section))


def test_the_keys_in_the_guide_are_those_of_the_rail(owner: Seat) -> None:
    listed = keys()
    assert {key: words for key, words in listed.items() if key not in EVERYWHERE} == {key: str(text) for text, _, key, *_ in RAIL}
    assert listed.keys() >= EVERYWHERE
    assert len({key for _, _, key, *_ in RAIL}) == len(RAIL)
    shown = owner.get("/staff/guide").text
    assert "<code>g b</code> Books" in shown


def test_its_headings_are_listed_and_led_to(owner: Seat) -> None:
    page = owner.get("/staff/guide").text
    contents, _, text = page.partition('<nav class="guide-contents"')[2].partition("</nav>")
    text = text.partition("</article>")[0]
    listed = re.findall(r'<a href="#([a-z0-9-]+)">([^<]+)</a>', contents)
    assert [title for _id, title in listed] == re.findall(r"(?m)^#{2,3} (.+)$", (ROOT / "docs/desk.md").read_text())
    assert re.findall(r'<h[23] id="([a-z0-9-]+)"', text) == [id_ for id_, _title in listed]
    assert len({id_ for id_, _title in listed}) == len(listed)
    every = re.findall(r' id="([^"]+)"', page)
    assert [id_ for id_ in every if every.count(id_) > 1] == []  # such as the dialogue that shows the keys
