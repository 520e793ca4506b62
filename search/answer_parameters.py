"""What stands for the parameters of a named query: the things, goals and words of a question."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import pyoxigraph as ox

from kg.named_queries import Parameter
from kg.things import SdgConcept, Thing
from search.answer_bound import Bound, bound_cue, bound_things
from search.answer_choice import Match
from search.answer_subjects import Subjects
from search.encoder import Encoder
from search.labels import spaced
from search.named_by_meaning import NamedByMeaning
from search.originals import Originals
from search.passage import Things
from search.plan_names import PlanNames
from search.question_codes import TYPES
from search.question_labels import Mention
from search.subject_words import names_a_type

_PARTS = frozenset({"component", "kpi"})  # what they belong to is judged, not they
_NAMES_IT = 0.9  # how sure it is that a KPI is about what its label names


class Catalogue(Things, Protocol):
    """What the parameters are looked up in."""

    @property
    def strategies(self) -> Sequence[Thing]: ...

    @property
    def goals(self) -> Sequence[SdgConcept]: ...


@dataclass
class _Open:
    """What of a question has not been accounted for."""

    mentions: list[Mention]
    texts: list[str]
    bound: dict[str, Bound] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a match rests on, beside what fills its parameters: `ideas`, and if it is one of the
    light ones too.
    """

    ideas: frozenset[str]
    lightly: bool

    @classmethod
    def by(cls, match: Match) -> "_Said":
        ideas = frozenset(match.chosen.values()).union(*match.pattern.cues)
        light = (cue.ideas for cue in match.reading.cues if cue.kind == "light")
        return cls(ideas, any(one & match.pattern.light for one in light))

    def as_said(self, parameter: Parameter) -> Parameter:
        """A parameter of the types that are said: "the KPI …" is no initiative."""
        said = self.ideas.intersection(parameter.kinds) & TYPES
        if not said or "near" in parameter.kinds:
            return parameter
        others = (kind for kind in parameter.kinds if kind not in TYPES or kind in said)
        return replace(parameter, kinds=tuple(others))

    def is_search(self, parameter: Parameter, text: str) -> bool:
        """Whether a text may as well say what is looked for: "measures for the elderly" are not
        those that something belongs to which is like the elderly.
        """
        only_a_type = self.ideas <= TYPES - {"kpi"} and not self.lightly
        return only_a_type and bool(TYPES.intersection(parameter.kinds)) and not names_a_type(text)


