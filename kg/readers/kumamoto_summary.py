"""Reads the layout of Kumamoto Prefecture's one-page strategy summaries (「…(概要)」).

In this order: title with both names, period, 基本理念 and the SDG statement; 基本方針 with its
numbered policies, each with 【取組みの方向性】 and its 施策; cross-cutting topics; 総合戦略 with a
table whose rows belong to the measures in order. Counts come from the document.
"""

import re
from dataclasses import replace

from kg.plan import BasicPolicy, CrossCuttingTopic, Document, Measure, Plan, Quoted, Strategy
from kg.readers.bullets import BULLET, OTHER_BULLETS, Place
from kg.readers.kumamoto_table import read_row
from kg.readers.outline import Line, Outline
from kg.readers.plan_file import NAME, PlanFile
from kg.readers.source import SPACES, SourceText, normalise, quote

_TITLE = re.compile(r"^「([^「」]+)」及び「([^「」]+)」[(（]概要[)）]$")
_PERIOD = re.compile(rf"^[(（]期間[{SPACES}]*+(.+まで)[)）]$")
_FISCAL_YEAR = re.compile(
    r"(?:(R|Ｒ|令和|H|Ｈ|平成)([1-9１-９][0-9０-９]?|元)|([12１２][0-9０-９]{3}))年度まで$"
)
_YEARS_BEFORE_ERA = {"R": 2018, "Ｒ": 2018, "令和": 2018, "H": 1988, "Ｈ": 1988, "平成": 1988}
_SDGS = re.compile(r"^(SDGs|ＳＤＧｓ)")
_POLICY = re.compile(rf"^([0-9０-９]{{1,3}})[{SPACES}]+(.+)$")
_MEASURE = re.compile(rf"^施策([0-9０-９]{{1,3}})[{SPACES}]+(.+)$")
_WITHIN_POLICIES = re.compile(rf"^(施策|[0-9０-９]+[{SPACES}]|【)")
_DIRECTION = "【取組みの方向性】"
_TABLE_HEAD = "主な取組み\t主なKPI"
_HEADINGS = ("基本理念", "基本方針", "総合戦略")
_MARKED = re.compile(
    rf"^(施策|[0-9０-９]+[{SPACES}]|[【(（]|[{re.escape(BULLET + OTHER_BULLETS)}])|\t"
)


def read_summary(source: SourceText, settings: PlanFile) -> Plan:
    """The plan of a summary, without translations. Raises PlanSourceError; writes nothing."""
    outline = Outline(source)
    strategy = _strategy(outline, settings)
    outline.heading("基本方針")
    outline.heading(strategy.alternative.text)
    policies = [_policy(outline, 1)]
    while (line := outline.peek()) and _POLICY.match(line.text):
        policies.append(_policy(outline, len(policies) + 1))
    topics = _topics(outline, strategy)
    outline.heading("総合戦略")
    outline.heading(strategy.label.text)
    return Plan(
        settings.id,
        strategy,
        _with_table(outline, policies, settings),
        topics,
        _document(source, settings),
    )


def _document(source: SourceText, settings: PlanFile) -> Document:
    table = settings.document
    return Document(
        source.file,
        source.sha256,
        table.title,
        table.publisher.model_dump(),
        table.attribution.model_dump(),
        table.jurisdiction,
    )


def _strategy(outline: Outline, settings: PlanFile) -> Strategy:
    title, names = outline.match(
        _TITLE,
        "表題「「…」及び「…」(概要)」",
        "the title 「「…」及び「…」(概要)」",
    )
    if normalise(title.text) != normalise(settings.document.title) or not all(
        normalise(name) for name in names.groups()
    ):
        raise outline.unexpected(
            title,
            f"{NAME} の document.title と同じ表題「{settings.document.title}」",
            f"the title that document.title in {NAME} gives, 「{settings.document.title}」",
        )
    period, words = outline.match(
        _PERIOD, "期間「(期間 …年度まで)」", "the period 「(期間 …年度まで)」"
    )
    year = _FISCAL_YEAR.search(words[1])
    if year is None:
        raise outline.unexpected(
            period,
            "終わりの年度(「R5年度まで」「2023年度まで」など)",
            "the last fiscal year, as in 「R5年度まで」 or 「2023年度まで」",
        )
    outline.heading("基本理念")
    principle = _paragraph(outline, "基本理念の文", "the text of 基本理念", stop=_SDGS)
    statement, _ = outline.match(_SDGS, "「SDGs」で始まる行", "a line beginning with 「SDGs」")
    return Strategy(
        "S",
        quote(title.number, names[2]),
        quote(title.number, names[1]),
        quote(period.number, words[1]),
        _fiscal_year(year),
        principle,
        quote(statement.number, statement.text),
    )


