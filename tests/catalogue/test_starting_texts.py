"""Texts to begin with name the label, leave no gap to be filled, and can be printed."""

import pytest

from app.catalogue import starting_texts
from app.web.prose import prose


@pytest.mark.parametrize("made", [starting_texts.privacy, starting_texts.withdrawal])
def test_each_is_whole(made: object) -> None:
    text = made("Tinsel Tapes", "desk@tinsel.example")  # type: ignore[operator]  # either of two functions
    assert ("Tinsel Tapes" in text, "desk@tinsel.example" in text) == (True, True)
    assert not {"{", "}", "[", "]", "TODO"} & set(text)
    html = prose(text)
    assert html.count("<h2>") == text.count("## ") > 1
    assert all(line.strip() == line for line in text.split("\n"))


def test_a_paragraph_is_a_line() -> None:
    paragraphs = starting_texts.withdrawal("A", "a@b.example").split("\n\n")
    assert all("\n" not in paragraph for paragraph in paragraphs)
