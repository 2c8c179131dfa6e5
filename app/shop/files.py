"""The files that come with a copy: from the order's page by a link that works for a day, as long as the copy is the fan's."""

from contextlib import suppress

from flask import Response, request, send_file
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import file_store, files
from app.kernel.errors import NotFound, Unavailable
from app.orders.models import Order
from app.payments.models import Payment
from app.reports import order_files
from app.reports.order_files import OrderFile
from app.shop import file_links
from app.shop.blueprint import bp
from app.shop.hold_answers import see
from app.web import links
from app.web.house import house, reading, transaction


@bp.get("/orders/<token>/files/<int:file_id>")
def order_file(token: str, file_id: int) -> Response:
    """303 to a link of its own for one file, which can be given to a download program without giving the order away."""
    with reading() as session:
        order = links.order_of_token(session, token)
        _may_have(session, order, file_id)
    return see(file_links.path(order, file_id))


@bp.get("/files/<int:file_id>/<int:until>/<token>")
def file(file_id: int, until: int, token: str) -> Response:
    """The file, whole or from where a download broke off; it is sent by the front, so no thread of ours waits for who is slow."""
    with reading() as session:
        found = _may_have(session, file_links.order_of(session, file_id, until, token), file_id)
    path = file_store.place(house().settings.media_dir) / found.file
    if not path.is_file():
        raise NotFound("This file is not here any more. Please write to the label.")
    answer = send_file(
        path, mimetype="application/octet-stream", as_attachment=True, download_name=found.name, conditional=True, etag=found.sha256
    )
    answer.headers["Accept-Ranges"] = "bytes"
    if request.method == "GET" and _begins(answer):
        with suppress(Unavailable), transaction() as session:  # who cannot be counted gets the file all the same
            files.count(session, file_id)
    return answer


def _may_have(session: Session, order: Order, file_id: int) -> OrderFile:
    payment = session.scalar(select(Payment).where(Payment.order_id == order.id))
    found = next((each for each in order_files.of_order(session, order, payment) if each.id == file_id), None)
    if found is None:
        raise NotFound("This file comes with a copy, and this order has none that it comes with now. Its page says how it stands.")
    return found


def _begins(answer: Response) -> bool:
    """Is it a download from its first byte, and not what is left of one?"""
    return answer.status_code == 200 or (answer.headers.get("Content-Range") or "").startswith("bytes 0-")
