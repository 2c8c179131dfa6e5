"""Tokens: only the right key, kind, row and generation make one; the smallest change makes it worthless."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.tokens import Tokens

OLD, NEW = b"the key before the rotation 1234", b"the key after the rotation 12345"


def test_a_token_proves_its_row() -> None:
    tokens = Tokens((NEW,))
    token = tokens.make("hold", 255, 1)
    assert token.startswith("ff-")
    assert len(token) == 3 + 27
    assert tokens.peek(token) == 255
    assert tokens.proves(token, "hold", 255, 1)


@pytest.mark.parametrize(("kind", "row", "generation"), [("order", 255, 1), ("hold", 256, 1), ("hold", 255, 2)])
def test_it_proves_nothing_else(kind: str, row: int, generation: int) -> None:
    assert not Tokens((NEW,)).proves(Tokens((NEW,)).make("hold", 255, 1), kind, row, generation)


def test_old_tokens_are_good_after_a_rotation_and_bad_when_the_old_key_is_gone() -> None:
    token = Tokens((OLD,)).make("hold", 7, 1)
    assert Tokens((NEW, OLD)).proves(token, "hold", 7, 1)
    assert not Tokens((NEW,)).proves(token, "hold", 7, 1)
    assert Tokens((NEW, OLD)).make("hold", 7, 1) == Tokens((NEW,)).make("hold", 7, 1)


@given(st.data())
def test_every_changed_character_spoils_it(data: st.DataObject) -> None:
    tokens = Tokens((NEW,))
    token = tokens.make("hold", 4711, 3)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda c: c != token[place]))
    spoiled = token[:place] + other + token[place + 1 :]
    # The last character carries four bits only, so some of its changes could mean the same bytes; they must fail too.
    assert not tokens.proves(spoiled, "hold", 4711, 3)


@pytest.mark.parametrize(
    "text", ["", "-", "1", "0-" + "A" * 27, "1-" + "A" * 26, "G-" + "A" * 27, "f" * 16 + "-" + "A" * 27, "1-" + "A" * 10240,
             "1-" + "A" * 27 + "\n", "../../etc", "١-" + "A" * 27]
)  # fmt: skip
def test_what_has_not_the_shape_is_no_token(text: str) -> None:
    assert Tokens((NEW,)).peek(text) is None
    assert not Tokens((NEW,)).proves(text, "hold", 1, 1)


def test_an_id_has_one_spelling() -> None:
    tokens = Tokens((NEW,))
    assert not tokens.proves("0" + tokens.make("hold", 1, 1), "hold", 1, 1)


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_any_text_may_be_shown(text: str) -> None:
    assert not Tokens((NEW,)).proves(text, "hold", 1, 1)


def test_a_digest_depends_on_kind_text_and_key() -> None:
    digests = {Tokens((key,)).digest(kind, text) for key in (OLD, NEW) for kind in ("net", "mail") for text in ("a", "b")}
    assert len(digests) == 8
    assert all(len(digest) == 32 for digest in digests)
