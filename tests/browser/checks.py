"""What every page must pass: axe, width, weight, shift; and its pictures."""

import base64
import gzip
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / ".test" / "screenshots"
WANTED = bool(os.environ.get("PICTURES"))  # they are for people, and a fifth of the time that looking at every page takes
AXE = (ROOT / "tests/vendor/axe.min.js").read_text()
# For who looks at hundreds of pages: what the browser compiled of this it keeps, of a script evaluated later it does not.
AXE_AT_HAND = f"window.__axe = function () {{ {AXE} }};"
MOST_SHIFT = 0.05
TALLEST = 3200
MOST_BYTES = 60 * 1000

# Contrast is the one rule that a colour scheme can break.
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
CONTRAST: dict[str, Any] = {**EVERYTHING, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def violations(page: Page, options: dict[str, Any] = EVERYTHING) -> list[str]:
    """What axe finds, one line per node."""
    if not page.evaluate("() => { if (!window.axe && window.__axe) __axe(); return 'axe' in window; }"):
        page.evaluate(AXE)
    found = page.evaluate("(options) => axe.run(document, options).then((r) => r.violations)", options)
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]


def overflow(page: Page) -> list[str]:
    """The elements that make the page wider than its window; none when it fits."""
    found: list[str] = page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= wide) return [];
          return [...document.querySelectorAll('body *')]
            .filter((e) => e.getBoundingClientRect().right > wide + 1)
            .map((e) => `${e.nodeName}.${e.className} to ${Math.round(e.getBoundingClientRect().right)} of ${wide}`).slice(0, 8);
        }"""
    )
    return found


def clashing_keys(page: Page) -> list[str]:
    """Keys that two things of the page want, or that mean something everywhere: the second would never hear of it."""
    found: list[str] = page.evaluate(
        """() => {
          const keys = [...document.querySelectorAll('[data-key]')].filter((e) => e.checkVisibility()).map((e) => e.dataset.key);
          return keys.filter((key, at) => keys.indexOf(key) !== at || 'jk?g'.includes(key));
        }"""
    )
    return found


def weight(page: Page, html: bytes) -> dict[str, int]:
    """Compressed bytes of the page and of the styles and scripts it loads."""
    wanted = "[...document.querySelectorAll('link[rel=stylesheet]')].map((l) => l.href)"
    wanted += ".concat([...document.querySelectorAll('script[src]')].map((s) => s.src))"
    return {page.url: len(gzip.compress(html)), **{url: _compressed(url) for url in page.evaluate(wanted)}}


@cache
def _compressed(url: str) -> int:
    return len(gzip.compress(requests.get(url, timeout=30).content))


def settled(page: Page) -> None:
    """Wait until fonts and pictures in sight have come, and are drawn: only then is it known what they moved."""
    page.evaluate(
        """() => Promise.all([document.fonts.ready,
          ...[...document.images].filter((i) => i.loading !== 'lazy').map((i) => i.decode().catch(() => {}))])
          .then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))))"""
    )


def picture(page: Page, name: str, width: int, scheme: str) -> None:
    """Keep how the whole page looks now, down to a height that still tells something, if somebody wants pictures.

    Straight through the browser's own protocol: Playwright's screenshots take twice as long, and these are hundreds.
    """
    if not WANTED:
        return
    tall = page.evaluate("document.documentElement.scrollHeight")
    asked = {
        "format": "png",
        "optimizeForSpeed": True,
        "captureBeyondViewport": True,
        "clip": {"x": 0, "y": 0, "width": width, "height": min(tall, TALLEST), "scale": 1},
    }
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", asked)
    session.detach()
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}-{width}-{scheme}.png").write_bytes(base64.b64decode(shot["data"]))


def report(found: list[str]) -> str:
    """For a failure: one line each."""
    return json.dumps(found, indent=1, ensure_ascii=False)
