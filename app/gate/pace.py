"""How often one browser may ask for copies in a second: a person clicks twice, a program forty times."""

from app.gate.door import Busy

MOST = 5


class Pace:
    """Counts by cookie. There is one front on a machine, however many processes are behind it."""

    def __init__(self) -> None:
        self._second, self._asked = 0, dict[str, int]()

    def count(self, cookie: str, now: float) -> None:
        """One more of this cookie; raises Busy when it was too often within this second."""
        if int(now) != self._second:
            self._second, self._asked = int(now), {}
        self._asked[cookie] = seen = self._asked.get(cookie, 0) + 1
        if seen > MOST:
            raise Busy(1.0)
