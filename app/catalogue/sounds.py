"""Reads an uploaded sound: what it is by its content, how long it is, and the same sound without its tags."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mutagen
from mutagen import MutagenError, apev2
from mutagen.flac import FLAC
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from app.kernel.errors import BadInput

LONGEST = 120  # seconds of a preview
_MOST_CHUNKS = 64  # of a WAV; an honest one has a handful, and reading very many keeps a core busy


@dataclass(frozen=True)
class Sound:
    """The cleaned content, its type and file ending, and its length in seconds."""

    content: bytes
    content_type: str
    ending: str
    seconds: int


@dataclass(frozen=True)
class _Kind:
    content_type: str
    ending: str
    begins: Callable[[bytes], bool]


_KINDS: dict[type, _Kind] = {
    MP3: _Kind("audio/mpeg", ".mp3", lambda head: head[:1] == b"\xff" and head[1] & 0xE0 == 0xE0),
    OggVorbis: _Kind("audio/ogg", ".ogg", lambda head: head[:4] == b"OggS"),
    OggOpus: _Kind("audio/ogg", ".opus", lambda head: head[:4] == b"OggS"),
    FLAC: _Kind("audio/flac", ".flac", lambda head: head[:4] == b"fLaC"),
    MP4: _Kind("audio/mp4", ".m4a", lambda head: head[4:8] == b"ftyp"),
    WAVE: _Kind("audio/wav", ".wav", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE"),
}


def checked(content: bytes, field: str) -> Sound:
    """The sound, known by its content and stripped; BadInput when it is none of ours or longer than a preview."""
    refused = BadInput(
        "", {field: "This is not a sound we can play: MP3, Ogg, Opus, FLAC, M4A or WAV. Export it again and try once more."}
    )
    if content[:4] == b"RIFF" and len(_chunks(content)) > _MOST_CHUNKS:
        raise refused
    try:
        found = mutagen.File(io.BytesIO(content), options=list(_KINDS))
    except (MutagenError, ValueError, KeyError, IndexError, struct.error, EOFError, OverflowError, RecursionError) as fault:
        raise refused from fault
    if found is None or not _only_sound(found):
        raise refused
    kind, seconds = _KINDS[type(found)], float(found.info.length)
    if seconds > LONGEST + 1:
        raise BadInput(
            "", {field: f"A preview lasts at most {LONGEST} seconds; this one lasts {round(seconds)}. Cut it and try again."}
        )
    try:
        clean = _stripped(found, content)
    except (MutagenError, ValueError, KeyError, IndexError, struct.error, EOFError) as fault:
        raise refused from fault
    if not seconds >= 0.05 or len(clean) < 64 or not kind.begins(clean[:16]):
        raise refused
    return Sound(clean, kind.content_type, kind.ending, max(1, round(seconds)))


def _only_sound(found: Any) -> bool:
    """An MP4 may also be a film; only its sound codecs pass."""
    info: Any = found.info
    return type(found) is not MP4 or str(info.codec).startswith(("mp4a", "alac", "Opus", "fLaC"))


def _stripped(found: Any, content: bytes) -> bytes:
    kind = type(found)
    if kind is WAVE:
        return _bare_wave(content)
    file = io.BytesIO(content)
    if kind is FLAC:
        found.clear_pictures()
        if found.tags is not None:
            found.tags.clear()
        found.save(file, deleteid3=True)
    else:
        found.delete(file)
    if kind is MP3:
        apev2.delete(file)
    return file.getvalue()


def _bare_wave(content: bytes) -> bytes:
    """Only the format and the samples: names, pictures and notes live in other chunks."""
    kept = bytearray()
    for name, start, size in _chunks(content):
        if name in {b"fmt ", b"data"}:
            body = content[start : start + size]
            kept += name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(kept) + 4) + b"WAVE" + bytes(kept)


def _chunks(content: bytes) -> list[tuple[bytes, int, int]]:
    """The chunks of a RIFF file as (name, where its body starts, its length), one more than we allow at the most."""
    found: list[tuple[bytes, int, int]] = []
    at = 12
    while at + 8 <= len(content) and len(found) <= _MOST_CHUNKS:
        size: int = struct.unpack("<I", content[at + 4 : at + 8])[0]
        found.append((content[at : at + 4], at + 8, size))
        at += 8 + size + size % 2
    return found
