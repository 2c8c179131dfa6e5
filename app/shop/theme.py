"""A label's two inks as a style sheet."""

from flask import Response, request

from app.reports.label_texts import inks
from app.shop.blueprint import bp
from app.web.colophon import theme_sheet, theme_version
from app.web.house import reading


@bp.get("/labels/<slug>/theme.css")
def theme(slug: str) -> Response:
    """The inks of a label; kept for ever under the version that they have now."""
    with reading() as session:
        loud, quiet = inks(session, slug)
    response = Response(theme_sheet(loud, quiet), content_type="text/css; charset=utf-8")
    if request.args.get("v") == theme_version(loud, quiet):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
