"""The tape a piece is recorded on: laying sounds over each other, echo, wobble, warmth, and the WAV at the end."""

import io
import math
import sys
import wave
from array import array
from itertools import accumulate

from app.seed.tones import RATE, Samples, faded

LOUDEST = 0.89  # of full scale


class Tape:
    """A strip of silence, some seconds long, that sounds are laid upon; what runs over its end is cut."""

    def __init__(self, seconds: float) -> None:
        self.samples: Samples = [0.0] * round(seconds * RATE)

    def lay(self, sound: Samples, at: float, level: float) -> None:
        """Mix a sound in, beginning at a second."""
        start = round(at * RATE)
        piece = sound[: max(0, len(self.samples) - start)]
        end = start + len(piece)
        self.samples[start:end] = [a + level * b for a, b in zip(self.samples[start:end], piece, strict=True)]

    def echo(self, seconds: float, share: float) -> None:
        """Repeat everything so much later, softer each time."""
        gap = round(seconds * RATE)
        for start in range(gap, len(self.samples), gap):
            before, here = self.samples[start - gap : start], self.samples[start : start + gap]
            self.samples[start : start + gap] = [a + share * b for a, b in zip(here, before, strict=False)]

    def dull(self, hz: float) -> None:
        """Take away what is higher, gently."""
        keep = math.exp(-math.tau * hz / RATE)
        take = 1 - keep
        self.samples = list(accumulate(self.samples, lambda last, new: last * keep + new * take))

    def wobble(self, hz: float, milliseconds: float) -> None:
        """Let the motor run unevenly: the time itself swings to and fro."""
        swing, w = milliseconds * RATE / 1000, math.tau * hz / RATE
        old, sin, edge = self.samples, math.sin, math.ceil(swing)
        inner = range(edge, len(old) - edge - 1)
        places = [n + swing * sin(w * n) for n in inner]
        bent = [old[i] + (old[i + 1] - old[i]) * (p - i) for p in places for i in (int(p),)]
        self.samples = [*old[:edge], *bent, *old[len(old) - edge - 1 :]]

    def warm(self, drive: float) -> None:
        """Press it into the tape, so that peaks round off."""
        tanh = math.tanh
        self.samples = [tanh(s * drive) for s in self.samples]

    def wav(self, rise: float, fall: float) -> bytes:
        """The finished piece as a 16-bit mono WAV, faded at both ends and as loud as it may be."""
        peak = max(map(abs, self.samples), default=0.0) or 1.0
        scale = 32767 * LOUDEST / peak
        data = array("h", [int(s * scale) for s in faded(self.samples, rise, fall)])
        if sys.byteorder == "big":
            data.byteswap()
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(data.tobytes())
        return out.getvalue()
