"""Markdown that a label wrote, as HTML that cannot do harm."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": True}).enable(["replacements", "smartquotes"])
_TAGS = {"p", "br", "hr", "em", "strong", "a", "ul", "ol", "li", "blockquote", "code", "pre", "h2", "h3", "h4", "h5", "h6"}


def prose(text: str) -> Markup:
    """Sanitised HTML of some Markdown: headings begin at h2, links only to http, https and mailto, no images."""
    html = _PARSER.render(text).replace("<h1", "<h2").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href", "title"}}, url_schemes={"http", "https", "mailto"}, link_rel="noopener nofollow"
    )
    return Markup(clean)  # noqa: S704 - sanitised in the line above


def own(text: str) -> Markup:
    """A document of ours as HTML, with its pictures; nobody else can have written it, and HTML in it is not read all the same."""
    return Markup(_PARSER.render(text))  # noqa: S704 - ours, and the parser escapes


def plain(text: str, most: int = 200) -> str:
    """The beginning of some Markdown as plain text, for descriptions."""
    words = nh3.clean(_PARSER.render(text), tags=set()).split()
    flat = " ".join(words).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    return flat if len(flat) <= most else flat[: most - 1].rsplit(" ", 1)[0] + "…"
