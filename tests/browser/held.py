"""Requests that wait until a test lets them go."""

from playwright.sync_api import Page, Route


class Held:
    """What a page asks for under this address comes only when it is let go."""

    def __init__(self, page: Page, address: str) -> None:
        self.waiting: list[Route] | None = []
        page.route(address, self._asked)

    def _asked(self, route: Route) -> None:
        if self.waiting is None:
            route.continue_()
        else:
            self.waiting.append(route)

    def let_go(self) -> None:
        """Let everything come, also what is asked for from now on."""
        waiting, self.waiting = self.waiting or [], None
        for route in waiting:
            route.continue_()
