"""Imprint, terms, privacy and withdrawal, in the label's own words."""

from flask import render_template

from app.kernel.errors import NotFound
from app.reports import sleeves
from app.reports.label_texts import label_text
from app.shop.blueprint import bp
from app.web.colophon import colophon, text_url
from app.web.house import reading

_ONE_OF = f"<any({', '.join(sleeves.TEXTS)}):name>"


@bp.get(f"/{_ONE_OF}")
def own_text(name: str) -> str:
    """A text of the only label; with several labels, where each label's is."""
    with reading() as session:
        labels = sleeves.imprints(session)
    if len(labels) == 1:
        return text_of(labels[0].slug, name)
    links = [(label.name, text_url(label, name)) for label in labels if name in label.texts]
    if not links:
        raise NotFound("There is no such text here.")
    return render_template("shop/texts.html", name=name, links=links)


@bp.get(f"/labels/<slug>/{_ONE_OF}")
def text_of(slug: str, name: str) -> str:
    """A text of one label."""
    with reading() as session:
        text = label_text(session, slug, name)
    return render_template("shop/text.html", text=text, **colophon(text.label))
