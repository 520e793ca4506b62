"""The shapes of a thing with all that is known of it, and of how the SDGs are served."""

from dataclasses import dataclass
from typing import Annotated, Literal

from kg.coverage import Word
from kg.plan import ThingType
from web.hit_shapes import SourceView
from web.shaping import Described, Labels, Unit


@dataclass(frozen=True, slots=True)
class PartView:
    """The part of a plan whose text the evidence of an alignment quotes."""

    iri: str
    code: str
    relation: Annotated[
        Literal["own", "part", "kpi", "above"],
        Described("to the aligned thing: it itself, a part of it, a KPI of its measure, above it"),
    ]


@dataclass(frozen=True, slots=True)
class AlignmentView:
    """A link to an SDG goal or target: stated by the plan, judged by the machine, or reviewed.

    Unless it is `stated`, it is ours and not the plan's official view.
    """

    iri: str
    thing: str
    sdg: Annotated[str, Described(examples=["4", "4.4"])]
    score: Annotated[Unit | None, Described("the machine's; null where a person added the link")]
    method: str
    state: Annotated[
        str,
        Described(
            examples=["accepted", "corrected", "rejected", "unreviewed"],
            description="of the review; empty for what the plan states and nobody has judged",
        ),
    ]
    evidence: str
    part: Annotated[
        PartView | None,
        Described("whose text the evidence quotes; null where the plan's texts have no such words"),
    ]
    note: dict[str, str]
    wording: Annotated[str, Described("what of the SDGs the evidence met; empty where not known")]
    reviewer: str
    reviewed: Annotated[str, Described("moment in UTC, ISO 8601; empty where not known")]
    stated: Annotated[bool, Described("whether the plan itself says so")]


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """What is judged of a KPI beside the SDGs' indicators; ours, not the plan's official view."""

    iri: str
    indicator: Annotated[
        str,
        Described(
            "empty where no indicator measures the same",
            examples=["3.6.1"],
        ),
    ]
    match: Annotated[
        Literal["same", "close", ""],
        Described("the same quantity, or the same matter measured otherwise"),
    ]
    reason: dict[str, str]
    method: str
    created: str
    state: Annotated[str, Described(examples=["unreviewed", "accepted", "corrected", "rejected"])]
    note: Annotated[dict[str, str], Described("the reviewer's")]
    reviewer: str
    reviewed: str


@dataclass(frozen=True, slots=True)
class ThingView:
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
    comparisons: Annotated[list[ComparisonView], Described("of a KPI")]


@dataclass(frozen=True, slots=True)
class CoverageView:
    """How an SDG goal (with its targets) or a target is served by the plans.

    What serves it stands, as IRIs, under the best word there is for it: the plan itself states it,
    a person has let it stand, or only a machine has judged so.
    """

    sdg: Annotated[str, Described(examples=["4", "4.4"])]
    iri: str
    kind: Literal["goal", "target"]
    label: Labels
    word: Annotated[Word, Described("by whose word it is served at best; none: nobody says so")]
    stated: list[str]
    reviewed: list[str]
    judged: list[str]
    rejected: Annotated[
        list[str], Described("of which a person has said that they do not serve it")
    ]


@dataclass(frozen=True, slots=True)
class CoverageAnswer:
    """Goals and targets in the UN's order, each goal before its targets."""

    sdgs: list[CoverageView]
