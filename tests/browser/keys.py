"""Somebody without a mouse: only keys, the focus always seen, and no pointer ever down."""

from collections import Counter

from playwright.sync_api import Locator, Page, expect

STOPS = 160  # of Tab, until a thing counts as not reached

# What no keyboard does: a pointer that goes down. Clicks that a script makes of a key are none.
NO_MOUSE = """
for (const kind of ['pointerdown', 'mousedown', 'touchstart']) addEventListener(kind, () => window.__pointer(kind), true);
"""
STOP = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return { ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && style.outlineColor !== 'rgba(0, 0, 0, 0)',
           seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
           what: e.outerHTML.slice(0, 120), lost: e === document.body };
}"""


class Keys:
    """A keyboard on one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pointer: list[str] = []
        page.context.expose_binding("__pointer", lambda _source, kind: self.pointer.append(kind))
        page.context.add_init_script(NO_MOUSE)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.wait_for_load_state()
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Type into what has the focus, which is seen."""
        self.look()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def look(self) -> None:
        """The focus is somewhere, in sight, and has its ring."""
        stop = self.page.evaluate(STOP)
        assert not stop["lost"], "the focus is nowhere"
        assert stop["ring"], f"no ring on {stop['what']}"
        assert stop["seen"], f"out of sight: {stop['what']}"
        assert self.pointer == []

    def to(self, target: Locator, key: str = "Tab") -> None:
        """Go on with Tab until this has the focus; every stop on the way is seen, and none holds the focus fast."""
        expect(target).to_be_visible()
        if target.evaluate("(e) => e === document.activeElement"):
            return self.look()
        stops: Counter[str] = Counter()
        for _ in range(STOPS):
            self.page.keyboard.press(key)
            here = self.page.evaluate("document.activeElement.outerHTML.slice(0, 400)")
            if here == "" or self.page.evaluate("document.activeElement === document.body"):
                continue  # once around, through the browser's own buttons
            self.look()
            if target.evaluate("(e) => e === document.activeElement"):
                return None
            stops[here] += 1  # a date has a stop for its day, its month and its year
            assert stops[here] < 12, f"Tab does not leave {here}"
        raise AssertionError(f"{target} is not reached by {key}")

    def enter(self, target: Locator) -> None:
        """Go there and press Enter."""
        self.to(target)
        self.page.keyboard.press("Enter")

    def is_at(self, heading: str) -> None:
        """Wait for a page by its heading."""
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible()
