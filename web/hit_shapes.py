"""The shape of a hit and of why it is one, and of things that are like another."""

from dataclasses import dataclass
from typing import Annotated, Literal

from kg.plan import ThingType
from web.shaping import Described, Labels, Unit


@dataclass(frozen=True, slots=True)
class StepView:
    """One thing on the path from the strategy down to a hit."""

    iri: str
    code: str
    label: Labels


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where a text stands in the plan's document: file, 1-based line, exact words."""

    document: str
    line: int
    exact: str


@dataclass(frozen=True, slots=True)
class RelatedView:
    """A word of the question that met another word of a text, and by what they are related."""

    question: str
    text: str
    by: Annotated[
        Literal["thesaurus", "label", "encoder"],
        Described(
            "thesaurus: both name a concept; label: names of one thing in two languages "
            "have them; encoder: their vectors are near"
        ),
    ]
    span: Annotated[tuple[int, int], Described("where it stands in the text, a half-open range")]


@dataclass(frozen=True, slots=True)
class MarksView:
    """Where a text has words of the question, and other words that those met."""

    spans: list[tuple[int, int]]
    related: list[RelatedView]


@dataclass(frozen=True, slots=True)
class ContributionView:
    """What one part of the ranking adds to a hit's score, in log-odds."""

    part: Annotated[
        Literal["base", "meaning", "words", "thesaurus", "context", "name", "filters", "order"],
        Described(
            "base: what a hit has that nothing speaks for; meaning, words, thesaurus: of the "
            "thing's own texts; context: of what is above and below it; name: a label or code "
            "that the question names; filters: type, place and the like; order: taken off so as "
            "not to outrank a better match"
        ),
    ]
    value: float


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Why a thing is a hit: the text that spoke loudest, the words shared, how near it is."""

    match: Literal["exact", "substring", "near"]
    passage: str
    field: str
    language: str
    origin: Annotated[str, Described("IRI of the thing whose text the passage is")]
    words: Annotated[list[str], Described("words of the passage that the question shares")]
    spans: Annotated[list[tuple[int, int]], Described("where they stand in it, half-open ranges")]
    related: Annotated[
        list[RelatedView],
        Described("other words of the passage, which words of the question met"),
    ]
    labels: Annotated[
        dict[str, MarksView],
        Described("the same of the hit's label, in the languages that asked or are read"),
    ]
    similarity: Annotated[
        float, Described(minimum=-1, maximum=1, description="cosine of question and passage")
    ]
    rank_vector: Annotated[int | None, Described("1-based rank by meaning")]
    rank_words: Annotated[int | None, Described("1-based rank by words")]
    path: Annotated[list[StepView], Described("from the strategy down to the hit")]
    line: Annotated[int | None, Described("line in the plan's source document, 1-based")]
    source: Annotated[SourceView | None, Described("the line itself; null where a plan has none")]
    contributions: Annotated[
        list[ContributionView],
        Described("the score is 1 / (1 + e^-s) of the sum s of their values"),
    ]


@dataclass(frozen=True, slots=True)
class HitView:
    """One answer to a question."""

    iri: str
    code: str
    type: ThingType
    label: Labels
    score: Annotated[Unit, Described("the chance that a reader calls it an answer (calibrated)")]
    evidence: EvidenceView


@dataclass(frozen=True, slots=True)
class SimilarView:
    """A thing that is like another."""

    iri: str
    code: str
    type: ThingType
    label: Labels
    similarity: Annotated[Unit, Described("by vectors and words of their texts; not a chance")]
    path: Annotated[list[StepView], Described("from the strategy down to it")]


@dataclass(frozen=True, slots=True)
class SimilarAnswer:
    """The things most like one, nearest first, without those above and below it."""

    thing: str
    similar: list[SimilarView]
