"""What a page must never do while a story is told: break its policy, complain in the console, miss a file, shift."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

# Runs before any script of a page: counts layout shifts and says aloud what the policy refused.
EARS = """
document.addEventListener('securitypolicyviolation', (e) =>
  console.error(`CSP: ${e.violatedDirective} refused ${e.blockedURI} at ${e.sourceFile}:${e.lineNumber}`));
window.__shifts = [];
new PerformanceObserver((list) => {
  const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(' ');
  const moved = ({ node, previousRect, currentRect }) =>
    `${node && (node.id || node.className || node.nodeName)}: ${box(previousRect)} to ${box(currentRect)}`;
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) window.__shifts.push({ value: entry.value, nodes: entry.sources.map(moved) });
  }
}).observe({ type: 'layout-shift', buffered: true });
"""


@dataclass
class Watch:
    """Everything that went wrong in one browser context."""

    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.add_init_script(EARS)
        context.on("page", self._page)

    def _page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda fault: self._script(str(fault), page))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _script(self, fault: str, page: Page) -> None:
        # Leaving a page before its turn has ended is no fault of the page, but Chromium reports it as one.
        if "Transition was" not in fault:
            self.faults.append(f"script: {fault} on {page.url}")

    def _console(self, message: ConsoleMessage) -> None:
        # A refusal's own page is said again by the console; files that are missing are noted by _answered.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console {message.type}: {message.text} on {message.location.get('url')}")

    def _failed(self, request: Request) -> None:
        # Leaving a page ends what it was still asking for.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"request failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.faults.append(f"{response.status}: {response.url}")


def shift(page: Page) -> tuple[float, Any]:
    """The page's cumulative layout shift so far, and what moved."""
    shifts: list[dict[str, Any]] = page.evaluate("window.__shifts")
    return sum(one["value"] for one in shifts), shifts
