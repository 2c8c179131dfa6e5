"""Instruments: each gives a list of samples between about -1 and 1, at RATE per second."""

import functools
import math
from itertools import pairwise
from random import Random

RATE = 22050
CYCLE = 4096  # samples in a stored period
Samples = list[float]


def pitch(root: float, semitones: float) -> float:
    """The frequency so many semitones above a root, in Hz."""
    return float(root * 2 ** (semitones / 12))


def pluck(rng: Random, hz: float, seconds: float, damping: float = 0.996) -> Samples:
    """A plucked string: a burst of noise going round a loop that dulls it (Karplus and Strong)."""
    period = max(2, round(RATE / hz))
    loop = [rng.uniform(-1, 1) for _ in range(period)]
    loop = [(a + b) / 2 for a, b in zip(loop, [*loop[1:], loop[0]], strict=True)]  # a softer finger
    out: Samples = []
    half, count = damping / 2, int(seconds * RATE)
    while len(out) < count:
        out += loop
        loop = [(a + b) * half for a, b in zip(loop, [*loop[1:], loop[0]], strict=True)]
    return faded(out[:count], 0.0, 0.05)


def bell(hz: float, seconds: float, ratio: float = 2.76, depth: float = 2.4) -> Samples:
    """A struck bell: one sine bends another, less and less."""
    w, fall = math.tau * hz / RATE, 3.2 / (seconds * RATE)
    sin, exp = math.sin, math.exp
    ring = [exp(-fall * n) for n in range(int(seconds * RATE))]
    return faded([sin(w * n + depth * e * e * sin(w * ratio * n)) * e for n, e in enumerate(ring)], 0.002, 0.08)


def pad(hz: float, seconds: float, partials: tuple[float, ...] = (1.0, 0.5, 0.3, 0.12), drift: float = 0.35) -> Samples:
    """A soft organ: a few partials, played twice and `drift` Hz apart so that they beat slowly."""
    cycle = _cycle(partials)
    a, b = 2 * hz * CYCLE / RATE, 2 * (hz + drift) * CYCLE / RATE
    # Every second sample, and the one between by its neighbours: nothing so dull needs more.
    half = [cycle[int(n * a) % CYCLE] + cycle[int(n * b) % CYCLE] for n in range(int(seconds * RATE / 2) + 1)]
    return [sample for now, then in pairwise(half) for sample in (now, (now + then) / 2)]


@functools.cache
def _cycle(partials: tuple[float, ...]) -> Samples:
    turn, share = math.tau / CYCLE, 0.5 / sum(partials)
    return [share * sum(level * math.sin(turn * i * n) for i, level in enumerate(partials, 1)) for n in range(CYCLE)]


def drone(hz: float, seconds: float, ratio: float, depth: float, breath: float) -> Samples:
    """A held tone whose colour swells and ebbs, `breath` times a second."""
    w, swell = math.tau * hz / RATE, math.tau * breath / RATE
    sin = math.sin
    return [sin(w * n + depth * (0.55 - 0.45 * sin(swell * n)) * sin(w * ratio * n)) for n in range(int(seconds * RATE))]


def kick(hz: float = 48.0) -> Samples:
    """A drum that falls in pitch."""
    sin, exp = math.sin, math.exp
    return faded(
        [sin(math.tau * (hz * n / RATE - 3.4 * exp(-n / 400))) * exp(-n / 2300) for n in range(int(0.32 * RATE))], 0.0, 0.05
    )


def hat(rng: Random, seconds: float = 0.05) -> Samples:
    """A closed cymbal: bright noise, soon gone."""
    count = int(seconds * RATE)
    hiss = [rng.uniform(-1, 1) for _ in range(count + 1)]
    return [(hiss[n + 1] - hiss[n]) * 0.6 * math.exp(-5 * n / count) for n in range(count)]


def snare(rng: Random) -> Samples:
    """Noise over a short low tone."""
    w = math.tau * 186 / RATE
    return [
        rng.uniform(-1, 1) * 0.6 * math.exp(-n / 1300) + 0.6 * math.sin(w * n) * math.exp(-n / 900) for n in range(int(0.2 * RATE))
    ]


def hiss(rng: Random, seconds: float) -> Samples:
    """Tape hiss: noise with its edge taken off."""
    noise = [byte / 127.5 - 1 for byte in rng.randbytes(int(seconds * RATE) + 1)]
    return [(a + b) / 2 for a, b in pairwise(noise)]


def faded(sound: Samples, rise: float, fall: float) -> Samples:
    """The sound with a straight fade at both ends, in seconds; no click is left."""
    out, count = list(sound), len(sound)
    up, low = min(count, int(rise * RATE)), min(count, int(fall * RATE))
    for n in range(up):
        out[n] *= n / up
    for n in range(low):
        out[count - 1 - n] *= n / low
    return out
