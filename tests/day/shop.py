"""The shop of the day: as the other browser tests start it, with a font of the operator's for the one address that needs it."""

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from tests.browser.running import RunningShop
from tests.day.sale import CJK

EM = 1000


class DayShop(RunningShop):
    """Knows the folder of fonts that docs/operations.md tells an operator to name."""

    @property
    def env(self) -> dict[str, str]:
        """The environment of shop, worker and commands."""
        fonts = self.folder / "fonts"
        if not fonts.exists():
            fonts.mkdir()
            _font(fonts / "kyoto.ttf", {sign for text in (CJK[0], *CJK[1].values()) for sign in text if ord(sign) > 0x2E80})
        return {**super().env, "FONTS_DIR": str(fonts)}


def _font(file: Path, signs: set[str]) -> None:
    """A font with just these signs, a plain square each: real ones have megabytes, and no machine must have them for a test."""
    names = {sign: f"uni{ord(sign):04X}" for sign in sorted(signs)}
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 800), (900, 800), (900, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square, order = pen.glyph(), [".notdef", *names.values()]
    made = FontBuilder(EM, isTTF=True)
    made.setupGlyphOrder(order)
    made.setupCharacterMap({ord(sign): name for sign, name in names.items()})
    made.setupGlyf(dict.fromkeys(order, square))
    made.setupHorizontalMetrics(dict.fromkeys(order, (EM, 100)))
    made.setupHorizontalHeader(ascent=880, descent=-120)
    made.setupNameTable({"familyName": "Kyoto", "styleName": "Regular"})
    made.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    made.setupPost()
    made.save(file)
