"""The codes of a run's copies to print and stick on, so that they can be packed by scanning."""

from flask import Response
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.catalogue.models import Run
from app.fulfilment import copy_sheet
from app.kernel.errors import NotFound
from app.reports.copy_stickers import stickers
from app.staff import queries
from app.staff.blueprint import bp
from app.staff.guard import needs, require
from app.web.house import house, reading


@bp.get("/runs/<int:run_id>/codes.pdf")
@needs(Deed.PACK)
def copy_codes(run_id: int) -> ResponseReturnValue:
    """A bundle of stickers in number order."""
    page = queries.page()
    with reading() as session:
        run = session.get(Run, run_id)
        if run is None:
            raise NotFound("There is no such run.")
        require(run.release.label_id, Deed.PACK)
        found, name = stickers(session, run, page), run.slug
    if not found:
        raise NotFound("There are no copies here to print codes for. They come to be when the run is pressed.")
    answer = Response(copy_sheet.pdf(found, house().settings.fallback_fonts), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="codes-{name}-{page}.pdf"'
    return answer
