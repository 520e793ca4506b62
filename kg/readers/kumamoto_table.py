"""A row of the table 主な取組み / 主なKPI: the initiatives and KPIs of one measure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from kg.plan import KPI, Component, Initiative, Interpretation, Measure
from kg.readers.bullets import Place, split_details, split_items, split_parenthesis
from kg.readers.plan_file import NAME, InterpretationTable
from kg.readers.source import SPACES, PlanSourceError, excerpt, quote

_ROW = re.compile(rf"^施策([0-9０-９]{{1,3}})[{SPACES}]+(.*)$")
_NO_KPI = frozenset("—―–－-")


def read_row(
    place: Place, text: str, measure: Measure, interpretations: Sequence[InterpretationTable]
) -> Measure:
    """The measure with the initiatives and KPIs of its row; `interpretations` are this measure's.

    Raises PlanSourceError where the row has another number or shape than expected.
    """
    number = measure.code.rpartition("-")[2]
    match = _ROW.match(text)
    if match is None or int(match[1]) != int(number):
        raise place.error(
            f"「施策{number} {measure.label.text}」({measure.code})の行が必要です。"
            f"「施策{number} ・」で始めてください。今は「{excerpt(text)}」です。",
            f"expected the row of measure {measure.code} 「{measure.label.text}」, beginning "
            f"「施策{number} ・」; found 「{excerpt(text)}」.",
        )
    cells = match[2].split("\t")
    if len(cells) != 2:
        raise place.error(
            f"「主な取組み」と「主なKPI」を分けるタブが1個必要ですが、{len(cells) - 1}個あります。",
            f"expected one tab, between 主な取組み and 主なKPI; found {len(cells) - 1}.",
        )
    return replace(
        measure,
        initiatives=_initiatives(place, measure.code, cells[0].strip(SPACES), interpretations),
        kpis=_kpis(place, measure.code, cells[1].strip(SPACES)),
    )


def _kpis(place: Place, code: str, cell: str) -> tuple[KPI, ...]:
    if cell in _NO_KPI:
        return ()
    return tuple(
        KPI(f"{code}-K{order}", quote(place.line, words))
        for order, words in enumerate(split_items(place, cell), 1)
    )


def _initiatives(
    place: Place, code: str, cell: str, interpretations: Sequence[InterpretationTable]
) -> tuple[Initiative, ...]:
    items = [split_parenthesis(place, item) for item in split_items(place, cell)]
    names = [name for name, _ in items]
    for entry in interpretations:
        for name in (entry.after, entry.belongs_to):
            _expect_once(place, name, names, entry)
    components: list[list[Component]] = [[] for _ in items]
    for index, (name, inside) in enumerate(items):
        entries = [entry for entry in interpretations if entry.after == name]
        whole = {words: entry for entry in entries for words in entry.words}
        details = [] if inside is None else split_details(place, inside, whole)
        for entry in entries:
            for words in entry.words:
                _expect_once(place, words, details, entry)
        for detail in details:
            reading = whole.get(detail)
            owner = names.index(reading.belongs_to) if reading else index
            siblings = components[owner]
            siblings.append(
                Component(
                    f"{code}-{owner + 1}-C{len(siblings) + 1}",
                    quote(place.line, detail),
                    Interpretation(reading.ja, reading.en) if reading else None,
                )
            )
    return tuple(
        Initiative(f"{code}-{index + 1}", quote(place.line, name), tuple(components[index]))
        for index, name in enumerate(names)
    )


def _expect_once(
    place: Place, words: str, found: Sequence[str], entry: InterpretationTable
) -> None:
    if found.count(words) != 1:
        listing = "、".join(f"「{item}」" for item in found)
        raise PlanSourceError(
            place.file,
            place.line,
            f"{NAME} の [[interpretation]](施策 {entry.measure}、「{entry.after}」の括弧)によれば"
            f"「{words}」が1回あるはずですが、あるのは {listing or '括弧なし'} です。"
            "原文に合わせて直してください。",
            f"an [[interpretation]] in {NAME} (measure {entry.measure}, the parenthesis after "
            f"「{entry.after}」) expects 「{words}」 once; found {listing or 'no parenthesis'}. "
            "Mend it to match the source.",
        )
