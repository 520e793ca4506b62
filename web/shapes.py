"""The shapes of the API's answers: promised to programs, and described to them as OpenAPI."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from kg.coverage import Word
from kg.plan import ThingType
from search.understanding import FilterKind

Labels = Annotated[dict[str, str], Field(examples=[{"ja": "若者の地元定着", "en": "…"}])]
Unit = Annotated[float, Field(ge=0, le=1)]


class StepView(BaseModel):
    """One thing on the path from the strategy down to a hit."""

    iri: str
    code: str
    label: Labels


class SourceView(BaseModel):
    """Where a text stands in the plan's document: file, 1-based line, exact words."""

    document: str
    line: int
    exact: str


class RelatedView(BaseModel):
    """A word of the question that met another word of a text, and by what they are related."""

    question: str
    text: str
    by: Literal["thesaurus", "label", "encoder"] = Field(
        description="thesaurus: both name a concept; label: names of one thing in two languages "
        "have them; encoder: their vectors are near"
    )
    span: tuple[int, int] = Field(description="where it stands in the text, a half-open range")


class MarksView(BaseModel):
    """Where a text has words of the question, and other words that those met."""

    spans: list[tuple[int, int]]
    related: list[RelatedView]


class ContributionView(BaseModel):
    """What one part of the ranking adds to a hit's score, in log-odds."""

    part: Literal[
        "base", "meaning", "words", "thesaurus", "context", "name", "filters", "order"
    ] = Field(
        description="base: what a hit has that nothing speaks for; meaning, words, thesaurus: of "
        "the thing's own texts; context: of what is above and below it; name: a label or code "
        "that the question names; filters: type, place and the like; order: taken off so as not "
        "to outrank a better match"
    )
    value: float


class EvidenceView(BaseModel):
    """Why a thing is a hit: the text that spoke loudest, the words shared, how near it is."""

    match: Literal["exact", "substring", "near"]
    passage: str
    field: str
    language: str
    origin: str = Field(description="IRI of the thing whose text the passage is")
    words: list[str] = Field(description="words of the passage that the question shares")
    spans: list[tuple[int, int]] = Field(description="where they stand in it, half-open ranges")
    related: list[RelatedView] = Field(
        description="other words of the passage, which words of the question met"
    )
    labels: dict[str, MarksView] = Field(
        description="the same of the hit's label, in the languages that asked or are read"
    )
    similarity: float = Field(ge=-1, le=1, description="cosine of question and passage")
    rank_vector: int | None = Field(description="1-based rank by meaning")
    rank_words: int | None = Field(description="1-based rank by words")
    path: list[StepView] = Field(description="from the strategy down to the hit")
    line: int | None = Field(description="line in the plan's source document, 1-based")
    source: SourceView | None = Field(description="the line itself; null where a plan has none")
    contributions: list[ContributionView] = Field(
        description="the score is 1 / (1 + e^-s) of the sum s of their values"
    )


class HitView(BaseModel):
    """One answer to a question."""

    iri: str
    code: str
    type: ThingType
    label: Labels
    score: Unit = Field(description="the chance that a reader calls it an answer (calibrated)")
    evidence: EvidenceView


class ChoiceView(BaseModel):
    """One value that hits can be narrowed by, and how many hits it would leave."""

    value: str = Field(description="to be sent as the query parameter of the facet's name")
    label: Labels
    count: int = Field(ge=0)
    selected: bool


class FacetsView(BaseModel):
    """What the hits can be narrowed by.

    Counts are over all hits of the question, not only this page's, narrowed by the filters of the
    other facets: a facet's own filter does not reduce its own counts.
    """

    type: list[ChoiceView]
    policy: list[ChoiceView]
    goal: list[ChoiceView] = Field(description="SDG goals, by our own alignments that hold")
    has_kpi: list[ChoiceView]
    plan: list[ChoiceView]


class AnswerCell(BaseModel):
    """One value of an answer: `value` as it is, with what it is called where it has an IRI."""

    value: str
    iri: str | None
    type: str | None = Field(description="of a thing; or goal, target", examples=["measure"])
    code: str | None
    label: dict[str, str]


class AnswerEvidence(BaseModel):
    """A thing of a plan that an answer rests on, and where it stands in the plan's document."""

    iri: str
    code: str
    type: ThingType
    label: Labels
    document: str
    line: int
    exact: str


class AnswerView(BaseModel):
    """What a named query answers to the question: no language model has a part in it."""

    template: str = Field(examples=["kpis-of-policy"], description="name of the query")
    title: dict[str, str] = Field(description="what the query finds, by language")
    parameters: dict[str, AnswerCell]
    sentence: dict[str, str] = Field(description="the answer in words, by language (ja, en)")
    answer: str = Field(description="the column that answers")
    columns: list[str]
    rows: list[dict[str, AnswerCell]] = Field(description="by column; unbound ones are absent")
    query: str = Field(description="the SPARQL that gave the rows; /sparql?query= opens it")
    evidence: list[AnswerEvidence]
    probability: Unit = Field(description="how well the question fits the query; none is below 0.5")


