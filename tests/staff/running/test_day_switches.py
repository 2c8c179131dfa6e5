"""The switches of drop day: what is there, where it leads, and when it is swapped."""

import re

from app.kernel.db import Database
from tests.staff.running.conftest import Desk, Shop


def switches(page: str) -> list[str]:
    """What the switches say, without the keys."""
    row = page.split('id="switches"', 1)[1].split('<div id="day"', 1)[0]
    return re.findall(r'class="verb [^>]+>([^<]+?)(?: <kbd|<)', row)


def test_each_switch_leads_back_to_the_day(db: Database, shop: Shop, manager: Desk) -> None:
    drop = f"/staff/drops/{shop.drop_id}"
    seen = [switches(manager.get(f"{drop}/day").text)]
    for deed in ("pause", "close", "reopen", "resume"):
        reason = "It boils." if deed == "reopen" else "The kettle."
        answer = manager.post(f"{drop}/{deed}?from=day", reason=reason)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{drop}/day"), deed
        page = manager.get(f"{drop}/day").text
        assert ("The kettle." in page, "It boils." in page) == (deed != "resume", deed in {"reopen", "resume"})
        seen.append(switches(page))
    assert seen == [
        ["Pause new holds …", "Stop …"],
        ["Resume", "Stop …"],
        ["Reopen …"],
        ["Resume", "Stop …"],
        ["Pause new holds …", "Stop …"],
    ]
    assert manager.post(f"{drop}/pause", reason="The kettle.").headers["Location"] == drop


def test_they_are_swapped_only_when_they_have_changed(db: Database, shop: Shop, manager: Desk) -> None:
    day = f"/staff/drops/{shop.drop_id}/day"
    asks = re.compile(r'hx-get="([^"]+)"')
    first = asks.search(manager.get(day).text)
    assert first is not None
    assert "hx-swap-oob" not in manager.get(first[1]).text
    manager.post(f"/staff/drops/{shop.drop_id}/pause", reason="The kettle.")
    moved = manager.get(first[1]).text
    assert 'id="switches" class="day-switches" hx-swap-oob="true"' in moved
    then = asks.search(moved)
    assert then is not None
    assert "hx-swap-oob" not in manager.get(then[1]).text
