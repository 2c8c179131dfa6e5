"""Passwords that everybody tries are refused, and sentences are not."""

import pytest

from app.accounts import lost_passwords, passwords
from app.kernel.errors import BadInput


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Password2026!", "P@ssw0rd2026", "passwordpassword", "qwertyuiop123", "QWERTYUIOP12", "1q2w3e4r5t6y",
        "administrator", "christopher1", "Liverpool1892!!", "123456789012", "111111111111", "abcabcabcabc", "123412341234",
        "aaaaaaaaaaaaaab", "iloveyou2026", "peanut butter", "letmein!!!!!", "!!!!!!!!!!!!", "michaeljackson",
    ],
)  # fmt: skip
def test_what_everybody_tries_is_refused(password: str) -> None:
    with pytest.raises(BadInput) as no:
        passwords.hashed(password)
    assert no.value.fields == {"password": passwords.COMMON}


@pytest.mark.parametrize(
    "password",
    [
        "seven tapes in a drawer", "correct horse battery staple", "my password is not this", "löffel-und-kanne-3",
        "4Rw!9zQx#2Lm", "ключ под ковриком",
    ],
)  # fmt: skip
def test_a_sentence_and_a_random_one_are_not(password: str) -> None:
    assert not lost_passwords.is_common(password)


def test_none_that_we_suggest_is_refused() -> None:
    assert not any(lost_passwords.is_common(passwords.suggested()) for _ in range(500))


def test_the_list_is_there() -> None:
    """A list that is empty or cut off would let everything pass."""
    held = lost_passwords._LIST.read_bytes()
    assert (len(held) % lost_passwords.WIDTH, len(held) // lost_passwords.WIDTH > 10_000) == (0, True)
    digests = [held[at : at + lost_passwords.WIDTH] for at in range(0, len(held), lost_passwords.WIDTH)]
    assert digests == sorted(set(digests))
