"""One thing that somebody does, from point to point, and the power cut that may end it at any of them."""

from collections.abc import Callable


class PowerCut(BaseException):
    """The process that does this deed dies here; nothing catches it."""


class Deed:
    """Something that somebody does. It dies at its `dies_at`th point; an impatient one does not queue for writing."""

    def __init__(self, do: Callable[[], str], *, dies_at: int = 0, impatient: bool = False) -> None:
        self._do = do
        self._dies_at = dies_at
        self.impatient = impatient
        self.points: list[str] = []
        self.said = ""
        self.died = False
        self.waits = False
        self.undisturbed = False

    def run(self) -> None:
        """Do it, as far as it comes; a fault of the shop comes out."""
        try:
            self.said = self._do()
        except PowerCut:
            self.said = f"died at {self.points[-1]}"

    def arrive(self, where: str) -> None:
        """Come to a point."""
        self.points.append(where)
        if len(self.points) == self._dies_at:
            self.died = True
            raise PowerCut
