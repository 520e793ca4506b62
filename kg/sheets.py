"""Tables written for people: columns described once in a TOML file, as CSV and as sheets."""

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.message import Language
from kg.spreadsheet import escaped


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, XSD datatype, width in a workbook (characters), and what it holds."""

    name: str
    datatype: str
    width: int
    ja: str
    en: str
    editable: bool = False


def read_columns(file: Path) -> tuple[Column, ...]:
    """The columns that a TOML file describes, in its order."""
    described = tomllib.loads(file.read_text("utf-8"))
    return tuple(Column(name, **column) for name, column in described.items())


def text_in(texts: Mapping[str, str], language: Language) -> str:
    """A text in `language`, else in Japanese, English or any; empty where there is none."""
    return next((texts[tag] for tag in (language, "ja", "en", *texts) if texts.get(tag)), "")


def csv_of(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as CSV (RFC 4180); cells that a spreadsheet would take for formulas are escaped."""
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    writer.writerow(names)
    writer.writerows(map(escaped, row) for row in rows)
    return output.getvalue()


def fill_sheet(sheet: Any, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Write a table into an empty sheet of a workbook: as text, its head kept in sight."""
    from openpyxl.styles import Alignment as Layout
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.append([column.name for column in columns])
    for row in rows:
        sheet.append([escaped(cell) for cell in row])
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        head = sheet[f"{letter}1"]
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="FFE79C" if column.editable else "E8EEF6")
        for (cell,) in sheet[f"{letter}2:{letter}{max(2, sheet.max_row)}"]:
            cell.number_format = "@"  # or Excel makes dates of codes, and 4.1 of 4.10
            cell.alignment = Layout(vertical="top", wrap_text=True)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
