"""Colour arithmetic: hex and OKLCH, the sRGB gamut, WCAG contrast."""

import math
import re
from dataclasses import dataclass

_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_OKLCH = re.compile(r"oklch\(\s*([\d.]+)(%?)\s+([\d.]+)\s+(-?[\d.]+)(?:deg)?\s*\)", re.IGNORECASE)
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Oklch:
    """A colour as lightness 0–1, chroma 0–0.4 and hue in degrees."""

    lightness: float
    chroma: float
    hue: float


def parse(text: str) -> Oklch:
    """Read `#rgb`, `#rrggbb` or `oklch(62% 0.2 30)`; ValueError says what is wrong."""
    text = text.strip()
    if _HEX.fullmatch(text):
        return from_hex(text)
    match = _OKLCH.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a colour")
    try:
        lightness = float(match[1]) / (100 if match[2] else 1)
        chroma, hue = float(match[3]), float(match[4])
    except ValueError:
        raise ValueError(f"{text!r} is not a colour") from None
    if lightness > 1 or chroma > 0.5:
        raise ValueError(f"{text!r} is outside what OKLCH can mean")
    return Oklch(lightness, chroma, hue % 360)


def from_hex(text: str) -> Oklch:
    """Turn `#rgb` or `#rrggbb` into OKLCH."""
    digits = text.lstrip("#")
    if len(digits) == 3:
        digits = "".join(d * 2 for d in digits)
    red, green, blue = (_linear(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(min(max(lightness, 0.0), 1.0), math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def to_hex(colour: Oklch) -> str:
    """The nearest `#rrggbb` of the same lightness and hue; chroma gives way when sRGB cannot show it."""
    return "#" + "".join(f"{round(_gamma(v) * 255):02x}" for v in linear_rgb(fit(colour)))


def as_hex(text: str) -> str:
    """A written colour as people at a label know it, `#rrggbb`; as it was written where it is none."""
    try:
        return to_hex(parse(text))
    except ValueError:
        return text


def fit(colour: Oklch) -> Oklch:
    """The same colour with as much of its chroma as sRGB can show."""
    if in_gamut(colour):
        return colour
    low, high = 0.0, colour.chroma
    for _ in range(24):
        middle = (low + high) / 2
        if in_gamut(Oklch(colour.lightness, middle, colour.hue)):
            low = middle
        else:
            high = middle
    return Oklch(colour.lightness, low, colour.hue)


def in_gamut(colour: Oklch) -> bool:
    """Whether sRGB can show this colour."""
    return all(-0.0005 <= v <= 1.0005 for v in _raw_linear(colour))


def linear_rgb(colour: Oklch) -> Triple:
    """Linear-light red, green and blue, each clipped to 0–1."""
    red, green, blue = (min(max(v, 0.0), 1.0) for v in _raw_linear(colour))
    return red, green, blue


def contrast(one: Oklch, other: Oklch) -> float:
    """WCAG 2 contrast ratio, 1–21, of the colours as a screen shows them."""
    first, second = (_luminance(to_hex(c)) for c in (one, other))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def distance(one: Oklch, other: Oklch) -> float:
    """Euclidean distance in OKLab: about 0.02 is just visible, 1 is black to white."""
    a = one.chroma * math.cos(math.radians(one.hue)) - other.chroma * math.cos(math.radians(other.hue))
    b = one.chroma * math.sin(math.radians(one.hue)) - other.chroma * math.sin(math.radians(other.hue))
    return math.hypot(one.lightness - other.lightness, a, b)


def _raw_linear(colour: Oklch) -> Triple:
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _luminance(text: str) -> float:
    red, green, blue = (_linear(int(text[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else math.pow((value + 0.055) / 1.055, 2.4)


def _gamma(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * math.pow(value, 1 / 2.4) - 0.055
