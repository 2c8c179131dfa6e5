"""Carriers' tracking files, in whatever way they were saved; what is no such file gets a clear answer."""

import pytest

from app.fulfilment import tracking_file
from app.fulfilment.tracking_file import bare, guess, number, read, wrecked
from app.kernel.errors import BadInput

PAIRS = [("00001", "JJD1"), ("00002", "JJD2")]


def _pairs(content: bytes) -> list[tuple[str, str]]:
    sheet = read(content)
    reference, tracking = guess(sheet)
    assert reference is not None
    assert tracking is not None
    return sheet.pairs(reference, tracking)


@pytest.mark.parametrize(
    "heads",
    ["Sendungsreferenz;Sendungsnummer", "Order reference;Tracking number", "Order ID;Tracking Number", "Référence;Numéro de colis",
     "Referentie;Barcode", "order_reference;TRACKING-NUMBER"],
)  # fmt: skip
def test_the_two_columns_are_known_by_their_names(heads: str) -> None:
    assert _pairs(f"{heads}\n00001;JJD1\n00002;JJD2\n".encode()) == PAIRS


@pytest.mark.parametrize(("delimiter", "end"), [(";", "\n"), (",", "\r\n"), ("\t", "\n"), (";", "\r")])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_however_it_was_saved(delimiter: str, codec: str, end: str) -> None:
    lines = [["Empfänger", "Référence", "Sendungsnummer"], ["Zoë", "00001", "JJD1"], ["", "", ""], ["Jürgen", "00002", "JJD2"]]
    assert _pairs(end.join(delimiter.join(line) for line in lines).encode(codec)) == PAIRS


def test_a_separator_within_quotes_is_none() -> None:
    assert _pairs(b'"Name, first";Sendungsreferenz;Sendungsnummer\r\n"A;B, ""C""";00001;JJD1\r\n') == PAIRS[:1]


def test_what_spreadsheets_put_around_a_text_is_taken_off() -> None:
    assert [bare(cell) for cell in ('="00042"', "'00042", " 00042 ", "")] == ["00042", "00042", "00042", ""]
    assert [wrecked(text) for text in ("3.4E+11", "3,40434E+11", "JJD3E11", "340434")] == [True, True, False, False]


def test_order_numbers_as_people_write_them() -> None:
    written = ["00042", "42", "№ 00042", "#42", "No. 42", "Order 42", "42a", "", "-42", "٤٢", "42 43", "1234567890"]
    assert [number(text) for text in written] == [42, 42, 42, 42, 42, 42, None, None, None, None, None, None]


def test_unknown_names_are_asked_for_and_columns_without_names_counted() -> None:
    sheet = read(b"what,which\n00001,JJD1\n")
    assert (guess(sheet), sheet.heads) == ((None, None), ("what", "which"))
    assert sheet.pairs(0, 1) == PAIRS[:1]
    bare_ = read(b"00001,JJD1\n00002,JJD2\n")
    assert (bare_.heads, bare_.pairs(0, 1)) == (("Column 1", "Column 2"), PAIRS)


def test_lines_that_are_too_short_are_filled_up() -> None:
    assert _pairs(b"a;Sendungsreferenz;Sendungsnummer\nx;00001;JJD1\ny\n") == [*PAIRS[:1], ("", "")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "There is nothing in it."), (b" \r\n \n", "There is nothing in it."), (b"PK\x03\x04rest", "That is an Excel file."),
        (b"%PDF-1.7 x", "That is a PDF."), (b"\xd0\xcf\x11\xe0 x", "That is an old Excel file."),
        (b"a\x00,b\n1,2", "cannot be read as text"),
        (b"\x81\x8d,\x8f\n1,2", "cannot be read as text"), (b"\xff\xfea", "cannot be read as text"),
        (b"one\ntwo\n", "only one column"),
        (b"a,b\n" + b"1,2\n" * 2001, "2002 lines, and 2000"), (b"a,b\n" + b'"' + b"x" * 200_000, "cannot be told apart"),
        (b"x" * (tracking_file.LARGEST + 1), "more than a megabyte"),
    ],
)  # fmt: skip
def test_what_is_no_such_file(content: bytes, said: str) -> None:
    with pytest.raises(BadInput) as no:
        read(content)
    assert said in no.value.fields["file"]
