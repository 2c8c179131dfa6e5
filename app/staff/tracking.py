"""Tracking numbers from a carrier's file: read, shown line by line, and only then are the parcels sent off, a slice at a time."""

from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.accounts.roles import Deed
from app.fulfilment import carriers, tracking_file
from app.fulfilment.tracking_file import LARGEST, Sheet
from app.kernel.errors import BadInput, Refusal
from app.reports import desk_labels, order_list
from app.reports.order_list import Wish
from app.reports.tracking_preview import Seen, Verdict, preview
from app.staff import asking, queries
from app.staff.blueprint import bp
from app.staff.guard import accepts, label_ids, needs, require
from app.staff.shipping import send_off, typed_carrier
from app.web import forms
from app.web.house import reading

UPLOAD = 3 * LARGEST  # bytes: the file, or the same as a field of a form
SLICE = 50  # parcels that leave in one request: each is a transaction of its own


@bp.get("/packing/tracking")
@needs(Deed.PACK)
def parcel_tracking() -> ResponseReturnValue:
    """The form for the file."""
    return _form()


@bp.post("/packing/tracking")
@needs(Deed.PACK)
@accepts(UPLOAD)
def parcel_tracking_read() -> ResponseReturnValue:
    """What the file would do; where its columns are not known by name, which ones they are is asked first."""
    try:
        label_id, carrier, sheet = _label(), typed_carrier("carrier"), _sheet()
        reference, tracking = _columns(sheet)
    except BadInput as no:
        return _form(no)
    if reference is None or tracking is None:
        return _ask_columns(label_id, carrier, sheet, reference, tracking)
    with reading() as session:
        seen = preview(session, label_id, sheet.pairs(reference, tracking))
    return _preview(label_id, carrier, seen)


@bp.post("/packing/tracking/ship")
@needs(Deed.PACK)
@accepts(UPLOAD)
def parcel_tracking_ship() -> ResponseReturnValue:
    """Send off the next slice of what was shown; judged again, so that twice the same is once."""
    label_id, carrier = _label(), typed_carrier("carrier")
    sent, refused = forms.number("sent", label="The count", most=10**6), forms.number("refused", label="The count", most=10**6)
    pairs = _pairs()
    with reading() as session:
        going = [each for each in preview(session, label_id, pairs[:SLICE]) if each.verdict is Verdict.GOES]
    done, sentences = _send(going, carrier)
    sent, refused, rest = sent + done, refused + len(pairs[:SLICE]) - done, pairs[SLICE:]
    for sentence in sentences[:5]:  # they travel in a cookie; the same file again names all of them
        flash(sentence, "refusal")
    if rest:
        whole = sent + refused + len(rest)
        told = {"label_id": label_id, "carrier": carrier, "sent": sent, "refused": refused, "whole": whole, "rows": _written(rest)}
        return render_template("staff/tracking_progress.html", **told)
    if sent:
        flash(ngettext("%(num)s parcel has left; its fan is told.", "%(num)s parcels have left; their fans are told.", sent))
    if refused:
        flash(ngettext("%(num)s line changed nothing.", "%(num)s lines changed nothing.", refused), "refusal")
    return redirect(url_for("staff.parcel_tracking"), 303)


def _send(going: Sequence[Seen], carrier: str) -> tuple[int, list[str]]:
    """Each in a transaction of its own, so that one that cannot go does not keep the others; how many went, and why not all."""
    done, sentences = 0, []
    for each in going:
        try:
            send_off(each.order_id or 0, carrier, each.tracking)
            done += 1
        except Refusal as no:
            sentences.append(f"№ {each.reference}: {no.detail}")
    return done, sentences


def _label() -> int:
    """The label whose orders the file is about: the only one, or the form's choice."""
    mine = label_ids(Deed.PACK)
    label_id = mine[0] if len(mine) == 1 else forms.number("label", label="Label", most=10**9)
    require(label_id, Deed.PACK)
    return label_id


def _sheet() -> Sheet:
    """The uploaded file, or the same one again from the form that asked for its columns."""
    uploads = [each for each in request.files.getlist("file") if each.filename]
    if len(uploads) > 1:
        raise BadInput("", {"file": "One file at a time."})
    if uploads:
        return tracking_file.read(bytes(uploads[0].read(LARGEST + 1)))
    text = request.form.get("text", "")
    if not text:
        raise BadInput("", {"file": "Choose the file that your carrier's desk exported."})
    return tracking_file.read(text.encode())


def _columns(sheet: Sheet) -> tuple[int | None, int | None]:
    """The columns chosen by hand, otherwise those that are known by name."""
    if "reference" not in request.form:
        return tracking_file.guess(sheet)
    most = len(sheet.heads) - 1
    found = tuple(forms.number(name, label="The column", most=most) for name in ("reference", "tracking"))
    if found[0] == found[1]:
        raise BadInput("", {"file": "The order's number and the tracking number cannot be the same column. Choose the file again."})
    return found[0], found[1]


def _pairs() -> list[tuple[str, str]]:
    lines = forms.text("rows", label="The list", most=UPLOAD, lines=True).split("\n")
    return [(pair[0], pair[2]) for pair in (line.partition("\t") for line in lines) if pair[0]]


def _written(pairs: Sequence[tuple[str, str]]) -> str:
    return "\n".join("\t".join(pair) for pair in pairs)


def _form(no: BadInput | None = None) -> Response:
    mine = label_ids(Deed.PACK)
    with reading() as session:
        labels = desk_labels.rows(session, mine)
        last = order_list.last_carrier(session, mine)
        stages = order_list.stage_counts(session, Wish(tuple(mine)))
    choices = carriers.choices(last)
    values = {"carrier": last or choices[0], "other": "", "label": queries.row_id("label") or mine[0]}
    return asking.form_page("staff/tracking.html", no, values, labels=labels, carriers=choices, stages=stages)


def _ask_columns(label_id: int, carrier: str, sheet: Sheet, reference: int | None, tracking: int | None) -> Response:
    lines = ["\t".join(" ".join(cell.split()) for cell in line) for line in (sheet.heads, *sheet.lines)]
    told = {"heads": sheet.heads, "examples": sheet.lines[:3], "reference": reference, "tracking": tracking}
    return Response(
        render_template("staff/tracking_columns.html", label_id=label_id, carrier=carrier, text="\n".join(lines), **told)
    )


def _preview(label_id: int, carrier: str, seen: Sequence[Seen]) -> Response:
    going = [each for each in seen if each.verdict is Verdict.GOES]
    rows = _written([(each.reference, each.tracking) for each in going])
    others = [each for each in seen if each.verdict is not Verdict.GOES]
    told = {"label_id": label_id, "carrier": carrier, "rows": rows, "going": going, "others": others}
    return Response(render_template("staff/tracking_preview.html", **told))
