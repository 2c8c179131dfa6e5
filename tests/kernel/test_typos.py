"""Which e-mail address was probably meant: a domain that is nearly a well-known one, and no other."""

import pytest

from app.kernel.typos import meant


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("ada@gmial.com", "ada@gmail.com"),  # neighbours swapped
        ("ada@gmail.co", "ada@gmail.com"),  # a letter missing
        ("ada@gmaill.com", "ada@gmail.com"),  # one too many
        ("ada@gnail.com", "ada@gmail.com"),  # another key
        ("Ada+Tapes@GMIAL.COM", "Ada+Tapes@gmail.com"),
        ("ada@hotnail.con", "ada@hotmail.com"),  # two slips in a long one
        ("ada@gmx.dee", "ada@gmx.de"),
        ("ada@wbe.de", "ada@web.de"),
        ("a@b@gmial.com", "a@b@gmail.com"),
    ],
)
def test_a_slip_is_seen(typed: str, better: str) -> None:
    assert meant(typed) == better


@pytest.mark.parametrize(
    "typed",
    [
        "ada@gmail.com",
        "ada@mail.com",  # as real as gmail.com
        "ada@ymail.com",
        "ada@hotmail.it",
        "ada@gmx.eu",
        "ada@example.org",
        "ada@gxm.dee",  # two slips in a short one may be a name of its own
        "ada@runout.example",
        "@gmial.com",
        "ada@",
        "ada",
        "",
    ],
)
def test_what_may_be_right_is_left_alone(typed: str) -> None:
    assert meant(typed) is None
