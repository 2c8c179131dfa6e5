"""What money that goes back takes off the taxes: exactly that money, and in the end exactly those taxes."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.orders.corrections import Back, Correction, Taxed, corrections

TAPES, ZINE, POSTED = Taxed(1, 11, 4034, 766), Taxed(2, 12, 935, 65), Taxed(3, None, 164, 31)
ROWS = (TAPES, ZINE, POSTED)


def test_a_copy_takes_its_share_of_its_line() -> None:
    assert corrections(ROWS, [Back(2400, 11)]) == (Correction(1, 2017, 383),)


def test_the_last_copy_takes_what_is_left_of_the_tax() -> None:
    three = Taxed(1, 11, 84, 16)
    assert corrections([replace(three, back=66, tax_back=10)], [Back(34, 11)]) == (Correction(1, 28, 6),)


def test_postage_and_an_amount_for_nothing_in_particular() -> None:
    assert corrections(ROWS, [Back(195)]) == (Correction(3, 164, 31),)
    found = corrections(ROWS, [Back(600, any_row=True)])
    assert (sum(each.net + each.tax for each in found), [each.row_id for each in found]) == (600, [1, 2, 3])


def test_what_is_more_than_is_left_of_a_line_goes_to_the_others() -> None:
    found = corrections([replace(TAPES, back=4800, tax_back=766), ZINE, POSTED], [Back(100, 11)])
    assert sum(each.net + each.tax for each in found) == 100
    assert [each.row_id for each in found] == [2, 3]


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 1500)).filter(any), min_size=1, max_size=5),
    st.lists(st.integers(1, 4000), max_size=8),
    st.data(),
)
def test_step_by_step_all_of_it_goes_back_and_no_more(sums: list[tuple[int, int]], steps: list[int], data: st.DataObject) -> None:
    rows = [Taxed(at, at if at else None, net, tax) for at, (net, tax) in enumerate(sums)]
    left = sum(row.gross for row in rows)
    for step in [*steps, left]:
        amount = min(step, sum(row.gross - row.back for row in rows))
        if not amount:
            continue
        at = data.draw(st.integers(0, len(rows) - 1))
        part = Back(amount, rows[at].line_id, any_row=data.draw(st.booleans()))
        found = corrections(rows, [part])
        assert sum(each.net + each.tax for each in found) == amount
        assert all(each.net >= 0 and each.tax >= 0 for each in found)
        took = {each.row_id: each for each in found}
        rows = [
            replace(row, back=row.back + took[row.id].net + took[row.id].tax, tax_back=row.tax_back + took[row.id].tax)
            if row.id in took
            else row
            for row in rows
        ]
        assert all(row.back <= row.gross and row.tax_back <= row.tax for row in rows)
    assert all(row.back < row.gross or row.tax_back == row.tax for row in rows)
