"""All SDG alignments as one table, a row for each: what is exported, and what planners review in.

The columns are documented here once; the spreadsheet's guide, the page and the CSVW metadata say
the same.
"""

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.alignment_context import context_of
from kg.catalog import Alignment, Catalog, SdgConcept, Thing
from kg.message import Language
from kg.reviews import STATES
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


_FILE = Path(__file__).parent / "alignment_columns.toml"
COLUMNS = tuple(
    Column(name, **column) for name, column in tomllib.loads(_FILE.read_text("utf-8")).items()
)
NAMES = tuple(column.name for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class Entry:
    """One alignment with the thing and the goal or target that it joins."""

    thing: Thing
    alignment: Alignment
    concept: SdgConcept


def entries(catalog: Catalog) -> list[Entry]:
    """Every alignment, in the order of plans, things and SDGs."""
    return [
        Entry(thing, alignment, concept)
        for thing in catalog.things.values()
        for alignment in thing.alignments
        if (concept := catalog.sdg(alignment.sdg)) is not None
    ]


def cells(catalog: Catalog, entry: Entry, language: Language) -> dict[str, str]:
    """One row, by column; texts in `language` where there are any, else in Japanese."""
    thing, one = entry.thing, entry.alignment
    parts = context_of(catalog, thing)
    return {
        "alignment": one.iri,
        "plan": thing.plan,
        "code": thing.code,
        "type": thing.type,
        "label": _in(thing.label, language),
        "text": " / ".join(dict.fromkeys(_in(part.texts, language) for part in parts)),
        "sdg": one.sdg,
        "sdg_label": _in(entry.concept.label, language),
        "wording": one.wording,
        "stated": "true" if one.stated else "false",
        "method": one.method,
        "score": "" if one.score is None else f"{one.score:.4g}",
        "evidence": one.evidence,
        "state": one.state,
        "change_to": "",
        "note_ja": one.note.get("ja", ""),
        "note_en": one.note.get("en", ""),
        "reviewer": one.reviewer,
        "reviewed": one.reviewed,
    }


def _in(texts: Mapping[str, str], language: Language) -> str:
    return next((texts[tag] for tag in (language, "ja", "en", *texts) if texts.get(tag)), "")


def rows(catalog: Catalog, language: Language) -> Iterator[list[str]]:
    """All rows, in the order of the columns."""
    for entry in entries(catalog):
        yield list(cells(catalog, entry, language).values())


def csv_text(catalog: Catalog, language: Language) -> str:
    """The table as CSV (RFC 4180); cells that a spreadsheet would take for formulas are escaped."""
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    writer.writerow(NAMES)
    writer.writerows(map(escaped, row) for row in rows(catalog, language))
    return output.getvalue()


def workbook(catalog: Catalog, language: Language) -> bytes:
    """The table as .xlsx, to be edited: states to choose from, columns to edit marked, a guide."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment as Layout
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "SDGs"
    sheet.append(list(NAMES))
    for row in rows(catalog, language):
        sheet.append([escaped(cell) for cell in row])
    for number, column in enumerate(COLUMNS, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        head = sheet[f"{letter}1"]
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="FFE79C" if column.editable else "E8EEF6")
        for (cell,) in sheet[f"{letter}2:{letter}{max(2, sheet.max_row)}"]:
            cell.number_format = "@"  # or Excel makes dates of codes, and 4.1 of 4.10
            cell.alignment = Layout(vertical="top", wrap_text=True)
    state = get_column_letter(NAMES.index("state") + 1)
    choice = DataValidation(type="list", formula1=f'"{",".join(STATES)}"', allow_blank=True)
    choice.error = "unreviewed / accepted / corrected / rejected"
    choice.showErrorMessage = True
    sheet.add_data_validation(choice)
    choice.add(f"{state}2:{state}{sheet.max_row + 1000}")
    sheet.freeze_panes = f"{get_column_letter(NAMES.index('label') + 1)}2"
    sheet.auto_filter.ref = sheet.dimensions
    _guide(book.create_sheet("説明 Guide"))
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _guide(sheet: Any) -> None:
    """A second sheet, which says how to edit the first."""
    sheet.append(["黄色の列だけを直し、取り込み直してください（shirube sdg review --import）。"])
    sheet.append(["Edit the yellow columns only, and import it (shirube sdg review --import)."])
    sheet.append(["stated が true でない対応づけは、計画の公式な見解ではありません。"])
    sheet.append(["Unless stated is true, an alignment is not the plan's official view."])
    sheet.append([])
    for column in COLUMNS:
        sheet.append([column.name, column.ja, column.en])
    for letter, width in (("A", 14), ("B", 60), ("C", 60)):
        sheet.column_dimensions[letter].width = width
