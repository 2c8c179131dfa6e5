"""Who answers for the shop, what a fan agrees to, what is kept of them and how they withdraw, while a label is set up."""

from flask import Response
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.catalogue import labels as verbs
from app.catalogue import starting_texts
from app.catalogue.models import Label
from app.kernel.errors import BadInput
from app.reports import countries, texts_missing
from app.staff import deed
from app.staff.asking import Form, No
from app.staff.blueprint import bp
from app.staff.guard import accepts, needs
from app.staff.setup_steps import at_hand, leave, step_page
from app.web.house import reading, transaction

_WHICH = {"imprint": "The imprint", "terms": "The terms", "privacy": "Privacy", "withdrawal": "Withdrawal"}


@bp.get("/setup/texts")
@needs(Deed.LABEL)
def setup_texts() -> ResponseReturnValue:
    """All four, as they are; the empty ones begin with what is known, save the terms."""
    return _page()


@bp.post("/setup/texts")
@needs(Deed.LABEL)
@accepts(512 * 1024)
def setup_texts_save() -> ResponseReturnValue:
    """Keep them; what is still missing is put off."""
    label_id = at_hand().label_id
    try:
        form = Form()
        typed = {which: form.text(which, called, most=verbs.LONGEST_TEXT, lines=True) for which, called in _WHICH.items()}
        form.check()
        with transaction() as session:
            label = session.get_one(Label, label_id)
            for which, text in typed.items():
                if text == getattr(label, which):
                    continue
                verbs.write_text(session, label_id, which, text)
                deed.note(session, "label.text_written", "label", label_id, label_id, text=which)
    except BadInput as no:
        return _page(no)
    return leave("texts")


def _page(no: No | None = None) -> Response:
    with reading() as session:
        label = session.get_one(Label, at_hand().label_id)
        wanted = texts_missing.wanted(label.country)
        begun = {
            "imprint": f"{label.name}\n{countries.name(label.country)}\n\n{label.email}",
            "terms": "",
            "privacy": starting_texts.privacy(label.name, label.email),
            "withdrawal": starting_texts.withdrawal(label.name, label.email) if "withdrawal" in wanted else "",
        }
        offered = {which for which, text in begun.items() if text and not getattr(label, which)}
        values = {which: getattr(label, which) or text for which, text in begun.items()}
    return step_page("texts", no, values, offered=offered)
