"""Identifiers that look like Stripe's."""

import random
import string
from dataclasses import dataclass, field

_ALPHABET = string.ascii_letters + string.digits


@dataclass
class Ids:
    """Makes identifiers; a seed makes them repeatable for a simulation."""

    seed: int | None = None
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        system = random.SystemRandom()
        self._random = system if self.seed is None else random.Random(self.seed)  # noqa: S311  # only for repeatable runs

    def new(self, prefix: str, length: int = 24) -> str:
        """``pi_`` → ``pi_3kd…``."""
        return prefix + "".join(self._random.choices(_ALPHABET, k=length))
