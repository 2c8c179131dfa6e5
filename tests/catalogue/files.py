"""Uploads, honest and hostile, made in memory."""

import io
import struct
import zlib

from mutagen.id3 import APIC, TIT2
from mutagen.wave import WAVE
from PIL import Image

from app.seed.moods import MOODS
from app.seed.sound import preview


def picture(kind: str = "JPEG", size: tuple[int, int] = (900, 600), **more: object) -> bytes:
    """A picture with a camera, a description and a turned camera in its EXIF."""
    image = Image.new("RGB", size, (200, 60, 30))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x010E] = 6, "A Camera", "where we live"
    out = io.BytesIO()
    image.save(out, kind, exif=exif, **more)
    return out.getvalue()


def flood() -> bytes:
    """A PNG of 60,000 × 60,000 pixels in a few hundred bytes."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def wave(seconds: float = 2.0) -> bytes:
    """A short sound."""
    return preview(3, min(MOODS), seconds)


def tagged_wave() -> bytes:
    """The same with a title and a picture among its tags, and a note in a chunk of its own."""
    file = io.BytesIO(wave())
    tagged = WAVE(file)
    tagged.add_tags()
    tagged.tags.add(TIT2(text="our home address"))
    tagged.tags.add(APIC(data=b"<script>alert(1)</script>", mime="image/png"))
    file.seek(0)
    tagged.save(file)
    body = file.getvalue() + b"LIST" + struct.pack("<I", 20) + b"INFOICMT" + b"secret notes"
    return body[:4] + struct.pack("<I", len(body) - 8) + body[8:]


def long_wave(seconds: int = 130) -> bytes:
    """Silence, longer than a preview may be, at a low rate."""
    rate = 8000
    data = b"\x80" * rate * seconds
    form = struct.pack("<HHIIHH", 1, 1, rate, rate, 1, 8)
    inside = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


def mp3(frames: int = 120) -> bytes:
    """Frames of silence: MPEG 1, layer 3, 128 kbit/s, 44.1 kHz, with a tag in front and one behind."""
    frame = b"\xff\xfb\x90\x00" + b"\0" * 413
    title = b"TIT2" + struct.pack(">I", 9) + b"\0\0" + b"\0our tape"
    tag = b"ID3\x03\x00\x00" + bytes([0, 0, 0, len(title)]) + title
    return tag + frame * frames + b"TAG" + b"home".ljust(125, b"\0")


HOSTILE = {
    "html": b"<!doctype html><script>alert(1)</script>" * 30,
    "zip": b"PK\x03\x04" + b"\0" * 500,
    "half a JPEG": picture()[:700],
    "a JPEG's first bytes": b"\xff\xd8\xff\xe0\x00\x10JFIF<script>alert(1)</script>" + b"x" * 400,
    "pixel flood": flood(),
    "half a PNG": picture("PNG")[:120],
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>' * 5,
    "gif": b"GIF89a" + b"\0" * 300,
    "only a tag": b"ID3\x03\x00\x00\x00\x00\x02\x00" + b"<script>" * 50,
    "an empty WAV": b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\0" * 40,
    "a broken FLAC": b"fLaC" + b"\0" * 400,
    "a broken Ogg": b"OggS" + b"\0" * 400,
    "a broken MP4": b"\0\0\0\x18ftypM4A " + b"\0" * 400,
    "an endless atom": b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42" + b"\xff\xff\xff\xffmoov" + b"A" * 200,
    "text": "Straßenlaternen".encode() * 40,
    "nothing": b"",
}
