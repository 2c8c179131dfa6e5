"""A label's two spot inks: tuned for paper and for the night pressing, and refused when they cannot be read."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from app.web.colour import Oklch, contrast, distance, fit, parse, to_hex

READABLE = 4.5
VISIBLE = 3.0


@dataclass(frozen=True)
class Stock:
    """What is printed on: the card, the ink of the text, and which way an ink must move to be read."""

    paper: Oklch
    ink: Oklch
    step: float


DAY = Stock(paper=Oklch(0.962, 0.014, 85), ink=Oklch(0.215, 0.018, 60), step=-0.005)
NIGHT = Stock(paper=Oklch(0.205, 0.012, 60), ink=Oklch(0.925, 0.016, 85), step=0.005)
LOUD = "#e0421f"
QUIET = "#2c5f8a"


@lru_cache(256)
def theme_css(loud: str = LOUD, quiet: str = QUIET) -> str:
    """The stylesheet of a label with these inks, by day and by night; ValueError when one is not a colour."""
    inks = {"loud": parse(loud), "quiet": parse(quiet)}
    return (
        "@layer reset, tokens, theme, base, components, utilities;\n"
        "@layer theme {\n"
        f"  :root {{ {_tokens(inks, DAY)} }}\n"
        f"  @media screen and (prefers-color-scheme: dark) {{ :root {{ {_tokens(inks, NIGHT)} }} }}\n"
        "}\n"
    )


def problems(loud: str, quiet: str) -> list[str]:
    """What is wrong with these inks, in sentences for the form; an empty list means they can be printed."""
    found, inks = [], []
    for name, text in (("loud", loud), ("quiet", quiet)):
        try:
            ink = parse(text)
        except ValueError:
            found.append(f"The {name} ink is not a colour we can read. Write it as #e0421f or as oklch(62% 0.2 33).")
            continue
        inks.append(ink)
        found += _unprintable(name, ink)
    if len(inks) == 2 and distance(inks[0], inks[1]) < 0.12:
        found.append("The two inks are nearly the same. Choose two that can be told apart at arm's length.")
    return found


def ink_on(colour: Oklch, stock: Stock) -> Oklch:
    """The colour, moved only as far as text in it needs to be readable on this stock."""
    return _moved(colour, stock.step, lambda c: contrast(c, stock.paper) >= READABLE)


def fill_on(colour: Oklch, stock: Stock) -> Oklch:
    """The colour as a block of ink: bright enough by night, and one on which text can be read."""
    if stock is NIGHT:
        colour = replace(colour, lightness=max(colour.lightness, 0.55))
    return _moved(colour, stock.step, lambda c: contrast(c, text_on(c)) >= READABLE)


def text_on(fill: Oklch) -> Oklch:
    """Whichever of day's paper and day's ink reads better on this block."""
    return max((DAY.paper, DAY.ink), key=lambda text: contrast(fill, text))


def _unprintable(name: str, ink: Oklch) -> list[str]:
    if distance(ink, DAY.paper) < 0.1:
        return [f"The {name} ink is almost the colour of the paper and would vanish. Choose a stronger one."]
    if distance(ink, DAY.ink) < 0.1:
        return [f"The {name} ink is almost the black of the text and would not stand out. Choose a lighter one."]
    if name == "loud" and fit(ink).chroma < 0.05:
        return ["The loud ink is a grey, and grey is not loud. Choose a colour."]
    return []


def _tokens(inks: dict[str, Oklch], stock: Stock) -> str:
    parts = []
    for name, colour in inks.items():
        fill = fill_on(colour, stock)
        parts += [
            f"--ink-{name}: {to_hex(ink_on(colour, stock))};",
            f"--fill-{name}: {to_hex(fill)};",
            f"--on-{name}: {to_hex(text_on(fill))};",
        ]
    return " ".join(parts)


def _moved(colour: Oklch, step: float, good: Callable[[Oklch], bool]) -> Oklch:
    while not good(colour) and 0.0 < colour.lightness + step < 1.0:
        colour = replace(colour, lightness=colour.lightness + step)
    return fit(colour)
