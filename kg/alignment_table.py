"""All SDG alignments as one table, a row for each: what is exported, and what planners review in.

The columns are documented here once; the spreadsheet's guide, the page and the CSVW metadata say
the same.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg import comparison_table
from kg.alignment_context import context_of, said_by
from kg.catalog import Alignment, Catalog, SdgConcept, Thing
from kg.message import Language
from kg.reviews import STATES
from kg.sheets import csv_of, fill_sheet, read_columns, text_in

COLUMNS = read_columns(Path(__file__).parent / "alignment_columns.toml")
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
    parts, spoke = context_of(catalog, thing), said_by(catalog, thing, one)
    return {
        "alignment": one.iri,
        "plan": thing.plan,
        "code": thing.code,
        "type": thing.type,
        "label": text_in(thing.label, language),
        "text": " / ".join(dict.fromkeys(text_in(part.texts, language) for part in parts)),
        "sdg": one.sdg,
        "sdg_label": text_in(entry.concept.label, language),
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
        "part": "" if spoke is None else f"{spoke.relation} {spoke.thing.code}",
    }


def rows(catalog: Catalog, language: Language) -> Iterator[list[str]]:
    """All rows, in the order of the columns."""
    for entry in entries(catalog):
        yield list(cells(catalog, entry, language).values())


def csv_text(catalog: Catalog, language: Language) -> str:
    """The table as CSV (RFC 4180); cells that a spreadsheet would take for formulas are escaped."""
    return csv_of(NAMES, rows(catalog, language))


def workbook(catalog: Catalog, language: Language) -> bytes:
    """The table as .xlsx, to be edited: states to choose from, columns to edit marked, a guide.

    The second sheet has the KPIs beside the SDGs' indicators; it is not read back.
    """
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "SDGs"
    fill_sheet(sheet, COLUMNS, rows(catalog, language))
    state = get_column_letter(NAMES.index("state") + 1)
    choice = DataValidation(type="list", formula1=f'"{",".join(STATES)}"', allow_blank=True)
    choice.error = "unreviewed / accepted / corrected / rejected"
    choice.showErrorMessage = True
    sheet.add_data_validation(choice)
    choice.add(f"{state}2:{state}{sheet.max_row + 1000}")
    sheet.freeze_panes = f"{get_column_letter(NAMES.index('label') + 1)}2"
    fill_sheet(
        book.create_sheet("KPI"), comparison_table.COLUMNS, comparison_table.rows(catalog, language)
    )
    _guide(book.create_sheet("説明 Guide"))
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _guide(sheet: Any) -> None:
    """A last sheet, which says how to edit the first."""
    sheet.append(["黄色の列だけを直し、取り込み直してください（shirube sdg review --import）。"])
    sheet.append(["Edit the yellow columns only, and import it (shirube sdg review --import)."])
    sheet.append(["stated が true でない対応づけは、計画の公式な見解ではありません。"])
    sheet.append(["Unless stated is true, an alignment is not the plan's official view."])
    sheet.append([])
    for column in COLUMNS:
        sheet.append([column.name, column.ja, column.en])
    for letter, width in (("A", 14), ("B", 60), ("C", 60)):
        sheet.column_dimensions[letter].width = width
