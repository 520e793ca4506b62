"""By whose word each goal and target of the SDGs is served: the plan's, a reader's, a machine's, or
nobody's. The three are counted apart, never as one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kg.catalog import Catalog
from kg.codes import goal_of
from kg.things import Alignment, SdgConcept

Word: TypeAlias = Literal["stated", "reviewed", "judged", "none"]
WORDS: tuple[Word, ...] = ("stated", "reviewed", "judged", "none")
"""The plan states it; a person has let it stand; only a machine says so; nobody says so."""


def word_of(alignment: Alignment) -> Word:
    """The best word there is for an alignment; what a person has rejected has none."""
    if alignment.stated:
        return "stated"
    if alignment.holds:
        return "reviewed"
    return "judged" if alignment.state == "unreviewed" else "none"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a goal (with its targets) or a target is served.

    `things` are the IRIs of what serves it, in the plans' order, each under its best word; those
    under `none` are the ones of which a person has said that they do not.
    """

    concept: SdgConcept
    things: Mapping[Word, tuple[str, ...]]

    @property
    def word(self) -> Word:
        """By whose word it is served at best."""
        return next((word for word in WORDS if word != "none" and self.things[word]), "none")

    def count(self, word: Word) -> int:
        """How many things have that word as their best."""
        return len(self.things[word])


def coverage(catalog: Catalog) -> dict[str, Coverage]:
    """Every goal and target by its code, each goal before its targets."""
    found: dict[str, dict[str, Word]] = {}
    for thing in catalog.things.values():
        for alignment in thing.alignments:
            for code in {alignment.sdg, goal_of(alignment.sdg)}:
                words = found.setdefault(code, {})
                words[thing.iri] = _better(words.get(thing.iri, "none"), word_of(alignment))
    return {
        concept.code: Coverage(concept, _by_word(found.get(concept.code, {})))
        for goal in catalog.goals
        for concept in (goal, *catalog.sdg_children(goal.code))
    }


def goals_of(covered: Iterable[Coverage]) -> list[Coverage]:
    """The goals among them."""
    return [one for one in covered if one.concept.kind == "goal"]


def _better(first: Word, second: Word) -> Word:
    return min(first, second, key=WORDS.index)


def _by_word(words: Mapping[str, Word]) -> dict[Word, tuple[str, ...]]:
    return {word: tuple(iri for iri, own in words.items() if own == word) for word in WORDS}
