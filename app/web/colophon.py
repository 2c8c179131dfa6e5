"""What the head and the foot of every public page say about the label: its name, links and inks."""

from typing import Any

from flask_babel import gettext as _

from app.reports.sleeves import Imprint
from app.web.assets import fingerprint
from app.web.theme import theme_css


def colophon(label: Imprint | None) -> dict[str, Any]:
    """The layout's variables for pages of this label, or of a shop with several labels or none."""
    shop_links = [(_("Releases"), "/releases"), (_("Your hold"), "/holds"), (_("Find my order"), "/orders/find")]
    follow = [(_("Feed"), "/drops.atom"), (_("Calendar"), "/drops.ics"), (_("Your data"), "/your-data")]
    if label is None:
        return {"shop_links": shop_links, "imprint_links": follow}
    names = {"imprint": _("Imprint"), "terms": _("Terms"), "privacy": _("Privacy"), "withdrawal": _("Withdrawal")}
    texts = [(names[text], text_url(label, text)) for text in label.texts]
    if not label.alone:
        shop_links = [(label.name, f"/labels/{label.slug}"), *shop_links]
    return {
        "site_name": label.name,
        "shop_links": shop_links,
        "imprint_links": texts + follow,
        "theme_url": f"/labels/{label.slug}/theme.css?v={theme_version(label.ink_loud, label.ink_quiet)}",
    }


def text_url(label: Imprint, text: str) -> str:
    """Where one of a label's legal texts is read."""
    return f"/{text}" if label.alone else f"/labels/{label.slug}/{text}"


def theme_sheet(loud: str, quiet: str) -> str:
    """The style sheet of these inks; our own inks where a stored one cannot be read."""
    try:
        return theme_css(loud, quiet)
    except ValueError:
        return theme_css()


def theme_version(loud: str, quiet: str) -> str:
    """Changes whenever the style sheet of these inks does."""
    return fingerprint(theme_sheet(loud, quiet).encode())
