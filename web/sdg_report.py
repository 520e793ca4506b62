"""The SDG report of one plan: everything there is to say of it, once, for every face."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TypeVar

from kg.catalog import Alignment, Catalog, Comparison, Thing
from kg.codes import goal_of
from kg.comparison_table import compared
from kg.coverage import WORDS, Coverage, Word, coverage, goals_of, word_of
from kg.reviews import STATES
from web.goals import Matrix, sdg_matrix
from web.search_request import RequestError
from web.thresholds import Thresholds
from web.trade_off import Estimate, Point, at_thresholds, by_score

Name = TypeVar("Name", bound=str)


class ReportError(RequestError):
    """A report of a plan that is not here."""

    status = 404


@dataclass(frozen=True, slots=True)
class Entry:
    """One alignment in the report, under its goal, with the thing that it is about."""

    thing: Thing
    alignment: Alignment

    @property
    def word(self) -> Word:
        """By whose word it stands."""
        return word_of(self.alignment)


@dataclass(frozen=True, slots=True)
class GoalPart:
    """A goal, how its targets are covered, and every alignment with it or with one of them."""

    coverage: Coverage
    targets: tuple[Coverage, ...]
    entries: tuple[Entry, ...]

    def of(self, code: str) -> list[Entry]:
        """The alignments with one goal or target, rejected ones last."""
        own = [entry for entry in self.entries if entry.alignment.sdg == code]
        return sorted(own, key=lambda entry: entry.alignment.is_rejected)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the cover says: `states` and `words` count alignments, `methods` those of each judge.

    `unsigned` are those accepted or rejected by somebody who gave no name; `day` is an ISO date.
    """

    strategy: Thing
    day: str
    digest: str
    alignments: int
    words: dict[Word, int]
    states: dict[str, int]
    unsigned: int
    methods: dict[str, int]
    reviewers: tuple[str, ...]
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class Report:
    """One plan's report."""

    catalog: Catalog
    facts: Facts
    matrix: Matrix
    covered: dict[str, Coverage]
    goals: tuple[GoalPart, ...]
    indicators: tuple[tuple[Thing, Comparison | None], ...]
    at_thresholds: Point
    by_score: tuple[Point, ...]

    @property
    def policies(self) -> list[tuple[Thing, list[Thing]]]:
        """The matrix's columns by what they are part of."""
        parent = self.catalog.things.__getitem__
        groups = groupby(self.matrix.measures, key=lambda measure: measure.parent or measure.iri)
        return [(parent(iri), list(measures)) for iri, measures in groups]

    @property
    def kpis(self) -> list[Thing]:
        """All KPIs of the plan."""
        return [thing for thing in self.catalog.things.values() if thing.type == "kpi"]

    @property
    def linked(self) -> list[tuple[Thing, Comparison]]:
        """The KPIs that an indicator measures the same as, and nobody has said otherwise."""
        return [
            (kpi, one)
            for kpi, one in self.indicators
            if one is not None and one.indicator and not one.is_rejected
        ]


def report_of(
    whole: Catalog,
    plan: str | None,
    *,
    digest: str,
    thresholds: Thresholds,
    estimate: Estimate | None,
    today: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Report:
    """The report of a plan, or (None) of the only or first one. Raises ReportError."""
    names = [strategy.plan for strategy in whole.strategies]
    if not names or (plan and plan not in names):
        raise ReportError(
            f"「{plan or ''}」という計画はありません。{'、'.join(names)} のどれかです。",
            f"There is no plan {plan or ''!r}; it must be one of {', '.join(names)}.",
        )
    catalog = whole.of_plans([plan or names[0]])
    covered = coverage(catalog)
    entries = [Entry(thing, one) for thing in catalog.things.values() for one in thing.alignments]
    alignments = [entry.alignment for entry in entries]
    return Report(
        catalog=catalog,
        facts=_facts(catalog.strategies[0], alignments, digest, thresholds, today),
        matrix=sdg_matrix(catalog),
        covered=covered,
        goals=tuple(_goal(goal, covered, entries) for goal in goals_of(covered.values())),
        indicators=tuple(compared(catalog)),
        at_thresholds=at_thresholds(alignments, thresholds.of, estimate),
        by_score=tuple(by_score(alignments, estimate)),
    )


def _facts(
    strategy: Thing,
    alignments: Sequence[Alignment],
    digest: str,
    thresholds: Thresholds,
    today: Callable[[], datetime],
) -> Facts:
    decided = [one for one in alignments if one.state not in ("", "unreviewed")]
    methods = [one.method for one in alignments if one.method]
    return Facts(
        strategy=strategy,
        day=today().date().isoformat(),
        digest=digest,
        alignments=len(alignments),
        words=_counts(WORDS, map(word_of, alignments)),
        states=_counts(STATES, (one.state for one in alignments if one.state)),
        unsigned=sum(not one.reviewer for one in decided),
        methods=_counts(sorted(set(methods)), methods),
        reviewers=tuple(sorted({one.reviewer for one in decided if one.reviewer})),
        thresholds=thresholds,
    )


def _counts(names: Iterable[Name], found: Iterable[Name]) -> dict[Name, int]:
    counted = Counter(found)
    return {name: counted[name] for name in names}


def _goal(goal: Coverage, covered: dict[str, Coverage], entries: Sequence[Entry]) -> GoalPart:
    code = goal.concept.code
    return GoalPart(
        coverage=goal,
        targets=tuple(one for one in covered.values() if one.concept.parent == code),
        entries=tuple(entry for entry in entries if goal_of(entry.alignment.sdg) == code),
    )
