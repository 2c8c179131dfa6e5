"""How a label looks while it is set up: a logo, and two inks that can be read."""

from flask import Response, request
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.catalogue import logos, media
from app.catalogue.models import Label
from app.kernel.errors import BadInput
from app.staff.asking import No
from app.staff.blueprint import bp
from app.staff.guard import accepts, needs
from app.staff.label_looks import keep_look, read_inks, swatch
from app.staff.media import UPLOAD
from app.staff.setup_steps import at_hand, go_on, step_page
from app.web.colour import as_hex
from app.web.house import reading
from app.web.theme import DAY, NIGHT, problems


@bp.get("/setup/look")
@needs(Deed.LABEL)
def setup_look() -> ResponseReturnValue:
    """The logo there is, and the inks as they print."""
    return _page()


@bp.post("/setup/look")
@needs(Deed.LABEL)
@accepts(UPLOAD)
def setup_look_save() -> ResponseReturnValue:
    """Keep the inks, and the logo where one was chosen; or (asked with `preview`) only show the inks."""
    label_id = at_hand().label_id
    try:
        loud, quiet = read_inks()
        if "preview" in request.form:
            return _page(tried=(loud, quiet))
        keep_look(label_id, loud, quiet)
    except BadInput as no:
        return _page(no)
    return go_on("look")


def _page(no: No | None = None, tried: tuple[str, str] | None = None) -> Response:
    with reading() as session:
        label = session.get_one(Label, at_hand().label_id)
        loud, quiet, name = label.ink_loud, label.ink_quiet, label.name
        picture = logos.of(session, label.id)
        logo = media.small(picture.file) if picture else None
    loud, quiet = tried or (loud, quiet)
    swatches = [] if problems(loud, quiet) else [swatch(loud, quiet, stock) for stock in (DAY, NIGHT)]
    values = {"loud": as_hex(loud), "quiet": as_hex(quiet)}
    return step_page("look", no, values, swatches=swatches, label_name=name, logo=logo, tried=tried is not None)
