"""Artwork and previews: the same for the same seed, whole files of the promised shape, nothing clipped."""

import io
import wave
from array import array

import pytest
from PIL import Image, ImageStat

from app.seed.artwork import artwork
from app.seed.moods import MOODS
from app.seed.sound import preview
from app.seed.styles import STYLES

PALETTE = ("#f3ecdf", "#e8432c", "#1f4fa3")


@pytest.mark.parametrize("style", STYLES)
def test_a_sheet_is_the_same_for_the_same_seed_and_another_for_another(style: str) -> None:
    one = artwork(1, style, PALETTE, 200)
    assert artwork(1, style, PALETTE, 200) == one
    assert artwork(2, style, PALETTE, 200) != one


@pytest.mark.parametrize("style", STYLES)
def test_a_sheet_is_a_square_picture_with_paper_and_ink(style: str) -> None:
    with Image.open(io.BytesIO(artwork(3, style, PALETTE, 300))) as picture:
        assert (picture.format, picture.size, picture.mode) == ("JPEG", (300, 300), "RGB")
        lightest, darkest = (ImageStat.Stat(picture.convert("L")).extrema[0][i] for i in (1, 0))
        assert lightest > 215
        assert darkest < 120


def test_a_palette_needs_two_inks_and_a_style_must_exist() -> None:
    with pytest.raises(ValueError, match="two inks"):
        artwork(1, "moire", ("#fff", "#000"), 100)
    with pytest.raises(KeyError):
        artwork(1, "oil", PALETTE, 100)


@pytest.mark.parametrize("mood", MOODS)
def test_a_preview_is_the_same_for_the_same_seed_and_another_for_another(mood: str) -> None:
    one = preview(1, mood, 2.0)
    assert preview(1, mood, 2.0) == one
    assert preview(2, mood, 2.0) != one


@pytest.mark.parametrize("mood", MOODS)
def test_a_preview_is_a_whole_wav_that_neither_clips_nor_clicks(mood: str) -> None:
    samples = _samples(preview(5, mood, 4.0))
    assert len(samples) == 4 * 22050
    loudest = max(map(abs, samples))
    assert 12000 < loudest <= 29163  # 0.89 of full scale
    assert max(abs(samples[0]), abs(samples[-1])) < 100
    assert abs(sum(samples) / len(samples)) < 400  # no constant pressure on the cone
    quiet = sum(abs(s) < 60 for s in samples) / len(samples)
    assert quiet < 0.5


@pytest.mark.parametrize("seconds", [0.5, 31.0, -1.0])
def test_a_preview_has_a_sensible_length(seconds: float) -> None:
    with pytest.raises(ValueError, match="from 1 to 30"):
        preview(1, "drone", seconds)


def _samples(data: bytes) -> "array[int]":
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22050)
        return array("h", file.readframes(file.getnframes()))
