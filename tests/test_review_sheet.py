"""Reviews by spreadsheet: exported, edited in Excel, imported whole or not at all, written back."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from kg.alignment_table import COLUMNS, NAMES, csv_text, workbook
from kg.alignment_writing import alignments_text, reviewed_rows
from kg.alignments import AlignmentRow, read_alignments
from kg.catalog import Catalog
from kg.readers import read_plan
from kg.review_import import ReviewFileError
from kg.reviews import STATES
from kg.spreadsheet import SpreadsheetError, escaped, unescaped
from kg.things import Alignment
from ontology import BUNDLED_PLAN
from tests.review_data import PLAN, ROWS
from web.review_desk import ReviewDesk
from web.services import Services

Edit = Callable[[list[dict[str, str]]], None]


@pytest.fixture
def desk(reviewed: Services) -> ReviewDesk:
    assert reviewed.desk is not None
    return reviewed.desk


def alignments(desk: ReviewDesk) -> dict[tuple[str, str], Alignment]:
    things = desk.current().things.values()
    return {(thing.code, one.sdg): one for thing in things for one in thing.alignments}


def table(desk: ReviewDesk, kind: str) -> list[dict[str, str]]:
    """What an export holds, row by row."""
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(csv_text(desk.current(), "ja"), newline="")))
    sheet = load_workbook(io.BytesIO(workbook(desk.current(), "ja"))).worksheets[0]
    header, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(header, (str(v or "") for v in line), strict=True)) for line in lines]  # type: ignore[arg-type]


def saved(rows: list[dict[str, str]], kind: str) -> bytes:
    """The rows as Excel saves them."""
    if kind == "csv":
        output = io.StringIO(newline="")
        writer = csv.DictWriter(output, NAMES)
        writer.writeheader()
        writer.writerows(rows)
        return output.getvalue().encode("utf-8-sig")
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "SDGs"
    sheet.append(list(NAMES))
    for row in rows:
        sheet.append([row[name] or None for name in NAMES])
        for cell in sheet[sheet.max_row]:
            if cell.data_type == "f":  # as a person types it: with an apostrophe before it
                cell.data_type = "s"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def row(rows: list[dict[str, str]], code: str, sdg: str) -> dict[str, str]:
    [found] = [one for one in rows if (one["code"], one["sdg"]) == (code, sdg)]
    return found


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_was_not_edited_changes_nothing(desk: ReviewDesk, kind: str) -> None:
    rows = table(desk, kind)
    assert len(rows) == len(ROWS)
    assert desk.take_table(f"t.{kind}", saved(rows, kind), "a") == 0
    assert desk.history() == []


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_edited_table_comes_back_as_reviews(desk: ReviewDesk, kind: str) -> None:
    rows = table(desk, kind)
    row(rows, "4-2", "4.4")["state"] = "accepted"
    row(rows, "4-2", "4.4")["note_ja"] = "=SUM(A1) のような注記"
    row(rows, "4-2", "8")["change_to"] = "8.6"
    row(rows, "4-1", "4")["reviewer"] = "別の人"
    row(rows, "4-1", "4")["state"] = "rejected"
    new = dict.fromkeys(NAMES, "") | {
        "code": "4-3",
        "sdg": "9",
        "evidence": "産業",
        "state": "corrected",
        "note_en": "-5 %",
    }
    assert desk.take_table(f"t.{kind}", saved([*rows, new], kind), "花子") == 4
    now = alignments(desk)
    one = now["4-2", "4.4"]
    assert (one.state, one.reviewer, one.note) == (
        "accepted",
        "花子",
        {"ja": "=SUM(A1) のような注記"},
    )
    assert (now["4-2", "8"].state, now["4-2", "8.6"].state) == ("rejected", "corrected")
    assert now["4-2", "8.6"].evidence == "人材"
    assert now["4-2", "8.6"].evidence_in == now["4-2", "8"].evidence_in != ""
    assert now["4-3", "9"].evidence_in == ""  # no text around 4-3 has the word
    assert (now["4-1", "4"].state, now["4-1", "4"].reviewer) == ("rejected", "別の人")
    added = now["4-3", "9"]
    assert (added.state, added.score, added.method) == ("corrected", None, "review")
    again = table(desk, kind)
    assert row(again, "4-2", "4.4")["note_ja"] == "'=SUM(A1) のような注記"
    assert row(again, "4-3", "9")["note_en"] == "'-5 %"
    assert desk.take_table(f"t.{kind}", saved(again, kind), "b") == 0


def test_formulas_are_escaped_and_come_back() -> None:
    for text in ("=1", "+1", "-1", "@x", "'=1", "plain", "'quoted'", ""):
        assert unescaped(escaped(text)) == text
        assert not escaped(text).startswith(("=", "+", "-", "@"))


def test_the_workbook_offers_the_states_and_keeps_codes_as_text(desk: ReviewDesk) -> None:
    book = load_workbook(io.BytesIO(workbook(desk.current(), "ja")))
    sheet, _, guide = book.worksheets
    [choice] = sheet.data_validations.dataValidation
    assert choice.formula1 == f'"{",".join(STATES)}"'
    letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[NAMES.index("state")]
    assert str(choice.sqref).startswith(f"{letter}2:")
    for line in sheet.iter_rows(min_row=2):
        assert {cell.number_format for cell in line} == {"@"}
        assert "f" not in {cell.data_type for cell in line}  # no formulas
    documented = {line[0] for line in guide.iter_rows(values_only=True)}
    assert {column.name for column in COLUMNS} <= documented


def _bad(**cells: str) -> Edit:
    return lambda rows: row(rows, "4-2", "4.4").update(cells)


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (_bad(state="OK"), "row 3, cell N3 (state)"),
        (_bad(state="accepted", evidence=""), "row 3, cell M3 (evidence)"),
        (_bad(change_to="4.44"), "cell O3 (change_to)"),
        (_bad(change_to="4.4"), "cell O3 (change_to)"),
        (_bad(change_to="4.1", state="accepted"), "cell N3 (state)"),
        (_bad(reviewed="2020-01-01", state="accepted"), "cell S3 (reviewed)"),
        (_bad(alignment="https://example.org/x"), "cell A3 (alignment)"),
        (_bad(alignment=""), "cell G3 (sdg)"),
        (_bad(alignment="", code="9-9"), "cell C3 (code)"),
        (_bad(alignment="", sdg="18"), "cell G3 (sdg)"),
        (_bad(alignment="", sdg="9", state="unreviewed"), "cell N3 (state)"),
        (_bad(alignment="", sdg="9", state="corrected", evidence=""), "cell M3"),
    ],
)
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_wrong_cell_is_named_and_nothing_is_imported(
    desk: ReviewDesk, kind: str, edit: Edit, place: str
) -> None:
    rows = table(desk, kind)
    assert [(r["code"], r["sdg"]) for r in rows] == [("4-1", "4"), ("4-2", "4.4"), ("4-2", "8")]
    edit(rows)
    row(rows, "4-2", "8")["state"] = "accepted"  # a good edit, which is not taken either
    with pytest.raises(ReviewFileError) as caught:
        desk.take_table(f"t.{kind}", saved(rows, kind), "a")
    sheet = ", sheet “SDGs”" if kind == "xlsx" else ""
    assert f"t.{kind}{sheet}, row 3" in caught.value.en
    assert place in caught.value.en
    assert "シート「SDGs」" in caught.value.ja or kind == "csv"
    assert "Nothing was imported" in caught.value.en
    assert desk.history() == []


def test_all_wrong_cells_are_named_at_once(desk: ReviewDesk) -> None:
    rows = table(desk, "csv")
    for one in rows:
        one["state"] = "?"
    with pytest.raises(ReviewFileError) as caught:
        desk.take_table("t.csv", saved(rows, "csv"), "a")
    assert [f"row {n}, cell N{n}" in caught.value.en for n in (2, 3, 4)] == [True] * 3


def test_who_came_in_between_is_not_overwritten(desk: ReviewDesk) -> None:
    rows = table(desk, "xlsx")
    pair = (PLAN, "4-2", "4.4")
    desk.decide(pair, "accept", seen="", author="b", notes={"ja": "先に"})
    assert desk.take_table("t.xlsx", saved(rows, "xlsx"), "a") == 0  # the row was not edited
    row(rows, "4-2", "4.4")["state"] = "rejected"
    with pytest.raises(ReviewFileError, match="b has reviewed it since"):
        desk.take_table("t.xlsx", saved(rows, "xlsx"), "a")
    assert alignments(desk)["4-2", "4.4"].state == "accepted"


def test_two_rows_cannot_change_one_alignment(desk: ReviewDesk) -> None:
    rows = table(desk, "csv")
    row(rows, "4-2", "4.4")["change_to"] = "9"
    row(rows, "4-2", "8")["change_to"] = "9"
    with pytest.raises(ReviewFileError, match="row 3 changes the same alignment"):
        desk.take_table("t.csv", saved(rows, "csv"), "a")


def test_excel_s_dates_and_numbers_are_refused_where_they_lose_what_was_typed(
    desk: ReviewDesk,
) -> None:
    from datetime import datetime

    rows: list[dict[str, Any]] = list(table(desk, "xlsx"))
    new: dict[str, Any] = dict.fromkeys(NAMES, "")
    new |= {"code": "4-3", "sdg": 8.1, "evidence": "産業", "state": "corrected"}
    with pytest.raises(ReviewFileError, match=r"as text, found '8\.1'"):
        desk.take_table("t.xlsx", saved([*rows, new], "xlsx"), "a")
    new |= {"code": datetime(2026, 4, 3), "sdg": "8.1"}
    with pytest.raises(SpreadsheetError, match="cell C5: Excel has made a date of it"):
        desk.take_table("t.xlsx", saved([*rows, new], "xlsx"), "a")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04 broken", "cannot be read as an Excel workbook"),
        ("コード,状態\n".encode("cp932"), "looks like Shift_JIS"),
        (b"code,state\n1-1,accepted\n", "one column 'alignment' is needed"),
        (b"", "one column 'alignment' is needed"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(
    desk: ReviewDesk, data: bytes, message: str
) -> None:
    with pytest.raises(SpreadsheetError) as caught:
        desk.take_table("t.xlsx", data, "a")
    assert message in caught.value.en
    assert caught.value.ja.startswith("t.xlsx")


def test_reviews_are_written_back_into_the_plan_s_file(desk: ReviewDesk, tmp_path: Path) -> None:
    rows = table(desk, "csv")
    row(rows, "4-2", "4.4")["change_to"] = "8.6"
    desk.take_table("t.csv", saved(rows, "csv"), "花子")
    things = list(desk.current().things.values())
    now = reviewed_rows(ROWS, things)
    file = tmp_path / "sdg.csv"
    file.write_text(alignments_text(now), "utf-8")
    read = read_alignments(file, read_plan(BUNDLED_PLAN))
    assert read == now
    assert [(r.code, r.sdg, r.state, r.reviewer) for r in read] == [
        ("4-2", "4.4", "rejected", "花子"),
        ("4-2", "8", "unreviewed", ""),
        ("4-2", "8.6", "corrected", "花子"),
        ("4-1", "4", "accepted", "検討会"),
    ]
    assert read[2].score is None
    assert reviewed_rows(read, things) == read


def test_writing_back_without_reviews_leaves_the_bundled_file_as_it_is(catalog: Catalog) -> None:
    file = BUNDLED_PLAN / "sdg.csv"
    rows: list[AlignmentRow] = read_alignments(file, read_plan(BUNDLED_PLAN))
    assert reviewed_rows(rows, catalog.things.values()) == rows
    assert alignments_text(rows) == file.read_text("utf-8")
