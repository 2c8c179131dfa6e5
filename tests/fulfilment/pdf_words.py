"""Reads a slip's PDF back: its pages, its words, and the fonts they are printed in."""

import re
import zlib


def pages(data: bytes) -> int:
    """How many sheets there are."""
    return len(re.findall(rb"/Type /Page\b", data))


def words(data: bytes) -> list[str]:
    """Every text that the PDF shows, in sequence."""
    return [text for text, _ in printed(data)]


def printed(data: bytes) -> list[tuple[str, str]]:
    """Every text with the name of its font: glyphs are turned back by each font's own ToUnicode table."""
    objects = {int(found[1]): found[2] for found in re.finditer(rb"(?s)\n(\d+) 0 obj\n(.*?)\nendobj", data)}
    fonts = {name: _font(objects, int(number)) for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", data)}
    found = []
    for number in sorted(objects):
        if b"/Contents" in objects[number]:
            at = int(re.search(rb"/Contents (\d+) 0 R", objects[number])[1])  # type: ignore[index]  # as just seen
            found += _shown(_stream(objects[at]), fonts)
    return found


def _font(objects: dict[int, bytes], number: int) -> tuple[str, dict[int, str]]:
    """A font's name, with where in the PDF it stands, and what its glyphs mean."""
    table = int(re.search(rb"/ToUnicode (\d+) 0 R", objects[number])[1])  # type: ignore[index]  # each font has one
    name = re.search(rb"/BaseFont /[A-Z]+\+(\S+)", objects[number])[1]  # type: ignore[index]  # and a name
    return f"{name.decode()} {number}", _glyphs(_stream(objects[table]))


def _shown(content: bytes, fonts: dict[bytes, tuple[str, dict[int, str]]]) -> list[tuple[str, str]]:
    found, called, glyphs = [], "", {}
    for name, text in re.findall(rb"(?s)/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) ?Tj", content):
        if name:
            called, glyphs = fonts[name]
            continue
        raw = re.sub(rb"(?s)\\(.)", lambda found: {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(found[1], found[1]), text)
        codes = (int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2))
        found.append(("".join(glyphs.get(code, "?") for code in codes), called))
    return found


def _glyphs(table: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", table)
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def _stream(body: bytes) -> bytes:
    raw = body.split(b"stream\n", 1)[1].rsplit(b"\nendstream", 1)[0]
    return zlib.decompress(raw) if b"FlateDecode" in body.split(b"stream\n", 1)[0] else raw
