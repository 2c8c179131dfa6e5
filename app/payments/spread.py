"""An amount divided over several in whole minor units, so that the parts are the whole again."""

from collections.abc import Sequence


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """A part for each weight, in proportion; what rounding leaves goes to those that lost most by it, the first ones first.

    The amount may be below zero; where all weights are 0 it falls on the last.
    """
    whole = sum(weights)
    if not whole:
        return [0] * (len(weights) - 1) + [amount] if weights else []
    sign, size = (-1, -amount) if amount < 0 else (1, amount)
    parts = [size * weight // whole for weight in weights]
    lost = sorted(range(len(weights)), key=lambda at: (-(size * weights[at] % whole), at))
    for at in lost[: size - sum(parts)]:
        parts[at] += 1
    return [sign * part for part in parts]
