"""The SDG report as a file: HTML that stands alone, a workbook, CSV, JSON. Knows no HTTP."""

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.alignment_document import document
from kg.codes import goal_of
from kg.coverage import Coverage
from kg.message import Language
from kg.sheets import Column, csv_of, fill_sheet
from web.goals import short_label
from web.language import shown
from web.report_tables import GOAL_COLUMNS, ReportTables, Table
from web.report_texts import REPORT_TEXTS
from web.sdg_api import coverage_view
from web.sdg_files import XLSX
from web.sdg_report import Report
from web.shaping import plain
from web.texts import LANGUAGES, Texts
from web.thing_view import thing_view

if TYPE_CHECKING:
    from jinja2 import Template

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": XLSX,
    "json": "application/json",
}
_WEB = Path(__file__).parent
_WIDTHS = {
    "code": 10,
    "sdg": 8,
    "goal": 6,
    "evidence": 36,
    "label": 36,
    "sdg_label": 44,
    "note": 36,
}


def report_file(extension: str, report: Report, language: Language) -> bytes:
    """The report in one of the formats of MEDIA_TYPES, its texts in `language`."""
    write: dict[str, Callable[[Report, Language], str | bytes]] = {
        "html": html,
        "csv": csv_text,
        "xlsx": workbook,
        "json": lambda report, _: json.dumps(as_data(report), ensure_ascii=False, indent=1) + "\n",
    }
    content = write[extension](report, language)
    return content.encode() if isinstance(content, str) else content


def csv_text(report: Report, language: Language) -> str:
    """The table by goal."""
    return csv_of(GOAL_COLUMNS, ReportTables(report, language).goals().rows)


def workbook(report: Report, language: Language) -> bytes:
    """All tables, a sheet for each."""
    from openpyxl import Workbook

    tables = ReportTables(report, language)
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, table in (
        ("SDGs", tables.summary()),
        ("matrix", tables.matrix()),
        ("goals", tables.words()),
        ("items", tables.goals()),
        ("unserved", tables.unserved()),
        ("KPI", tables.indicators()),
        ("trust", tables.trust()),
    ):
        fill_sheet(book.create_sheet(name), _columns(table), table.rows)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _columns(table: Table) -> list[Column]:
    """As wide as what is in them, within reason."""

    def width(number: int) -> int:
        cells = [row[number] for row in table.rows]
        return min(60, max([6, len(table.head[number]) + 2, *map(len, cells)]))

    return [Column(name, "string", width(number), "", "") for number, name in enumerate(table.head)]


def as_data(report: Report) -> dict[str, Any]:
    """Everything in the report, JSON types only."""
    facts, at = report.facts, report.at_thresholds
    return {
        "plan": facts.strategy.plan,
        "label": dict(facts.strategy.label),
        "unofficial": REPORT_TEXTS.by_key["notes.alignments"],
        "created": facts.day,
        "graph_digest": facts.digest,
        "counts": {"alignments": facts.alignments, "words": facts.words, "states": facts.states},
        "methods": facts.methods,
        "reviewers": list(facts.reviewers),
        "reviews_without_name": facts.unsigned,
        "thresholds": {"usual": facts.thresholds.usual, "by_goal": dict(facts.thresholds.by_goal)},
        "matrix": {
            "measures": [measure.code for measure in report.matrix.measures],
            "goals": {goal.code: list(numbers) for goal, numbers in report.matrix.rows},
        },
        "sdgs": [_served(one) for one in report.covered.values()],
        "alignments": document(report.catalog)["alignments"],
        "kpis": [thing_view(report.catalog, kpi) for kpi in report.kpis],
        "accuracy": [
            {
                "score": point.score,
                "judged": point.judged,
                "above": point.above,
                "reviewed": point.reviewed,
                "right": point.right,
                "accuracy": point.accuracy,
                "counted": point.is_counted,
            }
            for point in (at, *report.by_score)
        ],
    }


def _served(one: Coverage) -> dict[str, Any]:
    """As the API has it, in the two languages of the report."""
    labels = {tag: text for tag, text in one.concept.label.items() if tag in LANGUAGES}
    return plain(coverage_view(one)) | {"label": labels}


def html(report: Report, language: Language) -> str:
    """The report as one HTML file with its styles in it, and no address of another."""
    site = Texts()

    def t(key: str, **values: object) -> str:
        return site.text(key, language, **values)

    def r(key: str, /, **values: object) -> str:
        return REPORT_TEXTS.text(key, language, **values)

    return _template().render(
        report=report,
        catalog=report.catalog,
        online=False,
        css="\n".join((_WEB / "static" / name).read_text("utf-8") for name in _STYLES),
        t=t,
        r=r,
        lang=language,
        reading=language,
        shown=shown,
        short_label=short_label,
        goal_of=goal_of,
    )


_STYLES = ("shirube.css", "report.css")


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report_file.html")
