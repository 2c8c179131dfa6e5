"""The guide to the desk, as the desk shows it: a document of ours, with its pictures and no links that lead nowhere there."""

import re
from functools import cache
from pathlib import Path

from markupsafe import Markup

from app.web import prose
from app.web.prose import Heading

_DOCS = Path(__file__).resolve().parents[2] / "docs"
_TITLE, _ELSEWHERE = re.compile(r"\A# .*\n"), re.compile(r"\[([^\]]+)\]\([a-z]+\.md\)")
PICTURES = _DOCS / "images" / "desk"


@cache
def guide() -> tuple[Markup, tuple[Heading, ...]]:
    """The text below its title, and its headings. FileNotFoundError where the shop runs without its documents."""
    text = (_DOCS / "desk.md").read_text()
    return prose.own(_ELSEWHERE.sub(r"\1", _TITLE.sub("", text)).replace("](images/desk/", "](/staff/guide/"))


def pictures() -> frozenset[str]:
    """The names of its pictures."""
    return frozenset(path.name for path in PICTURES.glob("*.png"))
