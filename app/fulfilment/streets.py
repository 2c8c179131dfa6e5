"""Takes a street and its house number apart, for carriers that want them in two columns."""

import re

_NUMBER = re.compile(r"\d+\s?[A-Za-z]?(?:\s?[-/]\s?\d*[A-Za-z]*){0,4}")
_GAPS = re.compile(r"[ ,]")


def apart(line: str) -> tuple[str, str]:
    """Street and house number, wherever the country writes the number; the number is empty where none is found."""
    line = line.strip()
    gaps = [gap.start() for gap in _GAPS.finditer(line)][::-1]
    for at in gaps:  # the number at the end, with a street before it
        street, number = line[:at].rstrip(" ,"), line[at:].strip(" ,")
        if street and not street[-1].isdigit() and _NUMBER.fullmatch(number):
            return street, number
    for at in gaps:
        number, street = line[:at].strip(" ,"), line[at:].lstrip(" ,")
        if street and not street[0].isdigit() and _NUMBER.fullmatch(number):
            return street, number
    return line, ""
