"""Takes a street and its house number apart, for carriers that want them in two columns."""

import re

_NUMBER = r"\d+\s?[A-Za-z]?(?:\s?[-/]\s?\d*[A-Za-z]*)*"
_LAST = re.compile(rf"(?P<street>.*\D)[ ,]+(?P<number>{_NUMBER})")
_FIRST = re.compile(rf"(?P<number>{_NUMBER})[ ,]+(?P<street>\D.*)")


def apart(line: str) -> tuple[str, str]:
    """Street and house number, wherever the country writes the number; the number is empty where none is found."""
    found = _LAST.fullmatch(line.strip()) or _FIRST.fullmatch(line.strip())
    if found is None:
        return line.strip(), ""
    return found["street"].strip(" ,"), found["number"].strip()
