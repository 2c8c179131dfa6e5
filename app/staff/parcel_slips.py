"""Parcel slips: the orders to be posted as a carrier's own desk takes them, each looked at before it goes into the file."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response, render_template, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.catalogue.models import Label
from app.fulfilment import posting_csv, shapes
from app.fulfilment.checks import Fault
from app.fulfilment.shapes.shape import Mend, Shape
from app.kernel.errors import BadInput, NotFound
from app.reports import desk_labels, order_choices, order_list, postage_kinds, posting_page
from app.reports.order_list import Wish
from app.reports.order_stage import Stage
from app.reports.posting_page import Judged
from app.staff import deed, queries
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, person, require
from app.web.house import house, now, reading, transaction


@dataclass(frozen=True)
class Asked:
    """Which parcels, for which carrier: what the address says; `part` only numbers a file.

    `postage` are the keys of the kinds that were chosen for this carrier, None where nobody has chosen.
    """

    label_id: int
    shape: Shape
    wish: Wish
    ids: list[int]
    part: int
    postage: tuple[str, ...] | None

    @property
    def link(self) -> dict[str, object]:
        """The same question as parts of an address."""
        about = {"label": self.label_id, "shape": self.shape.key, "drop": self.wish.drop_id, "stage": self.wish.stage}
        return {**about, **self.chosen, "order": self.ids or None}

    @property
    def chosen(self) -> dict[str, object]:
        """The chosen kinds of postage as parts of an address: they count for the carrier that they were chosen for."""
        return {} if self.postage is None else {"for": self.shape.key, "postage": list(self.postage)}


@bp.get("/packing/parcel-slips")
@needs(Deed.PACK)
def parcel_slips() -> ResponseReturnValue:
    """What would go into the carrier's file and what would not, before anything is downloaded."""
    asked, mine = _asked(), label_ids(Deed.PACK)
    with reading() as session:
        labels = desk_labels.rows(session, mine) if len(mine) > 1 else []
        stages = order_list.stage_counts(session, Wish(tuple(label_ids(Deed.PACK))))
        drops = order_choices.choices(session, asked.wish.label_ids).drops
        ids = posting_page.chosen(session, asked.wish, asked.ids)
    more, every = len(ids) > posting_page.MOST, list(_judged(asked.shape, ids[: posting_page.MOST]))
    customs = any(each.posting.customs for each in every)
    kinds = postage_kinds.kinds((each.posting for each in every), asked.shape, asked.postage)
    every = [each for each in every if postage_kinds.taken(each.posting, asked.shape, asked.postage)]
    good = [each.posting for each in every if not each.faults]
    at_once = asked.shape.at_once or max(len(good), 1)
    ids = [posting.order_id for posting in good]
    return render_template(
        "staff/parcel_slips.html",
        asked=asked,
        labels=labels,
        drops=drops,
        stages=stages,
        shapes=list(shapes.ALL.values()),
        customs=customs,
        kinds=kinds,
        good=good,
        bad=[each for each in every if each.faults],
        parts=[ids[start : start + at_once] for start in range(0, len(ids), at_once)],
        at_once=at_once,
        more=more,
        most=posting_page.MOST,
        mend_of=mend_of,
        manages=person().may(asked.label_id, Deed.MAKE),
    )


@bp.get("/packing/parcel-slips/good.csv")
@needs(Deed.PACK)
def parcel_slips_good() -> ResponseReturnValue:
    """The carrier's file, noted in the audit log, as it holds addresses; a part is named by its orders, so that none shifts."""
    asked = _asked()
    name = f"{asked.shape.key}-{now():%Y-%m-%d}" + (f"-{asked.part}" if asked.part else "")
    return _download(asked, name, f"text/csv; charset={asked.shape.encoding}", _good(asked))


@bp.get("/packing/parcel-slips/bad.csv")
@needs(Deed.PACK)
def parcel_slips_bad() -> ResponseReturnValue:
    """The parcels that the carrier would refuse, with the reasons."""
    asked = _asked()
    return _download(asked, f"{asked.shape.key}-not-yet-{now():%Y-%m-%d}", "text/csv; charset=utf-8", _bad(asked))


def mend_of(judged: Judged, fault: Fault) -> str:
    """Where a fault can be put right."""
    if fault.mend is Mend.SENDER:
        return url_for("staff.postage_sender", label_id=judged.posting.label_id)
    if fault.mend is Mend.RUN and fault.run_id is not None:
        return url_for("staff.run_edit", run_id=fault.run_id)
    return url_for("staff.order", order_id=judged.posting.order_id)


def _good(asked: Asked) -> Iterator[bytes]:
    yield from posting_csv.good(asked.shape, (each.posting for each in _every(asked) if not each.faults))


def _bad(asked: Asked) -> Iterator[bytes]:
    base = house().settings.base_url
    wrong = (each for each in _every(asked) if each.faults)
    yield from posting_csv.bad((each.posting, each.faults, base + mend_of(each, each.faults[0])) for each in wrong)


def _every(asked: Asked) -> Iterator[Judged]:
    with reading() as session:
        ids = posting_page.chosen(session, asked.wish, asked.ids)
    every = _judged(asked.shape, ids[: posting_page.MOST])
    return (each for each in every if postage_kinds.taken(each.posting, asked.shape, asked.postage))


def _judged(shape: Shape, ids: list[int]) -> Iterator[Judged]:
    for piece in posting_page.pieces(ids):
        with reading() as session:
            found = posting_page.judged(session, shape, piece)
        yield from found


def _download(asked: Asked, name: str, kind: str, pieces: Iterator[bytes]) -> Response:
    with transaction() as session:
        detail = {"shape": asked.shape.key, "stage": asked.wish.stage, "drop": asked.wish.drop_id}
        deed.note(session, "orders.exported", "label", asked.label_id, asked.label_id, **detail)
    answer = Response(stream_with_context(pieces), content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _asked() -> Asked:
    """Reads the address. BadInput for a carrier that there is not, NotFound for another's label."""
    mine = label_ids(Deed.PACK)
    label_id = queries.row_id("label") or mine[0]
    require(label_id, Deed.PACK)
    with reading() as session:
        label = session.get(Label, label_id)
        if label is None:
            raise NotFound("There is no such label.")
        shape = _shape(label.country)
    stage = queries.choice("stage", Stage)
    if stage is not None and stage not in posting_page.STAGES:
        raise BadInput("Only parcels that are still here can be posted.")
    part = queries.page("part") if queries.typed("part") else 0
    postage = tuple(queries.several("postage")) if queries.typed("for") == shape.key else None
    return Asked(label_id, shape, Wish((label_id,), stage, queries.row_id("drop")), queries.row_ids("order"), part, postage)


def _shape(country: str) -> Shape:
    key = queries.typed("shape")
    if not key:
        return shapes.at_home(country)
    if key not in shapes.ALL:
        raise BadInput("There is no such carrier. Please choose one of the list.")
    return shapes.ALL[key]
