"""Objects and strips are drawn whole, escaped, and without anything a strict content policy forbids."""

import xml.etree.ElementTree as ET

import pytest

from app.web.drawing import draw, kind_of
from app.web.drawing.objects import KINDS
from app.web.strip import called_out, strip

EVIL = "\"><script>alert(1)</script>&'<"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fine", [True, False])
@pytest.mark.parametrize("artwork", [None, "/media/a.jpg?v=1&w=2"])
def test_every_object_is_well_formed(kind: str, fine: bool, artwork: str | None) -> None:
    drawn = draw(kind, "clear", "#2c5f8a", title="Slow Lift", artist="Maren Ode", catalogue_number="TAPE-014",
                 artwork_url=artwork, fine=fine)  # fmt: skip
    root = ET.fromstring(str(drawn))  # noqa: S314 (our own drawing)
    assert root.get("viewBox")
    assert " style=" not in drawn
    assert "<style" not in drawn
    if artwork and kind != "other":
        assert "/media/a.jpg?v=1&amp;w=2" in drawn
    else:
        assert "<image" not in drawn


@pytest.mark.parametrize("kind", KINDS)
def test_text_is_escaped(kind: str) -> None:
    drawn = draw(kind, EVIL, EVIL, title=EVIL, artist=EVIL, catalogue_number=EVIL, artwork_url=EVIL, alt=EVIL)
    ET.fromstring(str(drawn))  # noqa: S314 (our own drawing)
    assert "<script" not in drawn


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//elsewhere.example/a.png", "data:text/html,x", "a.jpg"])
def test_odd_artwork_addresses_are_left_out(address: str) -> None:
    assert "<image" not in draw("cassette", artwork_url=address)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_thing_is_drawn_the_same_every_time(kind: str) -> None:
    assert draw(kind, title="One") == draw(kind, title="One")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("title", ["", "A", "A very long title about the weather in the harbour at night " * 4])
def test_titles_of_any_length_fit(kind: str, title: str) -> None:
    assert len(draw(kind, title=title, artist=title, catalogue_number=title)) < 40_000


@pytest.mark.parametrize(
    ("spelt", "kind"),
    [
        ("cassette", "cassette"),
        ("Tape", "cassette"),
        ("vinyl_7", "vinyl7"),
        ("7″ vinyl", "vinyl7"),
        ("10-inch", "vinyl10"),
        ("VINYL12", "vinyl12"),
        ("LP", "vinyl12"),
        ("USB-zine", "usb_zine"),
        ("zine", "zine"),
        ("CD", "cd"),
        ("shirt", "other"),
        ("", "other"),
    ],
)
def test_formats_are_known_however_they_are_spelt(spelt: str, kind: str) -> None:
    assert kind_of(spelt) == kind


def test_a_drawing_says_what_it_is_or_is_decoration() -> None:
    assert 'role="img" aria-label="Cassette: Slow Lift"' in draw("cassette", title="Slow Lift")
    assert 'aria-hidden="true"' in draw("cassette", title="Slow Lift", alt="")


def test_an_unknown_shell_colour_falls_back() -> None:
    assert draw("cassette", "chartreuse-ish") == draw("cassette", "bone")


def test_a_strip_counts_and_draws_every_copy() -> None:
    drawn = strip("aahhhsssw")
    assert (drawn.free, drawn.held, drawn.sold, drawn.withdrawn, drawn.made, drawn.last) == (2, 3, 3, 1, 9, 9)
    boxes = sum(data.count("z") for group in drawn.groups for _, data in group.paths)
    feet = sum(data.count("h7M") + data.endswith("h7") for g in drawn.groups for kind, data in g.paths if kind == "withdrawn")
    assert (boxes, feet) == (8, 1)


def test_states_differ_in_shape() -> None:
    paths = dict(strip("ahsw").groups[0].paths)
    assert set(paths) == {"free", "held", "sold", "withdrawn"}
    assert "l7-6" in paths["held"]
    assert "l7-6" not in paths["free"]
    assert "z" not in paths["withdrawn"]


@pytest.mark.parametrize(
    ("made", "grain", "groups"),
    [(0, "few", 0), (1, "few", 1), (60, "few", 12), (61, "many", 7), (500, "many", 50), (10_000, "crowd", 500)],
)
def test_runs_of_any_size_are_grouped(made: int, grain: str, groups: int) -> None:
    drawn = strip("a" * made)
    assert (drawn.grain, len(drawn.groups)) == (grain, groups)


def test_ten_thousand_copies_stay_affordable() -> None:
    size = sum(len(data) for group in strip("ahsw" * 2500).groups for _, data in group.paths)
    assert size < 250_000


def test_yours_are_called_out_by_number_and_neighbours_together() -> None:
    assert [(c.at, c.text) for c in called_out([3, 4, 5, 9, 400], 1, 100)] == [(2, "003–005"), (8, "009")]
    group = strip("s" * 100, [17]).groups[1]
    assert [(c.at, c.text) for c in group.callouts] == [(6, "017")]
    assert dict(group.paths)["sold yours"].count("z") == 1


def test_numbering_may_begin_elsewhere() -> None:
    assert [(c.at, c.text) for c in called_out([101], 101, 50)] == [(0, "101")]


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown copy states"):
        strip("aax")
