"""The demo's shelf: what is shown newest first looks so, by day and by number."""

from app.seed.shelf import SHELF


def test_the_numbers_are_in_the_sequence_of_the_days() -> None:
    assert [plan.number for plan in sorted(SHELF, key=lambda plan: plan.days)] == sorted(plan.number for plan in SHELF)
    assert len({plan.days for plan in SHELF}) == len(SHELF)  # no two on one day, whose sequence would be chance
