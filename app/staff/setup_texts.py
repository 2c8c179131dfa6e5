"""Who answers for the shop and what a fan agrees to: the two texts that a sale needs, while a label is set up."""

from flask import Response
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.catalogue import labels as verbs
from app.catalogue.models import Label
from app.kernel.errors import BadInput
from app.reports import countries
from app.staff import deed
from app.staff.asking import Form, No
from app.staff.blueprint import bp
from app.staff.guard import accepts, needs
from app.staff.setup_steps import at_hand, go_on, step_page
from app.web.house import reading, transaction

_WHICH = {"imprint": "The imprint", "terms": "The terms"}


@bp.get("/setup/texts")
@needs(Deed.LABEL)
def setup_texts() -> ResponseReturnValue:
    """Both, as they are; an empty imprint begins with what is known."""
    return _page()


@bp.post("/setup/texts")
@needs(Deed.LABEL)
@accepts(512 * 1024)
def setup_texts_save() -> ResponseReturnValue:
    """Keep both."""
    label_id = at_hand().label_id
    try:
        form = Form()
        typed = {which: form.text(which, called, most=verbs.LONGEST_TEXT, lines=True) for which, called in _WHICH.items()}
        form.check()
        with transaction() as session:
            for which, text in typed.items():
                verbs.write_text(session, label_id, which, text)
                deed.note(session, "label.text_written", "label", label_id, label_id, text=which)
    except BadInput as no:
        return _page(no)
    return go_on("texts")


def _page(no: No | None = None) -> Response:
    with reading() as session:
        label = session.get_one(Label, at_hand().label_id)
        begun = f"{label.name}\n{countries.name(label.country)}\n\n{label.email}"
        values = {"imprint": label.imprint or begun, "terms": label.terms}
    return step_page("texts", no, values)
