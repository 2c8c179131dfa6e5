"""Writes letters that a carrier cannot read as the nearest ones that it can, and says which have none."""

import unicodedata

# Letters that are no letter with a mark, so that Unicode does not take them apart.
_NEAREST = str.maketrans({"Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i", "ŋ": "n", "Ŋ": "N", "ħ": "h", "Ħ": "H", "ſ": "s",
                          "Œ": "OE", "œ": "oe", "Ŧ": "T", "ŧ": "t", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"',
                          "„": '"', "″": '"', "′": "'", "…": "...", "№": "No.", "×": "x", "\u00a0": " "})  # fmt: skip


def plain(text: str, signs: str) -> str:
    """The text in signs that the codec has, where there is a nearest one; other signs stay."""
    return "".join(sign if _fits(sign, signs) else _nearest(sign, signs) for sign in unicodedata.normalize("NFC", text))


def unreadable(text: str, signs: str) -> str:
    """The signs for which the codec has nothing near, each once; empty when all can be written."""
    return "".join(dict.fromkeys(sign for sign in plain(text, signs) if not _fits(sign, signs)))


def _fits(sign: str, codec: str) -> bool:
    try:
        sign.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _nearest(sign: str, signs: str) -> str:
    bare = "".join(part for part in unicodedata.normalize("NFD", sign.translate(_NEAREST)) if not unicodedata.combining(part))
    return bare if bare and all(_fits(part, signs) for part in bare) else sign
