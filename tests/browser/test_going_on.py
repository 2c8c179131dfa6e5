"""A long list of tracking numbers goes on by itself, slice after slice, and by a button where there is no script."""

import pytest
from playwright.sync_api import Page, expect

from app.staff.tracking import SLICE
from tests.browser.conftest import SignIn, Visitors
from tests.browser.running import RunningShop

UNKNOWN = "Order reference;Tracking number\n" + "".join(f"{900_000 + at};JJD{at}\n" for at in range(SLICE + 9))


def _begin(page: Page) -> None:
    """Confirm a list as the preview would send it; none of its orders exist, so nothing is changed in the shop."""
    page.goto("/staff/packing/tracking")
    page.get_by_label("Carrier", exact=True).select_option("DHL")
    page.evaluate(
        """([action, text]) => {
          const form = document.querySelector('form[enctype]');
          const rows = Object.assign(document.createElement('textarea'), { name: 'rows', value: text });
          form.querySelector('[type=file]').remove();
          for (const name of ['sent', 'refused']) {
            form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value: '0' }));
          }
          form.append(rows);
          form.action = action;
          form.submit();
        }""",
        ["/staff/packing/tracking/ship", UNKNOWN.split("\n", 1)[1].replace(";", "\t")],
    )


@pytest.mark.parametrize("script", [True, False])
def test_it_goes_on_to_the_end(shop: RunningShop, visitor: Visitors, signed_in: SignIn, script: bool) -> None:
    page = visitor(shop, java_script_enabled=script)
    page.context.add_cookies(signed_in(shop, shop.login))
    _begin(page)
    if not script:
        expect(page.get_by_role("heading", name=f"{SLICE} of {SLICE + 9} have left")).to_be_visible()
        page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text(f"{SLICE + 9} lines changed nothing.")).to_be_visible()
    assert page.url.endswith("/staff/packing/tracking")
