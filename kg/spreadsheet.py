"""Tables that planners edit: the first sheet of an .xlsx workbook, or a CSV in UTF-8.

Every value comes as text with its place, so that an error can name the cell. A cell that Excel has
made a date of (`4-2`) is refused, since what was typed is lost.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TypeAlias

from kg.encodings import guess_encoding
from kg.message import UserError

MAX_BYTES = 20_000_000
# What a spreadsheet would read as a formula, or what we have made of one such text.
_RISKY = re.compile(r"'*[=+\-@\t\r]")


class SpreadsheetError(UserError):
    """A file or a cell that cannot be taken as it is; the message names sheet, row and cell."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row: cells by column, as text without the spaces around it; `number` counts from 1.

    `numeric` are the columns whose cell a workbook holds as a number: `4.10` is `4.1` there.
    """

    file: str
    sheet: str
    number: int
    cells: Mapping[str, str]
    letters: Mapping[str, str]
    numeric: frozenset[str] = frozenset()

    def error(self, column: str, ja: str, en: str) -> SpreadsheetError:
        """What is wrong with one cell."""
        cell = f"{self.letters.get(column, '')}{self.number}"
        sheet_ja, sheet_en = _sheet(self.sheet)
        return SpreadsheetError(
            f"{self.file}{sheet_ja} {self.number}行目 {cell}（{column}）: {ja}",
            f"{self.file}{sheet_en}, row {self.number}, cell {cell} ({column}): {en}",
        )


def escaped(text: str) -> str:
    """A text that no spreadsheet takes for a formula: with an apostrophe before it."""
    return f"'{text}" if _RISKY.match(text) else text


def unescaped(text: str) -> str:
    """What `escaped` was given."""
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text


def read_table(name: str, data: bytes, needed: Sequence[str]) -> list[Record]:
    """The rows below the header of the file `name`, empty ones left out.

    Columns that are not `needed` may be there or not. Raises SpreadsheetError.
    """
    sheet, lines = _workbook(name, data) if data[:2] == b"PK" else ("", _csv(name, data))
    header: Sequence[str] = next((cells for _, cells, _ in lines), ())
    sheet_ja, sheet_en = _sheet(sheet)
    for column in needed:
        if header.count(column) != 1:
            raise SpreadsheetError(
                f"{name}{sheet_ja} 1行目: 列「{column}」がちょうど1つ必要です。",
                f"{name}{sheet_en}, row 1: one column {column!r} is needed.",
            )
    letters = {column: _letter(n) for n, column in enumerate(header)}
    return [
        Record(
            name,
            sheet,
            number,
            dict(zip(header, map(unescaped, cells), strict=False)),
            letters,
            frozenset(header[n] for n in numeric if n < len(header)),
        )
        for number, cells, numeric in lines
        if any(cells)
    ]


Lines: TypeAlias = Iterator[tuple[int, list[str], list[int]]]
"""Each line's number, its cells, and which of them (from 0) are numbers in a workbook."""


def load_bytes(path: Path) -> bytes:
    """The content of a file. Raises SpreadsheetError where it cannot be read or is too large."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SpreadsheetError(
                f"{path.name} が大きすぎます（上限 {MAX_BYTES // 1_000_000} MB）。",
                f"{path.name} is too large (at most {MAX_BYTES // 1_000_000} MB).",
            )
        return path.read_bytes()
    except OSError as error:
        raise SpreadsheetError(
            f"{path} を読めません（{error.strerror}）。", f"cannot read {path} ({error.strerror})."
        ) from error


def _workbook(name: str, data: bytes) -> "tuple[str, Lines]":
    """The first sheet's name and its rows with their numbers."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), data_only=True)
        sheet = book.worksheets[0]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
        raise SpreadsheetError(
            f"{name}: Excel のブック（.xlsx）として読めません。"
            "Excel で開いて保存し直してください。",
            f"{name} cannot be read as an Excel workbook (.xlsx); save it again in Excel.",
        ) from error

    def rows() -> Lines:
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            texts = [_text(name, sheet.title, number, n, v) for n, v in enumerate(cells)]
            yield number, texts, [n for n, value in enumerate(cells) if isinstance(value, float)]

    return sheet.title, rows()


def _text(file: str, sheet: str, row: int, column: int, value: object) -> str:
    if isinstance(value, datetime | date | time):
        sheet_ja, sheet_en = _sheet(sheet)
        cell = f"{_letter(column)}{row}"
        raise SpreadsheetError(
            f"{file}{sheet_ja} {row}行目 {cell}: Excel が日付に変えた値です。"
            "セルの書式を「文字列」にして入れ直してください。",
            f"{file}{sheet_en}, row {row}, cell {cell}: Excel has made a date of it; format the "
            "cell as text and type it again.",
        )
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _csv(name: str, data: bytes) -> Lines:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        guess = guess_encoding(data)
        looks_ja, looks_en = (
            (f"（{guess} のようです）", f" (it looks like {guess})") if guess else ("",) * 2
        )
        raise SpreadsheetError(
            f"{name} {row}行目: UTF-8ではありません{looks_ja}。"
            "「CSV UTF-8（コンマ区切り）」か .xlsx で保存し直してください。",
            f"{name}, row {row}: not UTF-8{looks_en}; save it as “CSV UTF-8” or .xlsx.",
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SpreadsheetError(
                f"{name} {number}行目: CSVとして読めません（{error}）。",
                f"{name}, row {number}: not readable as CSV ({error}).",
            ) from error
        yield number, [cell.strip() for cell in cells], []


def _letter(column: int) -> str:
    """Excel's name of a column, counted from 0: A, B, … Z, AA."""
    name, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _sheet(name: str) -> tuple[str, str]:
    return (f" シート「{name}」", f", sheet “{name}”") if name else ("", "")
