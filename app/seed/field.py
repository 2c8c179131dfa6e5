"""Arithmetic on whole pictures of floats (Pillow's mode F): coordinates, noise, lines and halftone screens."""

import functools
import math
from collections.abc import Callable
from random import Random
from typing import Any

from PIL import Image, ImageMath

Picture = Image.Image
FAR = 4096.0  # added before a remainder, so that it is never taken of something negative


def each(formula: Callable[[dict[str, Any]], Any], **pictures: Picture) -> Picture:
    """A new picture of floats from a formula over pixels, as in each(lambda p: p["a"] * 2, a=picture)."""
    result: Picture = ImageMath.lambda_eval(formula, **pictures)
    return result if result.mode == "F" else result.convert("F")


@functools.cache
def across(size: int) -> Picture:
    """0 at the left edge to nearly 1 at the right one."""
    row = Image.new("F", (size, 1))
    row.putdata([x / size for x in range(size)])
    return row.resize((size, size), Image.Resampling.NEAREST)


@functools.cache
def down(size: int) -> Picture:
    """0 at the top to nearly 1 at the bottom."""
    return across(size).transpose(Image.Transpose.TRANSPOSE)


def distance(size: int, x: float, y: float) -> Picture:
    """Distance from a point, all in shares of the sheet's side."""
    return each(lambda p: ((p["x"] - x) ** 2 + (p["y"] - y) ** 2) ** 0.5, x=across(size), y=down(size))


def hills(rng: Random, size: int, lattice: int, octaves: int = 1) -> Picture:
    """Smooth noise around 0, about -0.5 to 0.5; `lattice` hills stand side by side in the coarsest octave."""
    finest = lattice * 2 ** (octaves - 1)
    side = min(size, max(64, finest * 6))  # what is smooth need not be reckoned at full size
    total = Image.new("F", (side, side))
    weight, whole = 1.0, 0.0
    for octave in range(octaves):
        count = lattice * 2**octave + 3
        coarse = Image.frombytes("L", (count, count), rng.randbytes(count * count)).convert("F")
        fine = coarse.resize((side, side), Image.Resampling.BICUBIC, box=(1, 1, count - 1, count - 1))
        total = _added(total, fine, weight)
        whole += weight
        weight *= 0.5
    return each(lambda p: p["t"] / whole, t=total).resize((size, size), Image.Resampling.BICUBIC)


def _added(total: Picture, noise: Picture, weight: float) -> Picture:
    return each(lambda p: p["t"] + (p["s"] / 255 - 0.5) * weight, t=total, s=noise)


def specks(rng: Random, size: int) -> Picture:
    """A separate random value from 0 to 255 in every pixel, mode L."""
    return Image.frombytes("L", (size, size), rng.randbytes(size * size))


def threshold(field: Picture, sharpness: float) -> Picture:
    """Mode L: 255 where the field is above 0, with an edge 1/sharpness wide."""
    return each(lambda p: p["f"] * (sharpness * 255) + 127.5, f=field).convert("L")


def lines(field: Picture, count: float, thickness: Picture | float, pixels_per_line: float) -> Picture:
    """Mode L: `count` lines per unit of the field; thickness is the inked share, a number or a picture."""
    wide = thickness if isinstance(thickness, Image.Image) else Image.new("F", field.size, thickness)
    ridge = each(lambda p: p["t"] - abs((p["f"] * count + FAR) % 1.0 - 0.5) * 2, f=field, t=wide)
    return threshold(ridge, pixels_per_line / 2)


def screen(tone: Picture, pitch: float, degrees: float) -> Picture:
    """Mode L: the tone (0 to 1) as round dots, `pitch` pixels apart, on a grid turned by some degrees."""
    size = tone.width
    c, s = math.cos(math.radians(degrees)) * size / pitch, math.sin(math.radians(degrees)) * size / pitch
    x, y = across(size), down(size)
    u = each(lambda p: abs((p["x"] * c + p["y"] * s + FAR) % 1.0 - 0.5) * 2, x=x, y=y)
    v = each(lambda p: abs((p["y"] * c - p["x"] * s + FAR) % 1.0 - 0.5) * 2, x=x, y=y)
    grown = each(lambda p: (p["t"] * 1.27 + p["t"] ** 3 * 0.78) ** 0.5, t=clipped(tone))
    return threshold(each(lambda p: p["r"] - (p["u"] ** 2 + p["v"] ** 2) ** 0.5, r=grown, u=u, v=v), pitch / 2)


def clipped(field: Picture) -> Picture:
    """The field held between 0 and 1."""
    return each(lambda p: p["min"](p["max"](p["f"], 0.0), 1.0), f=field)