class Binder:
    """Fills parameters from what readings name."""

    def __init__(self, catalogue: Catalogue, encoder: Encoder) -> None:
        self._catalogue = catalogue
        self._named = NamedByMeaning(catalogue.things, encoder)
        self._originals = Originals(catalogue.things, encoder)
        self._subjects = Subjects(catalogue.things, self._originals)
        self._plans = PlanNames(catalogue.strategies, encoder)

    def bind(self, match: Match) -> Iterator[dict[str, Bound]]:
        """Ways to fill all parameters with nothing left over."""
        reading = match.reading
        plans = [m for m in reading.mentions if any(t.type == "strategy" for t in m.things)]
        names_plan = any("strategy" in p.kinds for p in match.pattern.parameters)
        left = [m for m in reading.mentions if names_plan or m not in plans]
        rest = _Open(left, list(reading.texts))
        asked = {p.name for p in match.pattern.parameters}
        for parameter in match.pattern.parameters:
            if parameter.name in match.chosen:
                rest.bound[parameter.name] = bound_cue(parameter, match.chosen[parameter.name])
        wanted = [p for p in match.pattern.parameters if p.name not in match.chosen]
        hidden = next((p for p in match.pattern.query.parameters if p.name not in asked), None)
        for filled in self._fill(wanted, rest, _Said.by(match)):
            done = self._finish(filled, hidden, [] if names_plan else plans)
            if done is not None:
                yield done.bound

    def saying(self, thing: Thing, words: Sequence[str]) -> list[Thing]:
        """Which of a thing and its parts, in their order, have one of the words in a text."""
        things = self._catalogue.things
        parts = [part for iri in thing.children for part in self.saying(things[iri], words)]
        return [thing, *parts] if self._originals.says(thing, words) else parts

    def _fill(self, wanted: Sequence[Parameter], rest: _Open, said: _Said) -> Iterator[_Open]:
        if not wanted:
            yield rest
            return
        first, *others = wanted
        for bound, used_mention, used_text in self._ways(first, rest, said):
            mentions = [m for m in rest.mentions if m is not used_mention]
            texts = [t for t in rest.texts if t is not used_text]
            more = _Open(mentions, texts, {**rest.bound, first.name: bound})
            yield from self._fill(others, more, said)

    def _ways(
        self, parameter: Parameter, rest: _Open, said: _Said
    ) -> Iterator[tuple[Bound, Mention | None, str | None]]:
        for mention in rest.mentions:
            if bound := self._mentioned(parameter, mention):
                yield bound, mention, None
        # Words alone are too little to go by where nothing else says what is asked.
        by_name = "goal" not in parameter.kinds or "goal" in said.ideas
        parameter = said.as_said(parameter)
        for text in rest.texts if said.ideas else ():
            if said.is_search(parameter, text):
                continue
            bound = self._worded(parameter, text) if by_name else self._goal_called(text)
            if bound:
                yield bound, None, text

    def _mentioned(self, parameter: Parameter, mention: Mention) -> Bound | None:
        kinds = parameter.kinds
        if "goal" in kinds:
            return self._goal(mention.goal) if mention.goal else None
        if "word" in kinds:
            if mention.how == "code" or mention.goal:
                return None
            return self._word(mention.text, sure=mention.how == "quote")
        if "subject" in kinds:
            named = mention.how in ("label", "quote") and not self._plans.is_of_a_place(
                mention.text
            )
            return self._subject(mention.text) if named else None
        if "code" in kinds and mention.how != "code":
            return None
        things = tuple(thing for thing in mention.things if thing.type in kinds)
        if things:
            return bound_things(things)
        return self._worded(parameter, mention.text) if mention.how == "quote" else None

    def _worded(self, parameter: Parameter, text: str) -> Bound | None:
        """A parameter named by other words than a code or a whole label."""
        kinds = parameter.kinds
        if "word" in kinds:
            return self._word(text)
        if "goal" in kinds:
            return self._goal_of_name(text)
        if self._plans.is_of_a_place(text):
            return None
        if "subject" in kinds:
            return self._subject(text)
        types = TYPES.intersection(kinds)
        if "code" in kinds or not types:
            return None
        ways = [self._named.by_label(text, types)]
        if "near" in kinds:
            ways.append(self._named.about(text, types - _PARTS))
        meant = max(filter(None, ways), key=lambda one: one.sure, default=None)
        return replace(bound_things(meant.things), sure=meant.sure) if meant else None

    def _subject(self, text: str) -> Bound | None:
        """The KPIs that measure a subject."""
        kpis = self._subjects.measured(text)
        if not kpis:
            return None
        subject = ox.Literal(text)
        rows = tuple((subject, ox.NamedNode(thing.iri)) for thing in kpis)
        return Bound(rows, kpis, text, sure=_NAMES_IT)

    def _word(self, text: str, sure: bool = False) -> Bound | None:
        """A word of the plans' texts; one that is in none counts only if it was in quotes.

        With it goes the original word of what is a translation, or said in yet another language.
        """
        original = self._originals.of(text)
        if not (sure or original or self._originals.is_said(text)):
            return None
        words = [text, original] if original and original != text else [text]
        shown = f"{text} ({original})" if len(words) > 1 else text
        return Bound(tuple((ox.Literal(word),) for word in words), text=shown)

    def _goal(self, code: str) -> Bound | None:
        goal = next((one for one in self._catalogue.goals if one.code == code), None)
        return Bound(((ox.NamedNode(goal.iri),),), goal=goal) if goal else None

    def _goal_called(self, text: str) -> Bound | None:
        """The goal whose whole short name a text is: that alone says that a goal is meant."""
        key = spaced(text)
        called = [
            goal.code
            for goal in self._catalogue.goals
            if key in {spaced(one) for one in goal.short.values()}
        ]
        return self._goal(called[0]) if len(called) == 1 else None

    def _goal_of_name(self, text: str) -> Bound | None:
        found = [goal for goal in self._catalogue.goals if self._is_name(goal, text)]
        return self._goal(found[0].code) if len(found) == 1 else None

    def _is_name(self, goal: SdgConcept, text: str) -> bool:
        key = spaced(text)
        return len(key) > 2 and any(key in name for name in self._goal_names[goal.code])

    @cached_property
    def _goal_names(self) -> dict[str, list[str]]:
        return {
            goal.code: [spaced(one) for one in (*goal.short.values(), *goal.label.values())]
            for goal in self._catalogue.goals
        }

    def _finish(
        self, filled: _Open, plan: Parameter | None, plans: Sequence[Mention]
    ) -> _Open | None:
        """The plan filled in, and what else a plan's or a goal's name accounts for."""
        strategies = [thing for mention in plans for thing in mention.things]
        goal = next((bound.goal for bound in filled.bound.values() if bound.goal), None)
        texts = [*filled.texts, *(m.text for m in filled.mentions if m.how == "quote")]
        if any(m.how != "quote" for m in filled.mentions):
            return None
        for text in texts:
            if goal is not None and self._is_name(goal, text):
                continue
            named = self._plans.named(text)
            if not named:
                return None
            strategies = [one for one in named if not strategies or one in strategies]
        chosen = {one.plan for one in strategies}
        if plan is not None:
            strategies = strategies or list(self._catalogue.strategies)
            filled.bound[plan.name] = bound_things(_once(strategies))
        elif chosen:
            return _within(filled, chosen)
        return filled


def _within(filled: _Open, plans: set[str]) -> _Open | None:
    """The same with only the things of some plans; None where a parameter has none left."""
    for name, bound in filled.bound.items():
        if not bound.things:
            continue
        kept = tuple(thing for thing in bound.things if thing.plan in plans)
        if not kept:
            return None
        if not bound.text:
            filled.bound[name] = replace(bound_things(kept), sure=bound.sure)
    return filled


def _once(things: Iterable[Thing]) -> tuple[Thing, ...]:
    return tuple({thing.iri: thing for thing in things}.values())
