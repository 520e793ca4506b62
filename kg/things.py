"""What a catalog holds: things of plans, their alignments, and the SDGs' goals and targets."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.plan import ThingType


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text stands in the plan's document: its file, 1-based line and exact words."""

    document: str
    line: int
    exact: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """A judged link from a thing to an SDG goal or target, with why and how sure.

    `sdg` is the UN's code (`4` or `4.4`), `score` is in 0..1, `state` is one of
    unreviewed, accepted, corrected, rejected; `evidence` quotes the plan; `note` is per language.
    """

    iri: str
    thing: str
    sdg: str
    score: float
    method: str
    state: str
    evidence: str
    note: Mapping[str, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """True when a reader has let it stand (accepted or corrected)."""
        return self.state in ("accepted", "corrected")


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
    (direction, alternative, principle, sdg_statement, period, interpretation).
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
