"""The desk's page on which a shelf is counted."""

import pytest

from app.inventory import stocktake
from app.inventory.codes import code_of
from app.kernel.db import Database, transaction
from tests.cast import NOW, SAM
from tests.databases import states_of
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds

AT = "/staff/counts/1"


@pytest.fixture
def opened(manager: Desk, shop: Shop) -> Shop:
    """A count of the run of ten is open."""
    assert "Count the shelf" in manager.get(f"/staff/runs/{shop.run_id}/stock").text
    answer = manager.post(f"/staff/runs/{shop.run_id}/counts")
    assert (answer.status_code, answer.headers["Location"]) == (303, AT)
    return shop


def test_a_count_from_the_first_scan_to_its_end(db: Database, manager: Desk, packer: Desk, opened: Shop) -> None:
    assert "Go on counting" in packer.get(f"/staff/runs/{opened.run_id}/stock").text
    for code in (code_of(1), "2", "№ 3/10"):
        assert packer.post(f"{AT}/scan", code=code).status_code == 303
    page = packer.get(AT, done=3)
    assert ("3 scanned" in page.text, "camera=(self)" in page.headers["Permissions-Policy"]) == (True, True)
    assert packer.post(f"{AT}/undo", copy="3").headers["Location"] == f"{AT}?undone=3"
    for number in range(3, 10):
        packer.post(f"{AT}/scan", code=str(number))
    assert packer.post(f"{AT}/scan", code="9").headers["Location"] == f"{AT}?done=9&again=1"
    assert manager.post(f"{AT}/close").status_code == 409
    assert packer.post(f"{AT}/name", copy="10", what="lost", words="").status_code == 403
    assert manager.post(f"{AT}/name", copy="10", what="lost", words="no idea").status_code == 303
    assert states_of(db)[9] == "withdrawn"
    assert manager.post(f"{AT}/close").status_code == 303
    closed = manager.get(AT).text
    assert ("Closed" in closed, "no idea" in closed, "data-scan-form" in closed) == (True, True, False)
    assert AT in manager.get(f"/staff/runs/{opened.run_id}/stock").text
    assert [len(deeds(db, f"run.count_{deed}")) for deed in ("opened", "named", "closed")] == [1, 1, 1]


def test_what_is_no_copy_of_this_run_is_refused_loudly(packer: Desk, opened: Shop) -> None:
    refused = packer.post(f"{AT}/scan", code="11")
    assert (refused.status_code, 'data-tone="wrong"' in refused.text) == (404, True)
    assert packer.post(f"{AT}/scan", code="C11").status_code == 404


def test_other_is_said_in_words(db: Database, manager: Desk, opened: Shop) -> None:
    refused = manager.post(f"{AT}/name", copy="1", what="other", words="")
    assert (refused.status_code, "Say in words what it is." in refused.text) == (422, True)
    assert states_of(db)[0] == "available"


def test_a_count_is_its_labels_own(opened: Shop, stranger: Desk) -> None:
    assert stranger.get(AT).status_code == 404
    assert stranger.post(f"{AT}/scan", code="1").status_code == 404


def test_a_long_list_waits_until_it_is_asked_for(db: Database, manager: Desk, opened: Shop) -> None:
    with transaction(db) as session:
        stocktake.press_reserve(session, opened.run_id, 20, NOW, SAM)
    assert manager.post(f"/staff/runs/{opened.run_id}/counts").headers["Location"] == AT
    assert "name-it" in manager.get(AT).text  # what was made since is no difference
    for number in range(1, 11):
        manager.post(f"{AT}/scan", code=str(number))
    manager.post(f"{AT}/close")
    second = manager.post(f"/staff/runs/{opened.run_id}/counts").headers["Location"]
    page = manager.get(second)
    assert ("30 copies so far." in page.text, "name-it" in page.text) == (True, False)
    assert manager.get(second, listed=1).text.count("name-it") == 30
