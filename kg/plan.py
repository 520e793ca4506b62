"""A strategy as its document structures it: a tree of frozen records that knows no RDF.

Every text is `Quoted`: what it says, and the exact words and line it was read from.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

ThingType: TypeAlias = Literal[
    "strategy", "policy", "measure", "initiative", "component", "kpi", "topic"
]


@dataclass(frozen=True, slots=True)
class Quoted:
    """A text in the plan's language, with the line (1-based) and exact words it was read from."""

    text: str
    line: int
    exact: str


@dataclass(frozen=True, slots=True)
class Interpretation:
    """Why we read the source otherwise than its layout suggests; ours, in both languages."""

    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class Component:
    """A detail in parentheses after an initiative, e.g. テレワーク; code `2-3-1-C1`."""

    code: str
    label: Quoted
    interpretation: Interpretation | None = None


@dataclass(frozen=True, slots=True)
class KPI:
    """An indicator (主なKPI) of a measure; code `4-2-K1`."""

    code: str
    label: Quoted


@dataclass(frozen=True, slots=True)
class Initiative:
    """An initiative (主な取組み) of a measure; code `4-2-1`, in the order of the source."""

    code: str
    label: Quoted
    components: tuple[Component, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure (施策) of a basic policy; code `4-2`."""

    code: str
    label: Quoted
    initiatives: tuple[Initiative, ...] = ()
    kpis: tuple[KPI, ...] = ()


@dataclass(frozen=True, slots=True)
class BasicPolicy:
    """A basic policy (基本方針); `direction` is its 【取組みの方向性】; code `4`."""

    code: str
    label: Quoted
    direction: Quoted
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class CrossCuttingTopic:
    """A topic that stands beside the policies; code `X-1`."""

    code: str
    label: Quoted


@dataclass(frozen=True, slots=True)
class Strategy:
    """The strategy as a whole; code `S`. `end_fiscal_year` 2023 is 令和5年度."""

    code: str
    label: Quoted
    alternative: Quoted
    period: Quoted
    end_fiscal_year: int
    principle: Quoted
    sdg_statement: Quoted


@dataclass(frozen=True, slots=True)
class Document:
    """The source text: file name, SHA-256 (hex), title, publisher and attribution (ja, en)."""

    file: str
    sha256: str
    title: str
    publisher: dict[str, str]
    attribution: dict[str, str]
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class Translation:
    """Our unofficial labels in one language: (code, field) -> text.

    `field` is `label`, `direction`, `alternative`, `principle`, `sdg_statement` or `period`.
    `provenance` says in English who made them and that they are unofficial; `status` says it
    per language (ja, en).
    """

    language: str
    texts: dict[tuple[str, str], str]
    provenance: str
    status: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatedSDG:
    """That the plan itself says of a thing that it serves a goal (`4`) or target (`4.4`).

    `words` are those that say so, where the document has words for it and not only a picture.
    """

    code: str
    sdg: str
    words: Quoted | None = None


class Place(NamedTuple):
    """One thing's place in its plan; `parent` is a code, None for the strategy."""

    type: ThingType
    code: str
    label: Quoted
    parent: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan, whole: what its document says and, apart from it, our translations."""

    id: str
    strategy: Strategy
    policies: tuple[BasicPolicy, ...]
    topics: tuple[CrossCuttingTopic, ...]
    document: Document
    translations: tuple[Translation, ...] = ()
    stated: tuple[StatedSDG, ...] = ()

    def places(self) -> Iterator[Place]:
        """Every thing of the plan with its place, in the order of its tree."""
        strategy = self.strategy
        yield Place("strategy", strategy.code, strategy.label, None)
        for policy in self.policies:
            yield Place("policy", policy.code, policy.label, strategy.code)
            for measure in policy.measures:
                yield Place("measure", measure.code, measure.label, policy.code)
                for initiative in measure.initiatives:
                    yield Place("initiative", initiative.code, initiative.label, measure.code)
                    for component in initiative.components:
                        yield Place("component", component.code, component.label, initiative.code)
                for kpi in measure.kpis:
                    yield Place("kpi", kpi.code, kpi.label, measure.code)
        for topic in self.topics:
            yield Place("topic", topic.code, topic.label, strategy.code)

    def texts(self) -> Iterator[tuple[str, str, Quoted]]:
        """Every text of the plan as (code, field, quoted), in the order of its tree."""
        statements = {policy.code: {"direction": policy.direction} for policy in self.policies}
        statements[self.strategy.code] = {
            "alternative": self.strategy.alternative,
            "period": self.strategy.period,
            "principle": self.strategy.principle,
            "sdg_statement": self.strategy.sdg_statement,
        }
        for place in self.places():
            yield place.code, "label", place.label
            for name, quoted in statements.get(place.code, {}).items():
                yield place.code, name, quoted
