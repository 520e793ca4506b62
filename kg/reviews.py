"""What people have decided on SDG alignments: written in the judged graph, and nowhere else.

A review is an annotation of an alignment (`shirube:Review`) that one person made, in a decision (a
PROV activity) that may be of several. Nothing is ever removed: what is undone is invalidated. The
state of an alignment is that of its latest review that stands, or else what the plan's `sdg.csv`
says. So judging again changes scores and methods, and never a review. What is judged of KPIs beside
the SDGs' indicators is reviewed in the same way.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyoxigraph as ox

from kg.iris import graph_of, iri_of, judged_iri, parse_judged_iri
from kg.prefixes import PREFIXES, declaration
from kg.store import Row

STATES = ("unreviewed", "accepted", "corrected", "rejected")
HOLDING = ("accepted", "corrected")
ADDED = "review"  # the method of what no machine has judged: a person has added it
Ask = Callable[[str], Iterable[Row]]
"""Answers a SELECT with its rows, whatever the store."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decides on one alignment: its state, with notes by language.

    `sdg` is a goal or target; of a KPI an indicator, or empty where none measures the same.
    `evidence` (words of the plan) takes the place of what the alignment has, where given;
    `evidence_in` is the IRI of the thing whose text it quotes, empty where none does.
    """

    code: str
    sdg: str
    state: str
    notes: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""
    evidence_in: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """A verdict with who and when; `decision` names what it was part of, `number` its place there.

    `created` and `undone` are moments in UTC (`moment`); `undone` is when it was
    taken back, empty where it stands.
    """

    plan: str
    verdict: Verdict
    reviewer: str
    created: str
    decision: str
    number: int = 1
    undone: str = ""
    undone_in: str = ""
    undone_by: str = ""

    @property
    def alignment(self) -> str:
        """The IRI of what it is about, an alignment or a comparison."""
        return judged_iri(self.plan, self.verdict.code, self.verdict.sdg)

    @property
    def iri(self) -> ox.NamedNode:
        """Its own IRI."""
        return ox.NamedNode(iri_of(self.plan, "review", f"{self.decision}-{self.number}"))

    @property
    def order(self) -> tuple[str, str, int]:
        """Sorts reviews as they were made."""
        return (self.created, self.decision, self.number)


_ACTIVITY = "review-"
_REVIEWS = (
    "\n".join(map(declaration, ("dcterms", "graph", "oa", "prov", "schema", "shirube")))
    + """
SELECT ?alignment ?review ?state ?reviewer ?created ?decision ?undone ?undone_in ?undone_by
  ?evidence ?evidence_in ?note
WHERE {
  %s
  # What sdg.csv tells of is the build's, and was made in no decision.
  GRAPH ?graph {
    ?review oa:hasTarget ?alignment ; a shirube:Review ; prov:wasGeneratedBy ?decision ;
      shirube:reviewState ?state ; dcterms:created ?created ;
      dcterms:creator/schema:name ?reviewer .
    OPTIONAL { ?review prov:invalidatedAtTime ?undone ; prov:wasInvalidatedBy ?undone_in .
      ?undone_in prov:wasAssociatedWith/schema:name ?undone_by }
    OPTIONAL { ?review shirube:evidence ?evidence }
    OPTIONAL { ?review shirube:evidenceIn ?evidence_in }
    OPTIONAL { ?review shirube:reviewNote ?note }
  }
  FILTER(STRSTARTS(STR(?graph), STR(graph:)))  # in their own graphs users may say anything
}"""
)


def read_reviews(ask: Ask, alignment: str | None = None) -> list[Review]:
    """All reviews, or those of one alignment, in the order in which they were made."""
    only = f"VALUES ?alignment {{ <{alignment}> }}" if alignment else ""
    notes: dict[str, dict[str, str]] = {}
    rows: dict[str, Row] = {}
    for row in ask(_REVIEWS % only):
        iri = _text(row, "review")
        rows[iri] = row
        if isinstance(note := row.get("note"), ox.Literal):
            notes.setdefault(iri, {})[note.language or ""] = note.value
    found = (_review(iri, row, notes.get(iri, {})) for iri, row in rows.items())
    return sorted(found, key=lambda review: review.order)


def _review(iri: str, row: Row, notes: Mapping[str, str]) -> Review:
    place = parse_judged_iri(_text(row, "alignment"))
    assert place is not None, row
    plan, code, sdg = place
    state = _text(row, "state").removeprefix(PREFIXES["shirube"])
    return Review(
        plan=plan,
        verdict=Verdict(code, sdg, state, notes, _text(row, "evidence"), _text(row, "evidence_in")),
        reviewer=_text(row, "reviewer"),
        created=moment(_text(row, "created")),
        decision=_text(row, "decision").rpartition("/" + _ACTIVITY)[2],
        number=int(iri.rpartition("-")[2]),
        undone=moment(_text(row, "undone")) if "undone" in row else "",
        undone_in=_text(row, "undone_in").rpartition("/" + _ACTIVITY)[2],
        undone_by=_text(row, "undone_by"),
    )


def moment(text: str) -> str:
    """A date or time (ISO 8601) as a moment in UTC to the millisecond, `2026-11-25T01:02:03.004Z`.

    A date is its first moment; a time without an offset is UTC. Moments sort as text, which those
    in a store do not: engines drop zeros from fractions. Raises ValueError.
    """
    time = datetime.fromisoformat(text)
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def canonical(moment: str) -> str:
    """A moment as stores spell it: without the zeros at the end of its fraction."""
    return moment.removesuffix("Z").rstrip("0").rstrip(".") + "Z"


def decision_name() -> tuple[str, str]:
    """A new decision's name, which sorts by time, and the moment it is made at."""
    when = moment(datetime.now(UTC).isoformat())
    return f"{re.sub('[^0-9]', '', when)}-{secrets.token_hex(3)}", when


