"""The SDG report as tables: what a workbook, a CSV and a terminal show of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg import comparison_table
from kg.alignment_context import said_by
from kg.coverage import WORDS
from kg.message import Language
from kg.sheets import text_in
from web.goals import short_label
from web.report_texts import REPORT_TEXTS
from web.sdg_report import Entry, Report
from web.trade_off import Point

Row = Sequence[str]
GOAL_COLUMNS = (
    *("goal", "goal_label", "sdg", "sdg_label", "served_by", "code", "type", "label", "word"),
    *("state", "score", "method", "evidence", "part", "wording", "reviewer", "reviewed", "note"),
)
"""The columns of the table by goal, which the CSV is; `served_by` and `word` are of WORDS."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title for people; every cell is text."""

    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ReportTables:
    """A report's tables in one language."""

    report: Report
    language: Language

    def _t(self, key: str, **values: object) -> str:
        return REPORT_TEXTS.text(key, self.language, **values)

    def summary(self) -> Table:
        """The facts of the cover, one a row."""
        facts = self.report.facts
        words = ((self._t(f"word.{word}"), facts.words[word]) for word in WORDS[:3])
        method = self._t("cover.method")
        rows = [
            (self._t("cover.plan"), text_in(facts.strategy.label, self.language)),
            (self._t("cover.unofficial"), self._t("notes.alignments")),
            (self._t("cover.day"), facts.day),
            (self._t("cover.alignments"), str(facts.alignments)),
            *((name, str(number)) for name, number in words),
            (self._t("word.rejected"), str(facts.words["none"])),
            *((f"{method} {name}", str(n)) for name, n in facts.methods.items()),
            (self._t("cover.reviewers"), ", ".join(facts.reviewers)),
            (self._t("cover.no_name"), str(facts.unsigned)),
            (self._t("cover.thresholds"), str(facts.thresholds)),
            (self._t("cover.digest"), facts.digest),
        ]
        return Table(
            self._t("cover.kind"), (self._t("goals.item"), self._t("cover.value")), tuple(rows)
        )

    def matrix(self) -> Table:
        """The 17 goals against the measures."""
        measures = self.report.matrix.measures
        rows = tuple(
            (goal.code, text_in(short_label(goal), self.language), *map(str, numbers))
            for goal, numbers in self.report.matrix.rows
        )
        head = (self._t("word.goal"), "", *(measure.code for measure in measures))
        return Table(self._t("matrix.title"), head, rows)

    def words(self) -> Table:
        """By whose word each goal is served, and how many of its targets."""
        rows = [
            (
                part.coverage.concept.code,
                text_in(short_label(part.coverage.concept), self.language),
                *(str(part.coverage.count(word)) for word in WORDS),
                f"{sum(one.word != 'none' for one in part.targets)}/{len(part.targets)}",
            )
            for part in self.report.goals
        ]
        words = [self._t("word." + (word if word != "none" else "rejected")) for word in WORDS]
        head = (self._t("word.goal"), "", *words, self._t("word.targets"))
        return Table(self._t("word.title"), head, tuple(rows))

    def unserved(self) -> Table:
        """The goals and targets that nobody serves, or only by the machine's word."""
        rows = tuple(
            (
                one.concept.code,
                self._t(f"word.{one.word}"),
                text_in(one.concept.label, self.language),
            )
            for one in self.report.covered.values()
            if one.word in ("none", "judged")
        )
        return Table(self._t("unserved.title"), ("SDG", self._t("word.title"), ""), rows)

    def goals(self) -> Table:
        """Every alignment under its goal and target, which are there too where they have none."""
        return Table(self._t("goals.title"), GOAL_COLUMNS, tuple(self._goal_rows()))

    def _goal_rows(self) -> Iterator[Row]:
        for part in self.report.goals:
            goal = part.coverage.concept
            for one in (part.coverage, *part.targets):
                label = text_in(short_label(goal), self.language)
                concept = text_in(one.concept.label, self.language)
                head = (goal.code, label, one.concept.code, concept, one.word)
                entries = part.of(one.concept.code)
                yield from ((*head, *self._entry(entry)) for entry in entries)
                if not entries:
                    yield (*head, *[""] * (len(GOAL_COLUMNS) - len(head)))

    def _entry(self, entry: Entry) -> Row:
        thing, one = entry.thing, entry.alignment
        part = said_by(self.report.catalog, thing, one)
        return (
            *(thing.code, thing.type, text_in(thing.label, self.language), entry.word, one.state),
            *("" if one.score is None else f"{one.score:.4g}", one.method, one.evidence),
            f"{part.relation} {part.thing.code}" if part else "",
            *(one.wording, one.reviewer, one.reviewed, text_in(one.note, self.language)),
        )

    def indicators(self) -> Table:
        """Every KPI beside the SDGs' indicators."""
        rows = tuple(comparison_table.rows(self.report.catalog, self.language))
        return Table(self._t("indicators.title"), comparison_table.NAMES, rows)

    def linked(self) -> Table:
        """The KPIs that an indicator measures the same as, with the reason."""
        rows = tuple(
            (
                *(kpi.code, text_in(kpi.label, self.language), one.indicator, one.match),
                text_in(one.reason, self.language),
            )
            for kpi, one in self.report.linked
        )
        head = ("KPI", "", self._t("indicators.indicator"), "", "")
        return Table(self._t("indicators.title"), head, rows)

    def trust(self) -> Table:
        """How right accepting unread would be, from each score on."""
        rows = tuple(
            (f"{point.score:g}", str(point.above), f"{point.coverage:.0%}", self._right(point))
            for point in self.report.by_score
        )
        head = tuple(
            self._t(f"trade.{name}") for name in ("threshold", "above", "coverage", "right")
        )
        return Table(self._t("trust.title"), head, rows)

    def text(self) -> str:
        """What a terminal shows: all but the long table by goal, as text."""
        from tabulate import tabulate

        shown = (self.summary(), self.matrix(), self.words(), self._codes(), self.linked())
        parts = []
        for table in (*shown, self.trust()):
            widths = [None if len(table.head) > 6 else 56] * len(table.head)
            grid = tabulate(
                table.rows, headers=table.head, disable_numparse=True, maxcolwidths=widths
            )
            parts.append(f"# {table.title}\n{grid if table.rows else '-'}")
        return "\n\n".join(parts)

    def _codes(self) -> Table:
        """The codes alone of what nobody serves: their texts would fill many screens."""
        table = self.unserved()
        words = dict.fromkeys(word for _, word, _ in table.rows)
        rows = tuple(
            (word, " ".join(code for code, own, _ in table.rows if own == word)) for word in words
        )
        return Table(table.title, ("", "SDG"), rows)

    def _right(self, point: Point) -> str:
        values = {"reviewed": point.reviewed, "right": point.right}
        if point.accuracy is None:
            return self._t("trade.too_few", **values)
        share = f"{100 * point.accuracy:.0f}"
        if point.is_counted:
            return self._t("trade.counted", share=share, **values)
        return self._t("trade.expected", share=share, reviewed=point.reviewed)
