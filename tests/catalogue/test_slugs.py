"""Slugs: what a title becomes, and what may be typed."""

import pytest

from app.catalogue import slugs
from app.kernel.errors import BadInput


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Night Bus", "night-bus"),
        ("Prüfung für Größe", "pruefung-fuer-groesse"),
        ("Sigur Rós: Ágætis", "sigur-ros-agaetis"),
        ("№ 9 & others!!", "no-9-and-others"),
        ("日本", "untitled"),
        ("<script>alert(1)</script>", "script-alert-1-script"),
        ("x" * 200, "x" * 80),
    ],
)
def test_a_title_becomes_a_slug(title: str, slug: str) -> None:
    assert slugs.made_from(title) == slug
    assert slugs.checked(slug) == slug


@pytest.mark.parametrize("typed", ["Night", "a b", "-a", "a-", "a--b", "a/b", "../a", "a.b", "ä", "x" * 81, "a\n"])
def test_what_is_no_slug_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        slugs.checked(typed)


def test_the_first_free_one_is_taken() -> None:
    taken = {"night-bus", "night-bus-2"}
    assert slugs.free("night-bus", taken.__contains__) == "night-bus-3"
    assert slugs.free("day-bus", taken.__contains__) == "day-bus"
