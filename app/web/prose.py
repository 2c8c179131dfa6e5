"""Markdown that a label wrote, as HTML that cannot do harm."""

import re
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": True}).enable(["replacements", "smartquotes"])
_TAGS = {"p", "br", "hr", "em", "strong", "a", "ul", "ol", "li", "blockquote", "code", "pre", "h2", "h3", "h4", "h5", "h6"}


@dataclass(frozen=True)
class Heading:
    """A heading of a document, by its id in the page; `level` is 2 or 3."""

    id: str
    title: str
    level: int


def prose(text: str) -> Markup:
    """Sanitised HTML of some Markdown: headings begin at h2, links only to http, https and mailto, no images."""
    html = _PARSER.render(text).replace("<h1", "<h2").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href", "title"}}, url_schemes={"http", "https", "mailto"}, link_rel="noopener nofollow"
    )
    return Markup(clean)  # noqa: S704 - sanitised in the line above


def own(text: str) -> tuple[Markup, tuple[Heading, ...]]:
    """A document of ours as HTML, with its pictures, and its headings of the second and third level, which can be led to.

    Nobody else can have written it, and HTML in it is not read all the same.
    """
    tokens, found = _PARSER.parse(text), []
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag in {"h2", "h3"}:
            title = tokens[at + 1].content
            token.attrSet("id", "to-" + "-".join(re.findall(r"[a-z0-9]+", title.lower())))
            found.append(Heading(str(token.attrGet("id")), title, int(token.tag[1])))
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, {})), tuple(found)  # noqa: S704 - ours, and the parser escapes


def plain(text: str, most: int = 200) -> str:
    """The beginning of some Markdown as plain text, for descriptions."""
    words = nh3.clean(_PARSER.render(text), tags=set()).split()
    flat = " ".join(words).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    return flat if len(flat) <= most else flat[: most - 1].rsplit(" ", 1)[0] + "…"
