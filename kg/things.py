"""What a catalog holds: things of plans, their alignments, and the SDGs' goals and targets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kg.iris import Match
from kg.plan import ThingType


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text stands in the plan's document: its file, 1-based line and exact words."""

    document: str
    line: int
    exact: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """A link from a thing to an SDG goal or target: stated by the plan, judged, reviewed, or more.

    `sdg` is the UN's code (`4` or `4.4`). `stated` says whether the plan itself says so. What was
    judged has a `method` and a `score` in 0..1 (None where a person has added it), and a `state`:
    unreviewed, accepted, corrected or rejected; what is stated only has neither. `evidence` quotes
    the plan, `evidence_in` is the IRI of the thing whose text that is, `wording` quotes the SDGs;
    `note` is per language. `reviewer` and `reviewed` (a moment in UTC) say who decided on the state
    and when, where that is known.
    """

    iri: str
    thing: str
    sdg: str
    score: float | None
    method: str
    state: str
    evidence: str
    note: Mapping[str, str] = field(default_factory=dict)
    wording: str = ""
    reviewer: str = ""
    reviewed: str = ""
    stated: bool = False
    evidence_in: str = ""

    @property
    def holds(self) -> bool:
        """True when the plan states it or a reader has let it stand (accepted or corrected)."""
        return self.stated or self.state in ("accepted", "corrected")

    @property
    def is_rejected(self) -> bool:
        """True when a reader has turned down what only a machine says."""
        return self.state == "rejected" and not self.stated


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is judged of a KPI beside the SDGs' indicators; ours, never the plan's word.

    `indicator` is the UN's code (`3.6.1`), empty where no indicator measures the same; then `match`
    is empty too, else `same` (the same quantity) or `close` (the same matter, measured otherwise).
    `reason` is per language; `created` an ISO date; `state`, `note`, `reviewer` and `reviewed` are
    those of an Alignment.
    """

    iri: str
    kpi: str
    indicator: str
    match: Match
    reason: Mapping[str, str]
    method: str
    state: str
    created: str = ""
    reviewer: str = ""
    reviewed: str = ""
    note: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_rejected(self) -> bool:
        """True when a reader has turned it down."""
        return self.state == "rejected"


@dataclass(frozen=True, slots=True)
class SdgConcept:
    """A goal (`4`), target (`4.4`) or indicator (`4.4.1`) of the UN; labels by language tag.

    `kind` is goal, target or indicator, `parent` the code above. An indicator that serves several
    targets is there once for each, with that target's code and the same IRI.
    """

    iri: str
    code: str
    kind: str
    label: Mapping[str, str]
    short: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """Anything of a plan that has a page. Relations are IRIs, in the order of the source.

    `label` and `texts` map language tags to text; `texts` holds the longer statements by field
    (direction, alternative, principle, sdg_statement, period, interpretation), and of a strategy
    whose it is (publisher).
    """

    iri: str
    plan: str
    code: str
    type: ThingType
    label: Mapping[str, str]
    parent: str | None = None
    children: tuple[str, ...] = ()
    kpis: tuple[str, ...] = ()
    source: Source | None = None
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    alignments: tuple[Alignment, ...] = ()
    comparisons: tuple[Comparison, ...] = ()


def below(things: Mapping[str, Thing], thing: Thing) -> Iterator[tuple[Thing, int]]:
    """Everything below a thing with how many steps it is away, nearest first; `things` by IRI."""
    level, distance = [thing], 1
    while level:
        level = [things[iri] for one in level for iri in (*one.children, *one.kpis)]
        for one in level:
            yield one, distance
        distance += 1
