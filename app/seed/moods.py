"""Short pieces by mood: each lays a tape from a generator of chance and a length in seconds."""

from collections.abc import Callable
from random import Random

from app.seed.tape import Tape
from app.seed.tones import bell, drone, faded, hat, hiss, kick, pad, pitch, pluck, snare

Mood = Callable[[Random, float], Tape]

DORIAN = (0, 2, 3, 5, 7, 9, 10)
LYDIAN = (0, 2, 4, 6, 7, 9, 11)
FIVE = (0, 3, 5, 7, 10)
GAMELAN = (0, 1, 3, 7, 8)
ROOTS = (98.0, 103.83, 110.0, 123.47, 130.81, 87.31)


def drones(rng: Random, seconds: float) -> Tape:
    """Three held tones that breathe at different speeds."""
    tape, root = Tape(seconds), rng.choice(ROOTS) / 2
    for semitones, level in ((0, 1.0), (rng.choice([7, 5]), 0.6), (rng.choice([12, 14, 15]), 0.35)):
        hz = pitch(root, semitones) * rng.uniform(0.998, 1.002)
        tape.lay(drone(hz, seconds, rng.choice([1.0, 2.0, 3.0]), rng.uniform(0.8, 2.0), rng.uniform(0.11, 0.3)), 0, level)
    tape.dull(1500)
    tape.warm(0.9)
    return tape


def tape_loop(rng: Random, seconds: float) -> Tape:
    """Two soft chords on a worn loop."""
    tape, root = Tape(seconds), rng.choice(ROOTS)
    chords = rng.choice([((0, 7, 11, 16), (-4, 8, 12, 15)), ((0, 7, 10, 15), (-2, 5, 9, 14)), ((0, 4, 9, 14), (5, 9, 12, 16))])
    half = seconds / 2
    for i, chord in enumerate(chords):
        for semitones in chord:
            sound = pad(pitch(root, semitones), half + 0.4, (1.0, 0.4, 0.16), rng.uniform(0.2, 0.5))
            tape.lay(faded(sound, 0.5, 0.6), i * half, 0.25)
    tape.wobble(0.8, 3.2)
    tape.lay(hiss(rng, seconds), 0, 0.012)
    tape.dull(2400)
    return tape


def strings(rng: Random, seconds: float) -> Tape:
    """Plucked figures that come back changed."""
    tape, root = Tape(seconds), rng.choice(ROOTS)
    scale, beat = rng.choice([FIVE, DORIAN, LYDIAN]), rng.choice([0.21, 0.25, 0.28])
    figure = [rng.randrange(len(scale) * 2) for _ in range(rng.choice([6, 7, 8]))]
    at, step = 0.05, 0
    while at < seconds - 0.6:
        if step % len(figure) == 0:
            tape.lay(pluck(rng, pitch(root / 2, scale[step // len(figure) % 3]), 2.4, 0.998), at, 0.8)
            figure[rng.randrange(len(figure))] = rng.randrange(len(scale) * 2)
        octave, degree = divmod(figure[step % len(figure)], len(scale))
        if rng.random() < 0.86:
            tape.lay(pluck(rng, pitch(root * 2, scale[degree] + 12 * octave), 1.5), at, rng.uniform(0.4, 0.62))
        at, step = at + beat * (1.06 if step % 2 else 0.94), step + 1
    tape.echo(beat * 3, 0.24)
    tape.dull(5200)
    return tape


def machine(rng: Random, seconds: float) -> Tape:
    """A drum machine and a stubborn bass."""
    tape, root = Tape(seconds), rng.choice(ROOTS) / 2
    step = 60 / rng.choice([96, 104, 118, 126]) / 4
    hits = {"kick": {0, 8, rng.choice([6, 10, 11])}, "snare": {4, 12}, "hat": set(range(0, 16, 2)) | {rng.choice([3, 7, 15])}}
    bass = [rng.choice([0, 0, 0, 3, 7, 10, 12, None, None]) for _ in range(16)]
    bass[0] = 0
    drum, clap, tick = kick(), snare(rng), hat(rng)
    notes = {n: faded(drone(pitch(root, n), step * 1.7, 1.0, 1.5, 0.0), 0.004, 0.06) for n in bass if n is not None}
    for i in range(int(seconds / step)):
        place, at = i % 16, i * step + (step * 0.14 if i % 2 else 0)
        if place in hits["kick"]:
            tape.lay(drum, at, 0.9)
        if place in hits["snare"]:
            tape.lay(clap, at, 0.5)
        if place in hits["hat"]:
            tape.lay(tick, at, 0.22 if place % 4 else 0.32)
        note = bass[place]
        if note is not None:
            tape.lay(notes[note], at, 0.5)
    tape.warm(1.4)
    return tape


def dub(rng: Random, seconds: float) -> Tape:
    """Chords on the off-beat going away into an echo, over a deep bass."""
    tape, root, beat = Tape(seconds), rng.choice(ROOTS), 60 / rng.choice([72, 76, 82])
    chord = rng.choice([(0, 3, 7, 10), (0, 3, 7, 14), (0, 5, 10, 15)])
    stab = [sum(voices) for voices in zip(*(pad(pitch(root * 2, n), 0.16, (1.0, 0.6, 0.4, 0.3)) for n in chord), strict=True)]
    stab = faded(stab, 0.004, 0.1)
    for bar in range(int(seconds / beat / 4) + 1):
        for place in (1.5, rng.choice([2.5, 3.5])):
            tape.lay(stab, (bar * 4 + place) * beat, 0.17)
    tape.echo(beat * 0.75, 0.55)
    tape.dull(1900)
    drum, low = kick(44), [0, 0, rng.choice([3, 5, 7]), rng.choice([-2, 10, 0])]
    for i in range(int(seconds / beat)):
        if i % 4 in {0, 2}:
            tape.lay(drum, i * beat, 0.75)
        note = faded(pad(pitch(root / 2, low[i % 4]), beat * 0.8, (1.0, 0.16)), 0.02, 0.12)
        tape.lay(note, i * beat, 0.4)
    tape.lay(hiss(rng, seconds), 0, 0.008)
    tape.warm(1.2)
    return tape


def bells(rng: Random, seconds: float) -> Tape:
    """Struck metal in a slow round."""
    tape, root, beat = Tape(seconds), rng.choice(ROOTS) * 2, rng.choice([0.33, 0.4, 0.46])
    scale, ratio = rng.choice([GAMELAN, FIVE, LYDIAN]), rng.choice([2.76, 1.41, 3.5])
    tones = {n: bell(pitch(root, n), 1.9, ratio) for n in scale}
    deep = {n: bell(pitch(root / 4, n), 2.2, 1.41, 1.2) for n in (scale[0], scale[3])}
    at, place = 0.03, 0
    while at < seconds - 0.9:
        place = (place + rng.choice([1, 1, 2, -1, 3])) % len(scale)
        tape.lay(tones[scale[place]], at, rng.uniform(0.3, 0.55))
        if rng.random() < 0.25:
            tape.lay(deep[scale[0 if place < 3 else 3]], at, 0.6)
        at += beat * rng.choice([1, 1, 1, 2])
    tape.echo(beat * 1.5, 0.28)
    return tape


MOODS: dict[str, Mood] = {
    "drone": drones,
    "tape": tape_loop,
    "strings": strings,
    "machine": machine,
    "dub": dub,
    "bells": bells,
}
