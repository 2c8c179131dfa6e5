"""Writes an Atom feed (RFC 4287)."""

import re
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from app.web.components import iso

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # signs that no XML may hold


@dataclass(frozen=True)
class Entry:
    """One thing in a feed; `address` is also its identity."""

    address: str
    title: str
    author: str
    published: datetime
    updated: datetime
    html: str


@dataclass(frozen=True)
class Feed:
    """A feed: the page it stands for, its own address, and its entries as they are to be listed."""

    home: str
    address: str
    title: str
    author: str
    entries: tuple[Entry, ...]


def write(feed: Feed, *, empty_since: datetime) -> bytes:
    """The feed as a document; one without entries changed last at `empty_since`."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed")
    _add(root, "id", feed.home)
    _add(root, "title", feed.title)
    _add(root, "updated", iso(max((entry.updated for entry in feed.entries), default=empty_since)))
    _add(_add(root, "author"), "name", feed.author)
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=feed.home)
    for entry in feed.entries:
        _entry(root, entry)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(root: ET.Element, entry: Entry) -> None:
    node = _add(root, "entry")
    _add(node, "id", entry.address)
    _add(node, "title", entry.title)
    _add(node, "published", iso(entry.published))
    _add(node, "updated", iso(entry.updated))
    _add(_add(node, "author"), "name", entry.author)
    _add(node, "link", rel="alternate", type="text/html", href=entry.address)
    _add(node, "content", entry.html, type="html")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    node = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    node.text = None if text is None else _NOT_XML.sub("", text)
    return node
