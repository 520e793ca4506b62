"""The graph as the faces show it: every thing with its labels, place, evidence and alignments."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from kg.catalog_queries import read_alignments, read_comparisons, read_sdgs, read_things
from kg.store import Store
from kg.things import Alignment, Comparison, SdgConcept, Source, Thing

__all__ = ["Alignment", "Catalog", "Comparison", "SdgConcept", "Source", "Thing"]


@dataclass(frozen=True)
class Catalog:
    """All plans of a store and the SDGs: `things` by IRI in source order, `sdgs` by code.

    The SDGs, two thousand texts that a search does without, are read when they are first asked for.
    """

    things: Mapping[str, Thing]
    load_sdgs: Callable[[], Mapping[str, SdgConcept]] = field(default=dict, compare=False)

    @classmethod
    def from_store(cls, store: Store) -> "Catalog":
        """Everything the graph says of plans and SDGs, in five queries; both at once."""
        sdgs = read_sdgs(store)
        return cls(read_things(store), lambda: sdgs)

    def with_alignments_of(self, store: Store) -> "Catalog":
        """The same things with what a store judges of them now: reviews come in between."""
        alignments, comparisons = read_alignments(store), read_comparisons(store)
        things = {
            iri: replace(
                thing,
                alignments=alignments.get(iri, ()),
                comparisons=comparisons.get(iri, ()),
            )
            for iri, thing in self.things.items()
        }
        return Catalog(things, lambda: self.sdgs)

    @cached_property
    def sdgs(self) -> Mapping[str, SdgConcept]:
        """Goals, targets and indicators by code, in the UN's order."""
        return self.load_sdgs()

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of all things: what is made from them is stale when it moves."""
        # Not dataclasses.asdict: its deep copies take a tenth of a second, at every start.
        canonical = json.dumps(
            list(self.things.values()),
            default=lambda one: {part.name: getattr(one, part.name) for part in fields(one)},
            ensure_ascii=False,
            sort_keys=True,
        )
        return hashlib.sha256(canonical.encode()).hexdigest()

    def find(self, plan: str, code: str) -> Thing | None:
        """The thing of a plan with this code."""
        return self._by_code.get((plan, code))

    @cached_property
    def strategies(self) -> tuple[Thing, ...]:
        """The strategy of each plan, by plan name."""
        return tuple(thing for thing in self.things.values() if thing.type == "strategy")

    def of_plans(self, plans: Collection[str]) -> "Catalog":
        """The part of these plans, and the SDGs; codes are unique within one plan."""
        things = {iri: thing for iri, thing in self.things.items() if thing.plan in plans}
        return Catalog(things, lambda: self.sdgs)

    @cached_property
    def states_sdgs(self) -> bool:
        """Whether any plan itself says which goals or targets something of it serves."""
        return any(one.stated for thing in self.things.values() for one in thing.alignments)

    def path(self, iri: str) -> tuple[Thing, ...]:
        """From the strategy down to the thing itself; raises KeyError for an unknown IRI."""
        thing: Thing | None = self.things[iri]
        steps: list[Thing] = []
        while thing is not None and thing not in steps:
            steps.append(thing)
            thing = self.things.get(thing.parent) if thing.parent else None
        return tuple(reversed(steps))

    @cached_property
    def goals(self) -> tuple[SdgConcept, ...]:
        """The 17 goals in their order."""
        return tuple(concept for concept in self.sdgs.values() if concept.kind == "goal")

    def sdg(self, code: str) -> SdgConcept | None:
        """The goal, target or indicator with this code."""
        return self.sdgs.get(code)

    def sdg_children(self, code: str) -> tuple[SdgConcept, ...]:
        """A goal's targets or a target's indicators, in the UN's order."""
        return tuple(concept for concept in self.sdgs.values() if concept.parent == code)

    def alignments_of_sdg(self, code: str, including_targets: bool = False) -> list[Alignment]:
        """Alignments to a goal or target, in the order of the plans' things.

        With `including_targets` a goal also answers for its targets.
        """
        codes = {code}
        if including_targets:
            codes |= {concept.code for concept in self.sdg_children(code)}
        things = self.things.values()
        return [one for thing in things for one in thing.alignments if one.sdg in codes]

    @cached_property
    def _by_code(self) -> dict[tuple[str, str], Thing]:
        return {(thing.plan, thing.code): thing for thing in self.things.values()}


class LiveCatalog:
    """A catalog whose alignments are those of the live store, at every call; it is safe to share.

    `revision` names what is in the store just now: alignments are read again when it moves.
    """

    def __init__(self, built: Catalog, store: Store, revision: Callable[[], str]) -> None:
        self._built = built
        self._store = store
        self._revision = revision
        self._read: tuple[str, Catalog] | None = None

    def __call__(self) -> Catalog:
        """The catalog of this moment."""
        revision = self._revision()  # asked first: what is read can only be newer
        read = self._read
        if read is None or read[0] != revision:
            self._read = read = revision, self._built.with_alignments_of(self._store)
        return read[1]