def _fiscal_year(match: re.Match[str]) -> int:
    era, year, common_era = match.groups()
    if common_era:
        return int(common_era)
    return _YEARS_BEFORE_ERA[era] + (1 if year == "元" else int(year))


def _policy(outline: Outline, number: int) -> BasicPolicy:
    head, words = outline.match(
        _POLICY,
        f"基本方針「{number} …」",
        f"basic policy 「{number} …」",
        number=number,
    )
    outline.heading(_DIRECTION)
    direction = _paragraph(outline, "取組みの方向性の文", "the text of 取組みの方向性")
    measures = [_measure(outline, number, 1)]
    while (line := outline.peek()) and line.text.startswith("施策"):
        measures.append(_measure(outline, number, len(measures) + 1))
    return BasicPolicy(str(number), quote(head.number, words[2]), direction, tuple(measures))


def _measure(outline: Outline, policy: int, number: int) -> Measure:
    line, words = outline.match(
        _MEASURE,
        f"基本方針{policy}の「施策{number} …」",
        f"「施策{number} …」 of basic policy {policy}",
        number=number,
    )
    return Measure(f"{policy}-{number}", quote(line.number, words[2]))


def _topics(outline: Outline, strategy: Strategy) -> tuple[CrossCuttingTopic, ...]:
    names = (*_HEADINGS, strategy.label.text, strategy.alternative.text)
    found: list[Line] = []
    while (line := outline.peek()) and normalise(line.text) != "総合戦略":
        if _MARKED.search(line.text) or normalise(line.text) in names:
            # Policies go on after a "topic": that is the line which does not belong there.
            raise outline.unexpected(
                found[0] if found and _WITHIN_POLICIES.match(line.text) else line,
                "次の施策か基本方針、(最後の施策の後なら)記号のない横断的なテーマ、"
                "または見出し「総合戦略」",
                "the next measure or policy, (after the last measure) a cross-cutting topic "
                "without a mark, or the heading 「総合戦略」",
            )
        found.append(outline.take("横断的なテーマ", "a cross-cutting topic"))
    return tuple(
        CrossCuttingTopic(f"X-{order}", quote(line.number, line.text))
        for order, line in enumerate(found, 1)
    )


def _paragraph(outline: Outline, ja: str, en: str, stop: re.Pattern[str] | None = None) -> Quoted:
    """Consecutive lines of plain text; the quote begins on the first and keeps the line ends."""

    def plain(line: Line) -> bool:
        marked = _MARKED.search(line.text) or (stop and stop.match(line.text))
        return not marked and line.text not in _HEADINGS

    first = outline.take(ja, en)
    if not plain(first):
        raise outline.unexpected(first, ja, en)
    exact = first.text
    last = first
    while (line := outline.peek()) and line.number == last.number + 1 and plain(line):
        exact += f"{last.tail}\n{line.head}{line.text}"
        last = outline.take(ja, en)
    return quote(first.number, exact)


def _with_table(
    outline: Outline, policies: list[BasicPolicy], settings: PlanFile
) -> tuple[BasicPolicy, ...]:
    codes = [measure.code for policy in policies for measure in policy.measures]
    _check_interpretations(outline.file, codes, settings)
    outline.heading(_TABLE_HEAD)
    filled = []
    for policy in policies:
        measures = []
        for measure in policy.measures:
            row = outline.take(
                f"施策 {measure.code}「{measure.label.text}」の行",
                f"the row of measure {measure.code} 「{measure.label.text}」",
            )
            ours = [entry for entry in settings.interpretation if entry.measure == measure.code]
            place = Place(outline.file, row.number)
            measures.append(read_row(place, row.text, measure, ours))
        filled.append(replace(policy, measures=tuple(measures)))
    if extra := outline.peek():
        raise outline.unexpected(
            extra,
            f"施策は{len(codes)}件で表の行も{len(codes)}行のはずなので、ここでファイルの終わり",
            f"the end of the file, as the table has one row for each of {len(codes)} measures",
        )
    return tuple(filled)


def _check_interpretations(file: str, codes: list[str], settings: PlanFile) -> None:
    read: set[tuple[str, str, str]] = set()
    for index, entry in enumerate(settings.interpretation):
        if entry.measure not in codes:
            known = ", ".join(codes)
            raise settings.error(
                ("interpretation", index, "measure"),
                f"{file} に施策「{entry.measure}」はありません。{known} のどれかが必要です。",
                f"{file} has no measure {entry.measure!r}; expected one of {known}.",
            )
        for words in entry.words:
            if (entry.measure, entry.after, words) in read:
                raise settings.error(
                    ("interpretation", index, "words"),
                    f"「{words}」の読み方が2つあります。1つにしてください。",
                    f"a second reading of 「{words}」; expected one.",
                )
            read.add((entry.measure, entry.after, words))
