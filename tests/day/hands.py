"""The hands of whoever packs: they do what a person does at the desk, and count it.

One action is one click, one key or chord, one scan (a hand scanner types the code and its Enter by itself), one field typed into or
chosen in, or one file chosen. Reading, walking and sticking tape is no action of the desk.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Download, FilePayload, Locator, Page, expect

# Counts the voices that a page lets sound: a refusal that nobody hears is none. Runs before any script of a page.
EARS = """
window.__heard = [];
const Voice = window.OscillatorNode;
window.OscillatorNode = class extends Voice {
  constructor(context, options) { super(context, options); window.__heard.push(options.type); }
};
"""


class Hands:
    """Does and counts; what is done inside `with hands.about("№ 00042")` is counted for that, all else for the whole day."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.done: Counter[str] = Counter()
        self._about = ""

    @contextmanager
    def about(self, subject: str) -> Iterator[None]:
        """What follows is done for this alone."""
        before, self._about = self._about, subject
        try:
            yield
        finally:
            self._about = before

    @property
    def all(self) -> int:
        """Every action so far."""
        return self.done.total()

    def click(self, target: Locator) -> None:
        """Press a button or follow a link."""
        self._did()
        target.click()

    def key(self, chord: str) -> None:
        """Press a key, or several at once."""
        self._did()
        self.page.keyboard.press(chord)

    def scan(self, code: str) -> None:
        """Pull the trigger: the scanner types as a keyboard does, wherever the focus is."""
        self._did()
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        """Type into a field, whatever stood in it."""
        self._did()
        target.fill(text)

    def pick(self, target: Locator, option: str) -> None:
        """Choose in a list."""
        self._did()
        target.select_option(option)

    def choose(self, target: Locator, file: Path | FilePayload) -> None:
        """Choose a file."""
        self._did()
        target.set_input_files(file)

    def fetch(self, chord: str) -> Download:
        """Press the key of a file; what comes."""
        with self.page.expect_download() as coming:
            self.key(chord)
        return coming.value

    def print(self) -> None:
        """Print the page that is open."""
        self.key("ControlOrMeta+p")

    def back(self) -> None:
        """Go back one page; pressed in a browser without a window the chord does nothing, so it is said to the browser."""
        self._did()
        self.page.go_back()

    def is_at(self, heading: str) -> None:
        """Wait for a page by its heading."""
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible()

    def _did(self) -> None:
        self.done[self._about] += 1
