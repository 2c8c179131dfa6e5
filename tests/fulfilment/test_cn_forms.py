"""CN22 and CN23: which one, what stands on it, and who is named; read back from the PDF itself."""

from dataclasses import replace
from datetime import date

import pytest

from app.fulfilment import cn_forms, declarations
from app.fulfilment.declarations import INFORMATIONAL, LIMITS, needs_cn23, remarks
from app.fulfilment.posting import Posting
from app.kernel.money import Money
from tests.fulfilment.parcels_to_post import BERLIN, TAPE, TO_ZURICH
from tests.fulfilment.pdf_words import pages, words

DAY = date(2026, 11, 29)
DEAR = replace(TO_ZURICH, things=(replace(TAPE, value=Money(38000, "EUR")),))


def printed(*parcels: Posting) -> str:
    return " ".join(words(cn_forms.pdf(parcels, DAY)))


@pytest.mark.parametrize(
    ("goods", "large"),
    [
        (Money(37359, "EUR"), False), (Money(37360, "EUR"), True), (Money(27000, "GBP"), False), (Money(27001, "GBP"), True),
        (Money(100, "USD"), True), (Money(100, "JPY"), True),
    ],
)  # fmt: skip
def test_the_value_says_which_form(goods: Money, large: bool) -> None:
    assert needs_cn23(goods) is large


def test_every_limit_has_its_source() -> None:
    assert all("looked up on 20" in limit.source and limit.since <= DAY for limit in LIMITS)


def test_the_small_form() -> None:
    two = replace(TO_ZURICH, things=(replace(TAPE, pieces=2),), weight=220)
    said = printed(two)
    for text in ("CUSTOMS DECLARATION CN 22", "[X] Sale of goods", "2 × Recorded music cassette", "0.160", "€48.00", "852329", "DE",
                 "Total weight with packaging 0.220 kg", "order № 00042", "2026-11-29"):  # fmt: skip
        assert text in " ".join(said.split()), text
    assert "To (addressee)" not in said


def test_the_large_form_names_both() -> None:
    said = printed(replace(DEAR, sender=replace(BERLIN, eori="DE1234567", vat_number="DE999")))
    for text in ("CN 23", "From (sender)", "Hinterhof 3", "+49 30 123456", "To (addressee)", "Zoë Żółć", "8001 Zürich",
                 "Postal charges: €1.95", "Invoice: 00042", "EORI: DE1234567", "VAT: DE999"):  # fmt: skip
        assert text in said, text


def test_a_sheet_for_each() -> None:
    assert pages(cn_forms.pdf([TO_ZURICH, DEAR], DAY)) == 2


def test_the_united_states_read_what_it_is_and_only_they() -> None:
    home = replace(TO_ZURICH, country="US", region="CA", postal_code="95014")
    assert remarks(home) == (INFORMATIONAL,)
    assert remarks(TO_ZURICH) == ()
    shirt = replace(TAPE, hs_code="610910")
    assert remarks(replace(home, things=(TAPE, shirt))) == ()  # half of it is none
    found = [declarations.informational(replace(TAPE, hs_code=code)) for code in ("490199", "85238010", "852351", "")]
    assert found == [True, True, False, False]
    assert "50 U.S.C. 1702(b)(3)" in printed(home)


def test_ioss_is_told_to_the_union_alone() -> None:
    ours = replace(BERLIN, country="CH", ioss_number="IM2760000742")
    assert remarks(replace(TO_ZURICH, country="DE", sender=ours)) == ("IOSS: IM2760000742",)
    assert remarks(replace(TO_ZURICH, country="NO", sender=ours)) == ()
