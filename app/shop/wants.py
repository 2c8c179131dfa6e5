"""Reads what a fan wants to hold: pairs of `run` and `quantity`, paired by their position in the form."""

from flask import request

from app.drops.sale import Sale
from app.kernel.errors import BadInput
from app.web import forms

_MOST_RUNS, _MOST_COPIES = 50, 100


def posted() -> dict[str, int]:
    """The wanted quantity per run's slug; BadInput when anything about it is unclear. Parameters in the address do not count."""
    runs, quantities = request.form.getlist("run"), request.form.getlist("quantity")
    if not runs or len(runs) != len(quantities):
        raise BadInput("Each run needs one quantity. Please go back and choose again.", {"quantity": "One quantity for each run."})
    if len(set(runs)) != len(runs) or len(runs) > _MOST_RUNS:
        raise BadInput("A run was named twice. Please go back and choose again.", {"run": "Named twice."})
    return {run: _quantity(text) for run, text in zip(runs, quantities, strict=True)}


def of_drop(sale: Sale, wanted: dict[str, int]) -> dict[int, int]:
    """The same per run id; BadInput for a run that this drop does not sell, and when no copy is wanted."""
    ids = {run.slug: run.run_id for run in sale.runs}
    if not wanted.keys() <= ids.keys():
        raise BadInput("That run is not sold in this drop. Nothing was held.", {"run": "Not sold here."})
    if not any(wanted.values()):
        raise BadInput("Choose at least one copy. Nothing was held.", {"quantity": "At least one copy."}, drop=sale.slug)
    return {ids[slug]: quantity for slug, quantity in wanted.items()}


def _quantity(text: str) -> int:
    return forms.whole(text, name="quantity", label="The quantity", most=_MOST_COPIES)
