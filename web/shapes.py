"""The shapes of what questions are answered with: promised to programs."""

from dataclasses import dataclass
from typing import Annotated

from kg.plan import ThingType
from search.understanding import FilterKind
from web.hit_shapes import HitView
from web.shaping import Described, Labels, Unit


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One value that hits can be narrowed by, and how many hits it would leave."""

    value: Annotated[str, Described("to be sent as the query parameter of the facet's name")]
    label: Labels
    count: Annotated[int, Described(minimum=0)]
    selected: bool


@dataclass(frozen=True, slots=True)
class FacetsView:
    """What the hits can be narrowed by.

    Counts are over all hits of the question, not only this page's, narrowed by the filters of the
    other facets: a facet's own filter does not reduce its own counts.
    """

    type: list[ChoiceView]
    policy: list[ChoiceView]
    goal: Annotated[list[ChoiceView], Described("SDG goals, by our own alignments that hold")]
    has_kpi: list[ChoiceView]
    plan: list[ChoiceView]


@dataclass(frozen=True, slots=True)
class AnswerCell:
    """One value of an answer: `value` as it is, with what it is called where it has an IRI."""

    value: str
    iri: str | None
    type: Annotated[str | None, Described("of a thing; or goal, target", examples=["measure"])]
    code: str | None
    label: dict[str, str]


@dataclass(frozen=True, slots=True)
class AnswerEvidence:
    """A thing of a plan that an answer rests on, and where it stands in the plan's document."""

    iri: str
    code: str
    type: ThingType
    label: Labels
    document: str
    line: int
    exact: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What a named query answers to the question: no language model has a part in it."""

    template: Annotated[
        str,
        Described(
            "name of the query",
            examples=["kpis-of-policy"],
        ),
    ]
    title: Annotated[dict[str, str], Described("what the query finds, by language")]
    parameters: dict[str, AnswerCell]
    sentence: Annotated[dict[str, str], Described("the answer in words, by language (ja, en)")]
    answer: Annotated[str, Described("the column that answers")]
    columns: list[str]
    rows: Annotated[list[dict[str, AnswerCell]], Described("by column; unbound ones are absent")]
    query: Annotated[str, Described("the SPARQL that gave the rows; /sparql?query= opens it")]
    evidence: list[AnswerEvidence]
    probability: Annotated[
        Unit, Described("how well the question fits the query; none is below 0.5")
    ]


@dataclass(frozen=True, slots=True)
class FilterView:
    """One thing that the question was understood to ask for; hits that do not fit come later.

    A word that is read as another (spelling) narrows nothing: it is looked for as typed as well.
    """

    key: Annotated[
        str,
        Described(
            examples=["type:kpi", "within:2"],
            description="what takes it back: send it as `ignore` with the same question",
        ),
    ]
    kind: Annotated[
        FilterKind,
        Described(
            "a type of thing, what is within a code of the plan, an SDG goal, a phrase "
            "that must be there, what must not (without: never a hit), how a word is spelt"
        ),
    ]
    value: str
    text: Annotated[str, Described("how the question says so")]


@dataclass(frozen=True, slots=True)
class UnderstoodView:
    """How a question was read."""

    language: Annotated[str | None, Described("BCP 47; null where it cannot be told")]
    filters: list[FilterView]
    topic: Annotated[str, Described("what is left of the question: what hits are about")]
    respelt: Annotated[str, Described("the topic as its words were read; empty where as typed")]


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The hits for a question, best first, and the answer where a named query has one."""

    query: str
    understood: UnderstoodView
    answer: Annotated[
        AnswerView | None,
        Described("null where no query surely answers, and on all pages but the first"),
    ]
    likely: Annotated[bool, Described("false where even the best hit is probably no answer")]
    hits: list[HitView]
    total: Annotated[int, Described(minimum=0, description="how many hits there are on all pages")]
    facets: FacetsView
    next: Annotated[
        str | None,
        Described(
            "the next page: send it as `cursor` with the same question and filters; "
            "null on the last"
        ),
    ]


@dataclass(frozen=True, slots=True)
class SuggestedThing:
    """What a suggested label is the label of."""

    iri: str
    code: str
    type: ThingType


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """A question that can be asked: a label or a word of the plans, or a usual term."""

    text: str
    language: Annotated[str, Described("the text's language tag")]
    said: Annotated[str, Described("everyday words for it that were typed; else empty")]
    thing: Annotated[SuggestedThing | None, Described("whose label it is; null for a word")]


@dataclass(frozen=True, slots=True)
class SuggestionsAnswer:
    """What may be meant by what was typed so far, best first."""

    query: str
    suggestions: list[SuggestionView]
