"""Which KPI measures what an indicator of the SDGs measures: a plan's `indicators.csv` or `.xlsx`.

Columns: code (of a KPI), indicator (the UN's code, `3.6.1`; empty where none measures the same),
match (same: the same quantity; close: the same matter, measured otherwise), reason_ja, reason_en (a
sentence; one of them at least) and, where wanted, method, created (an ISO date), state, reviewer
and reviewed (who agreed or not, and when), note_ja and note_en. Links are ours, never the plan's
word.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import pyoxigraph as ox

from kg.iris import MATCHES, Match
from kg.message import UserError
from kg.plan import Plan
from kg.reviews import STATES, moment
from kg.spreadsheet import Record, load_bytes, read_table
from ontology import SDG_CONCEPTS, SDGO

FILES = ("indicators.csv", "indicators.xlsx")
COLUMNS = ("code", "indicator", "match", "reason_ja", "reason_en")
USUAL_METHOD = "reading"
T = TypeVar("T")


class IndicatorError(UserError):
    """Files of indicators that cannot be taken as they are."""


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One judgement: a KPI and an indicator that measures the same, or (empty) that none does.

    `reviewed` is a moment in UTC as `kg.reviews.moment` writes it, empty where nobody has signed.
    """

    code: str
    indicator: str
    match: Match
    reason: Mapping[str, str]
    method: str = USUAL_METHOD
    created: date | None = None
    state: str = "unreviewed"
    reviewer: str = ""
    reviewed: str = ""
    note: Mapping[str, str] = field(default_factory=dict)


@cache
def indicator_iris() -> Mapping[str, str]:
    """The UN's IRI of each indicator by its code; one that serves several targets has several."""
    quads = list(ox.parse(path=str(SDG_CONCEPTS), format=ox.RdfFormat.TURTLE))
    kind, code = ox.NamedNode(SDGO.Indicator), ox.NamedNode(SDGO.SDGCodeCompact)
    indicators = {quad.subject for quad in quads if quad.object == kind}
    return {
        quad.object.value: quad.subject.value
        for quad in quads
        if isinstance(quad.object, ox.Literal)
        and quad.object.datatype == code
        and isinstance(quad.subject, ox.NamedNode)
        and quad.subject in indicators
    }


def file_of(folder: Path) -> Path | None:
    """The plan folder's file of indicators. Raises IndicatorError where there are two."""
    # A link to nowhere is a file that cannot be read, not a plan without one.
    files = [f for name in FILES if (f := folder / name).exists() or f.is_symlink()]
    if len(files) > 1:
        raise IndicatorError(
            f"{folder} に {FILES[0]} と {FILES[1]} の両方があります。一方にしてください。",
            f"{folder} has both {FILES[0]} and {FILES[1]}; keep one.",
        )
    return files[0] if files else None


def read_comparisons(file: Path, plan: Plan) -> tuple[ComparisonRow, ...]:
    """The rows of `file` in their order.

    Raises SpreadsheetError, naming row and cell, for a code that is no KPI of the plan, for what is
    no indicator, for a reason that is missing, and for what is said twice.
    """
    kpis = {place.code for place in plan.places() if place.type == "kpi"}
    found: dict[tuple[str, str], ComparisonRow] = {}
    for record in read_table(file.name, load_bytes(file), COLUMNS):
        row = _row(record, kpis)
        for code, indicator in found:
            if code == row.code and (
                indicator == row.indicator or not (indicator and row.indicator)
            ):
                raise record.error(
                    "indicator",
                    f"{code} について、前の行と同じか、食い違っています（「なし」は1行だけ）。",
                    f"{code}: a row before this one says the same, or the contrary; "
                    "“none” stands alone.",
                )
        found[row.code, row.indicator] = row
    return tuple(found.values())


def _row(record: Record, kpis: set[str]) -> ComparisonRow:
    if (code := record.cells["code"]) not in kpis:
        raise record.error(
            "code",
            f"「{code}」は計画のKPIのコードではありません。",
            f"{code!r} is not the code of a KPI of the plan.",
        )
    reason = {tag: text for tag in ("ja", "en") if (text := record.cells[f"reason_{tag}"])}
    if not reason:
        raise record.error("reason_ja", "理由を書いてください。", "write the reason.")
    state = _one_of(record, "state", STATES) or "unreviewed"
    reviewer = record.cells.get("reviewer", "")
    if (state != "unreviewed" or record.cells.get("reviewed")) and not reviewer:
        raise record.error("reviewer", "確認した人の名前が必要です。", "name who reviewed it.")
    indicator = _indicator(record)
    return ComparisonRow(
        code=code,
        indicator=indicator,
        match=_match(record, indicator),
        reason=reason,
        method=record.cells.get("method") or USUAL_METHOD,
        created=_parsed(record, "created", date.fromisoformat),
        state=state,
        reviewer=reviewer,
        reviewed=_needed_moment(record) if reviewer else "",
        note={tag: note for tag in ("ja", "en") if (note := record.cells.get(f"note_{tag}"))},
    )


def _indicator(record: Record) -> str:
    name = record.cells["indicator"]
    if name and name not in indicator_iris():
        raise record.error(
            "indicator",
            f"「{name}」はSDGsの指標（3.6.1 など）ではありません。",
            f"{name!r} is not an indicator of the SDGs, such as 3.6.1.",
        )
    return name


def _match(record: Record, indicator: str) -> Match:
    match = _one_of(record, "match", tuple(MATCHES))
    if bool(match) != bool(indicator):
        raise record.error(
            "match",
            "指標があれば same か close、なければ空欄にしてください。",
            "say same or close where there is an indicator, else leave it empty.",
        )
    return cast(Match, match)


def _one_of(record: Record, column: str, allowed: tuple[str, ...]) -> str:
    text = record.cells.get(column, "")
    if text and text not in allowed:
        raise record.error(
            column,
            f"{'・'.join(allowed)} のどれかのはずですが「{text}」です。",
            f"expected one of {', '.join(allowed)}, found {text!r}.",
        )
    return text


def _parsed(record: Record, column: str, parse: Callable[[str], T]) -> T | None:
    text = record.cells.get(column, "")
    try:
        return parse(text) if text else None
    except ValueError:
        raise record.error(
            column,
            f"日付（2026-01-31）のはずですが「{text}」です。",
            f"expected a date such as 2026-01-31, found {text!r}.",
        ) from None


def _needed_moment(record: Record) -> str:
    when = _parsed(record, "reviewed", moment)
    if when is None:
        raise record.error("reviewed", "確認した日が必要です。", "say when it was reviewed.")
    return when
