"""The letter that shows whether the shop's mail arrives: a word to be typed, or a link that brings it along."""

from app.kernel.mail import Letter
from app.reports.letter_paper import letter


def check_letter(to: str, key: str, word: str, url: str, shop: str) -> Letter:
    """`key` makes its Message-ID, `word` is what proves that it was read."""
    return letter(
        "check", f"mail.check.{key}", to, f"{word} is the word", word=word, url=url, shop=shop, label={"name": shop, "ink_loud": ""}
    )
