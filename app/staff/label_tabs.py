"""The tabs above every page of one label, and its texts by name."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.reports.desk_labels import LabelDesk

TEXTS = {
    "story": (lazy_gettext("Story"), lazy_gettext("On the front page and under every release: who you are and why.")),
    "imprint": (lazy_gettext("Imprint"), lazy_gettext("Who answers for this shop: name, address, e-mail; what your law asks for.")),
    "terms": (lazy_gettext("Terms"), lazy_gettext("What a fan agrees to: price, delivery, what happens when a parcel is lost.")),
    "privacy": (lazy_gettext("Privacy"), lazy_gettext("What you keep about a fan, why, and for how long.")),
    "withdrawal": (lazy_gettext("Withdrawal"), lazy_gettext("How a fan sends something back, and when the money follows.")),
}


def tabs_of(page: LabelDesk) -> list[dict[str, Any]]:
    """Who it is, its inks, how long it keeps what, and one tab for each text."""
    here = request.view_args.get("which", "") if request.view_args else ""
    inks = (request.endpoint or "").startswith("staff.label_inks")
    vat = (request.endpoint or "").startswith("staff.label_vat")
    keeping = (request.endpoint or "").startswith("staff.label_keeping")
    own = url_for("staff.label", label_id=page.id)
    return [
        {"text": _("Label"), "href": own, "current": not any((here, inks, vat, keeping))},
        {"text": _("Logo and inks"), "href": url_for("staff.label_inks", label_id=page.id), "current": inks},
        {"text": _("VAT"), "href": url_for("staff.label_vat", label_id=page.id), "current": vat},
        {"text": _("Keeping"), "href": url_for("staff.label_keeping", label_id=page.id), "current": keeping},
        *(
            {
                "text": name,
                "href": url_for("staff.label_text", label_id=page.id, which=which),
                "current": which == here,
            }
            for which, (name, _hint) in TEXTS.items()
        ),
        {"text": _("Checks"), "href": url_for("staff.checks"), "current": False},
    ]