class FilterView(BaseModel):
    """One thing that the question was understood to ask for; hits that do not fit come later.

    A word that is read as another (spelling) narrows nothing: it is looked for as typed as well.
    """

    key: str = Field(
        examples=["type:kpi", "within:2"],
        description="what takes it back: send it as `ignore` with the same question",
    )
    kind: FilterKind = Field(
        description="a type of thing, what is within a code of the plan, an SDG goal, a phrase "
        "that must be there, what must not (without: never a hit), how a word is spelt"
    )
    value: str
    text: str = Field(description="how the question says so")


class UnderstoodView(BaseModel):
    """How a question was read."""

    language: str | None = Field(description="BCP 47; null where it cannot be told")
    filters: list[FilterView]
    topic: str = Field(description="what is left of the question: what hits are about")
    respelt: str = Field(description="the topic as its words were read; empty where as typed")


class SearchAnswer(BaseModel):
    """The hits for a question, best first, and the answer where a named query has one."""

    query: str
    understood: UnderstoodView
    answer: AnswerView | None = Field(
        description="null where no query surely answers, and on all pages but the first"
    )
    likely: bool = Field(description="false where even the best hit is probably no answer")
    hits: list[HitView]
    total: int = Field(ge=0, description="how many hits there are on all pages")
    facets: FacetsView
    next: str | None = Field(
        description="the next page: send it as `cursor` with the same question and filters; "
        "null on the last"
    )


class SuggestedThing(BaseModel):
    """What a suggested label is the label of."""

    iri: str
    code: str
    type: ThingType


class SuggestionView(BaseModel):
    """A question that can be asked: a label or a word of the plans, or a usual term."""

    text: str
    language: str = Field(description="the text's language tag")
    said: str = Field(description="everyday words for it that were typed; else empty")
    thing: SuggestedThing | None = Field(description="whose label it is; null for a word")


class SuggestionsAnswer(BaseModel):
    """What may be meant by what was typed so far, best first."""

    query: str
    suggestions: list[SuggestionView]


class SimilarView(BaseModel):
    """A thing that is like another."""

    iri: str
    code: str
    type: ThingType
    label: Labels
    similarity: Unit = Field(description="by vectors and words of their texts; not a chance")
    path: list[StepView] = Field(description="from the strategy down to it")


class SimilarAnswer(BaseModel):
    """The things most like one, nearest first, without those above and below it."""

    thing: str
    similar: list[SimilarView]


class PartView(BaseModel):
    """The part of a plan whose text the evidence of an alignment quotes."""

    iri: str
    code: str
    relation: Literal["own", "part", "kpi", "above"] = Field(
        description="to the aligned thing: it itself, a part of it, a KPI of its measure, above it"
    )


class AlignmentView(BaseModel):
    """A link to an SDG goal or target: stated by the plan, judged by the machine, or reviewed.

    Unless it is `stated`, it is ours and not the plan's official view.
    """

    iri: str
    thing: str
    sdg: str = Field(examples=["4", "4.4"])
    score: Unit | None = Field(description="the machine's; null where a person added the link")
    method: str
    state: str = Field(
        examples=["accepted", "corrected", "rejected", "unreviewed"],
        description="of the review; empty for what the plan states and nobody has judged",
    )
    evidence: str
    part: PartView | None = Field(
        description="whose text the evidence quotes; null where the plan's texts have no such words"
    )
    note: dict[str, str]
    wording: str = Field(description="what of the SDGs the evidence met; empty where not known")
    reviewer: str
    reviewed: str = Field(description="moment in UTC, ISO 8601; empty where not known")
    stated: bool = Field(description="whether the plan itself says so")


class ComparisonView(BaseModel):
    """What is judged of a KPI beside the SDGs' indicators; ours, not the plan's official view."""

    iri: str
    indicator: str = Field(
        examples=["3.6.1"], description="empty where no indicator measures the same"
    )
    match: Literal["same", "close", ""] = Field(
        description="the same quantity, or the same matter measured otherwise"
    )
    reason: dict[str, str]
    method: str
    created: str
    state: str = Field(examples=["unreviewed", "accepted", "corrected", "rejected"])
    note: dict[str, str] = Field(description="the reviewer's")
    reviewer: str
    reviewed: str


class ThingView(BaseModel):
    """Anything of a plan; relations are IRIs in the order of the source."""

    iri: str
    plan: str
    code: str
    type: ThingType
    label: Labels
    parent: str | None
    children: list[str]
    kpis: list[str]
    source: SourceView | None
    texts: dict[str, dict[str, str]]
    alignments: list[AlignmentView]
    comparisons: list[ComparisonView] = Field(description="of a KPI")


class CoverageView(BaseModel):
    """How an SDG goal (with its targets) or a target is served by the plans.

    What serves it stands, as IRIs, under the best word there is for it: the plan itself states it,
    a person has let it stand, or only a machine has judged so.
    """

    sdg: str = Field(examples=["4", "4.4"])
    iri: str
    kind: Literal["goal", "target"]
    label: Labels
    word: Word = Field(description="by whose word it is served at best; none: nobody says so")
    stated: list[str]
    reviewed: list[str]
    judged: list[str]
    rejected: list[str] = Field(description="of which a person has said that they do not serve it")


class CoverageAnswer(BaseModel):
    """Goals and targets in the UN's order, each goal before its targets."""

    sdgs: list[CoverageView]
