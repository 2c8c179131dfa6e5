"""`make day N=300`: one table, and 1 when a limit or a count is missed."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import DESKTOP, FLAGS
from tests.browser.watch import Watch
from tests.day import proof, sale, work
from tests.day.hands import __doc__ as action
from tests.day.proof import MOST, MOST_IN_BATCH, Figures
from tests.day.shop import DayShop
from tests.programs import ROOT


def main() -> int:
    """1 when something was missed."""
    wanted = argparse.ArgumentParser(prog="python -m tests.day", description=__doc__)
    wanted.add_argument("-n", "--orders", type=int, default=300, help="parcels to pack by scanning, at least 12 (default 300)")
    wanted.add_argument("--batch", type=int, default=60, help="parcels more, to tick and pack together (default 60)")
    wanted.add_argument("--single", type=int, default=12, help="parcels more, to pack and ship one at a time (default 12)")
    asked = wanted.parse_args()
    with tempfile.TemporaryDirectory(prefix="runout-day-") as folder:
        shop = DayShop(Path(folder))
        try:
            figures, bought, worked = _day(shop, max(asked.orders, 12), asked.batch, asked.single)
        except BaseException:
            print(shop.said(), file=sys.stderr)
            raise
        finally:
            shop.stop()
    print(table(figures, bought, worked))
    return 1 if figures.faults else 0


def _day(shop: DayShop, orders: int, batch: int, single: int) -> tuple[Figures, float, float]:
    begun = time.monotonic()
    sale.open_label(shop)
    sold = sale.sell(shop, orders, batch, single)
    opened = time.monotonic()
    print(f"{orders + batch + single} orders sold and paid in {opened - begun:.0f} s; the desk opens", flush=True)
    chromium = subprocess.run([ROOT / "tools/chromium.sh"], capture_output=True, text=True, check=True).stdout.split()[-1]
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *root])
        context = browser.new_context(base_url=shop.url, locale="en-GB", timezone_id="Europe/Berlin", **DESKTOP)
        context.set_default_timeout(30_000)
        (watch := Watch()).over(context)
        day = work.live(shop, sold, context.new_page())
        worked = time.monotonic() - opened
        browser.close()
    return proof.weigh(day, watch.faults), opened - begun, worked


def table(told: Figures, bought: float, worked: float) -> str:
    """The day in one table, what an action is, and what was missed."""
    rows = (
        ("parcels sent, each the right one", f"{told.parcels}", "all"),
        ("actions per parcel, the whole day of those scanned", f"{told.per_parcel:.2f}", f"≤ {MOST:g}"),
        ("  of these by the parcel itself, scans and mishaps", f"{told.own:.2f}", ""),
        ("actions per parcel, one at a time, the most of any", f"{told.single:g}", f"≤ {MOST:g}"),
        ("actions per parcel in a batch, all for it included", f"{told.in_batch:.2f}", f"≤ {MOST_IN_BATCH:g}"),
        ("wrong copies tried, and refused loudly", f"{told.tried}, {told.refused}", "all"),
        ("letters that arrived", f"{told.mails}", "one each"),
        ("errors in the browser", f"{told.errors}", "0"),
        ("minutes at the desk (before it: to sell)", f"{worked / 60:.1f} ({bought / 60:.1f})", ""),
    )
    lines = [f"  {name:<52} {value:>12}  {limit}".rstrip() for name, value, limit in rows]
    said = " ".join((action or "").split("\n\n")[1].split())
    return "\n".join(["", *lines, "", said, *(f"MISSED: {fault}" for fault in told.faults)])


if __name__ == "__main__":
    sys.exit(main())
