"""A label's inks are readable on both stocks, or refused in a sentence."""

import re
from pathlib import Path

import pytest

from app.web.colour import Oklch, contrast, from_hex, in_gamut, parse, to_hex
from app.web.theme import DAY, LOUD, NIGHT, QUIET, READABLE, fill_on, ink_on, problems, text_on, theme_css

TOKENS = Path(__file__).parents[2] / "app/static/css/tokens.css"


@pytest.mark.parametrize("hexed", ["#000000", "#ffffff", "#d03106", "#2c5f8a", "#00ff00", "#123456"])
def test_hex_survives_the_way_to_oklch_and_back(hexed: str) -> None:
    assert to_hex(from_hex(hexed)) == hexed


def test_oklch_agrees_with_known_values() -> None:
    red = from_hex("#ff0000")
    assert (round(red.lightness, 3), round(red.chroma, 3), round(red.hue, 1)) == (0.628, 0.258, 29.2)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("oklch(62% 0.2 33)", Oklch(0.62, 0.2, 33)),
        (" OKLCH( 0.62 0.2 -30deg ) ", Oklch(0.62, 0.2, 330)),
    ],
)
def test_oklch_notation_is_read(text: str, colour: Oklch) -> None:
    assert parse(text) == colour


@pytest.mark.parametrize(
    "text", ["", "red", "#12", "#12345g", "oklch(200% 0.2 3)", "oklch(62% 9 3)", "oklch(1.2.3 0 0)", "url(//x)"]
)
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"colour|OKLCH"):
        parse(text)


def test_a_colour_beyond_the_screen_keeps_lightness_and_hue() -> None:
    vivid = Oklch(0.7, 0.4, 150)
    assert not in_gamut(vivid)
    shown = from_hex(to_hex(vivid))
    assert abs(shown.lightness - 0.7) < 0.01
    assert abs(shown.hue - 150) < 2


def test_contrast_of_black_on_white_is_21() -> None:
    assert round(contrast(from_hex("#000"), from_hex("#fff")), 1) == 21.0


@pytest.mark.parametrize("hue", range(0, 360, 20))
@pytest.mark.parametrize("lightness", [0.3, 0.5, 0.62, 0.8, 0.92])
def test_every_ink_can_be_read_by_day_and_by_night(hue: int, lightness: float) -> None:
    colour = Oklch(lightness, 0.15, hue)
    for stock in (DAY, NIGHT):
        assert contrast(ink_on(colour, stock), stock.paper) >= READABLE
        fill = fill_on(colour, stock)
        assert contrast(fill, text_on(fill)) >= READABLE


def test_the_text_itself_can_be_read() -> None:
    for stock in (DAY, NIGHT):
        assert contrast(stock.paper, stock.ink) > 12


def test_a_yellow_stays_yellow_as_a_block_and_darkens_as_text() -> None:
    css = theme_css("#ffe000", "#2c5f8a")
    assert "--fill-loud: #ffe000; --on-loud: #201811;" in css
    assert "--ink-loud: #ffe000" not in css.split("@media")[0]


def test_the_theme_is_two_sets_of_hex_tokens_in_its_layer() -> None:
    css = theme_css(LOUD, QUIET)
    assert css.count("--ink-loud: #") == 2
    assert "@layer theme {" in css
    assert "screen and (prefers-color-scheme: dark)" in css
    assert not re.search(r"url|import|;\s*}\s*<", css)


def test_the_house_inks_in_the_style_sheet_are_the_tuned_ones() -> None:
    day, night = TOKENS.read_text().split("@media screen and (prefers-color-scheme: dark)")
    tuned_day, tuned_night = theme_css(LOUD, QUIET).split("@media")
    for sheet, tuned in ((day, tuned_day), (night, tuned_night)):
        for token in re.findall(r"--(?:ink|fill|on)-(?:loud|quiet): #\w+;", tuned):
            assert token in sheet
    assert f"--paper: {to_hex(DAY.paper)};" in day
    assert f"--ink: {to_hex(NIGHT.ink)};" in night


def test_good_inks_have_no_problems() -> None:
    assert problems(LOUD, QUIET) == []
    assert problems("#ffe000", "oklch(45% 0.12 300)") == []


@pytest.mark.parametrize(
    ("loud", "quiet", "words"),
    [
        ("tomato", QUIET, "The loud ink is not a colour"),
        (LOUD, "#fff; }", "The quiet ink is not a colour"),
        ("#f8f3ea", QUIET, "almost the colour of the paper"),
        (LOUD, "#221a14", "almost the black of the text"),
        ("#888888", QUIET, "grey is not loud"),
        ("#e0421f", "#e04a25", "nearly the same"),
    ],
)
def test_bad_inks_are_refused_in_words(loud: str, quiet: str, words: str) -> None:
    assert len(found := problems(loud, quiet)) == 1
    assert words in found[0]
