"""What clients were told: which copy is whose and until when, and which event is news."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.sim.truths import Broken


class History:
    """Nobody is told that something is theirs while it is somebody else's; `latest` is the time, as the shop writes it."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, int], tuple[str, str]] = {}
        self._gone: set[int] = set()
        self._doubtful: set[str] = set()
        self._heard: set[str] = set()
        self.latest = ""

    def told(self, link: str, copies: list[tuple[str, int]], until: str) -> None:
        """Somebody is told that these copies, and no others, are held for this link. Raises Broken."""
        self._told = {copy: mine for copy, mine in self._told.items() if mine[0] != link}
        for copy in copies:
            other, others_until = self._told.get(copy, (link, ""))
            if other != link and not self._may_be_gone(other) and others_until > self.latest:
                raise Broken(f"told_twice: {copy} is told to {link}, but {other} has it until {others_until}")
            self._told[copy] = (link, until)

    def news(self, event: str) -> None:
        """The shop says that an event is news. Raises Broken."""
        if event in self._heard:
            raise Broken(f"news_twice: the event {event} was news before")
        self._heard.add(event)

    @contextmanager
    def changing(self, links: Sequence[str]) -> Iterator[None]:
        """Somebody asks for a change of what is theirs; until they are answered (perhaps never), they cannot know."""
        self._doubtful |= set(links)
        yield
        self._doubtful -= set(links)

    def lets_go(self, hold: int) -> None:
        """The copies of a hold, or of the order that it became, may be somebody else's from now on."""
        self._gone.add(hold)

    def _may_be_gone(self, link: str) -> bool:
        return link in self._doubtful or hold_of(link) in self._gone


def hold_of(link: str) -> int:
    """The hold that a link leads to."""
    return int(link.partition("-")[0], 16)