def _text(row: Row, name: str) -> str:
    term = row.get(name)
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""


def term(prefix: str, name: str) -> ox.NamedNode:
    """A term of a vocabulary whose prefix we know."""
    return ox.NamedNode(PREFIXES[prefix] + name)


def quads_of(review: Review) -> Iterator[ox.Quad]:
    """What the judged graph says of a review, its decision, and of the one that undid it."""
    graph = ox.NamedNode(graph_of(review.plan, "judged"))
    verdict = review.verdict
    decision = _activity(review.plan, review.decision)
    facts = [
        *_decision(review.plan, review.decision, review.reviewer, review.created),
        (review.iri, term("rdf", "type"), term("shirube", "Review")),
        (review.iri, term("oa", "motivatedBy"), term("oa", "assessing")),
        (review.iri, term("oa", "hasTarget"), ox.NamedNode(review.alignment)),
        (review.iri, term("shirube", "reviewState"), term("shirube", verdict.state)),
        (review.iri, term("dcterms", "creator"), _person(review.plan, review.reviewer)),
        (review.iri, term("dcterms", "created"), _time(review.created)),
        (review.iri, term("prov", "wasGeneratedBy"), decision),
    ]
    facts += [(review.iri, term("shirube", "reviewNote"), note) for note in notes_of(verdict)]
    if verdict.evidence:
        evidence = ox.Literal(verdict.evidence, language="ja")
        facts.append((review.iri, term("shirube", "evidence"), evidence))
    if verdict.evidence_in:
        said_by = ox.NamedNode(verdict.evidence_in)
        facts.append((review.iri, term("shirube", "evidenceIn"), said_by))
    if review.undone:
        undoing = _activity(review.plan, review.undone_in)
        facts += _decision(review.plan, review.undone_in, review.undone_by, review.undone)
        facts.append((review.iri, term("prov", "wasInvalidatedBy"), undoing))
        facts.append((review.iri, term("prov", "invalidatedAtTime"), _time(review.undone)))
    return (ox.Quad(*fact, graph) for fact in facts)


Fact = tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]


def notes_of(verdict: Verdict) -> list[ox.Literal]:
    """Its notes as literals with their languages."""
    return [ox.Literal(text, language=tag) for tag, text in sorted(verdict.notes.items())]


def _decision(plan: str, decision: str, who: str, when: str) -> list[Fact]:
    activity, person = _activity(plan, decision), _person(plan, who)
    return [
        (activity, term("rdf", "type"), term("prov", "Activity")),
        (activity, term("prov", "endedAtTime"), _time(when)),
        (activity, term("prov", "wasAssociatedWith"), person),
        (person, term("rdf", "type"), term("prov", "Person")),
        (person, term("schema", "name"), ox.Literal(who)),
    ]


def _activity(plan: str, decision: str) -> ox.NamedNode:
    return ox.NamedNode(iri_of(plan, "activity", _ACTIVITY + decision))


def _person(plan: str, name: str) -> ox.NamedNode:
    return ox.NamedNode(iri_of(plan, "person", name))


def _time(moment: str) -> ox.Literal:
    return ox.Literal(canonical(moment), datatype=term("xsd", "dateTime"))
