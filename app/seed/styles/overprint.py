"""Building blocks: quarter discs, bars and dots on a grid, the second ink laid across them."""

from random import Random

from PIL import ImageDraw

from app.seed.press import Plate, draw_plate, framed

GRID = 4


def overprint(rng: Random, size: int) -> list[Plate]:
    """A grid of quarter discs in the loud ink, one big figure and a few blocks in the quiet one."""
    cells = [(column, row) for row in range(GRID) for column in range(GRID)]
    turns = {cell: rng.randrange(4) for cell in cells}
    kinds = {cell: rng.choice("qqqqhdbsee") for cell in cells}
    big, second = rng.choice([(1, 1), (1, 0), (0, 1)]), {cell: rng.random() < 0.3 for cell in cells}

    def loud(pen: ImageDraw.ImageDraw, side: float) -> None:
        for cell in cells:
            _tile(pen, _box(cell, side), kinds[cell], turns[cell])

    def quiet(pen: ImageDraw.ImageDraw, side: float) -> None:
        x, y, step = *_corner(big, side), _step(side)
        pen.ellipse((x, y, x + 3 * step, y + 3 * step), fill=255)
        for cell, printed in second.items():
            if printed and not _inside(cell, big):
                _tile(pen, _box(cell, side), "qs"[turns[cell] % 2], turns[cell] + 2)

    return [Plate(framed(draw_plate(size, quiet), 0.07), 1), Plate(framed(draw_plate(size, loud), 0.07), 0)]


def _step(side: float) -> float:
    return side * 0.86 / GRID


def _corner(cell: tuple[int, int], side: float) -> tuple[float, float]:
    return side * 0.07 + cell[0] * _step(side), side * 0.07 + cell[1] * _step(side)


def _box(cell: tuple[int, int], side: float) -> tuple[float, float, float]:
    return (*_corner(cell, side), _step(side))


def _inside(cell: tuple[int, int], big: tuple[int, int]) -> bool:
    return all(0 <= c - b < 3 for c, b in zip(cell, big, strict=True))


def _tile(pen: ImageDraw.ImageDraw, box: tuple[float, float, float], kind: str, turn: int) -> None:
    x, y, step = box
    turn %= 4
    match kind:
        case "q":  # a quarter disc around one corner
            cx, cy = x + step * (turn in {1, 2}), y + step * (turn in {2, 3})
            pen.pieslice((cx - step, cy - step, cx + step, cy + step), turn * 90, turn * 90 + 90, fill=255)
        case "h":  # half a disc
            pen.pieslice((x, y, x + step, y + step), turn * 90, turn * 90 + 180, fill=255)
        case "d":
            pen.ellipse((x + step * 0.3, y + step * 0.3, x + step * 0.7, y + step * 0.7), fill=255)
        case "b":
            for i in range(4):
                low = step * (2 * i + 0.5) / 8
                lying = turn % 2
                a = (x, y + low, x + step, y + low + step / 8) if lying else (x + low, y, x + low + step / 8, y + step)
                pen.rectangle(a, fill=255)
        case "s":
            pen.rectangle((x, y, x + step, y + step), fill=255)
        case _:
            return
