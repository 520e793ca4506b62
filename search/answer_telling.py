"""An answer told: its rows as people know them, in sentences, with what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import pyoxigraph as ox

from kg.named_queries import NamedQuery
from kg.store import Row as Solution
from kg.store import Term
from kg.things import SdgConcept, Thing
from search.answer_bound import Bound
from search.answer_parameters import Binder, Catalogue
from search.answer_sentences import ROLE_WORDS, Cell, Row, goal_code, sentence

_THE_PLAN = {"ja": "この計画", "en": "the plan"}
_LANGUAGES: tuple[Literal["ja", "en"], ...] = ("ja", "en")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A named query, what stands for its parameters, and how well (`probability`) it all fits."""

    query: NamedQuery
    bound: Mapping[str, Bound]
    text: str
    probability: float

    @property
    def words(self) -> tuple[str, ...]:
        """The words that are looked for in texts."""
        return tuple(
            row[0].value
            for parameter in self.query.parameters
            if "word" in parameter.kinds and parameter.name in self.bound
            for row in self.bound[parameter.name].rows
            if isinstance(row[0], ox.Literal)
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A question's answer: `columns` and `rows` of cells by column, `sentence` by language.

    `answer` is the column that answers, `query` the SPARQL that was run, `evidence` the things of
    the plans that it rests on, each with its place in the source.
    """

    template: str
    title: Mapping[str, str]
    parameters: Row
    sentence: Mapping[str, str]
    answer: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    query: str
    evidence: tuple[Thing, ...]
    probability: float

    @property
    def things(self) -> tuple[str, ...]:
        """The IRIs of the things, goals and targets that answer, in the order of the rows."""
        cells = (row[self.answer] for row in self.rows)
        return tuple(dict.fromkeys(cell.iri for cell in cells if cell.iri))


class AnswerableCatalog(Catalogue, Protocol):
    """What answers are looked up in."""

    def sdg(self, code: str) -> SdgConcept | None:
        """The goal or target with this code."""
        ...


class Teller:
    """Tells answers about one catalog; safe to use from many threads."""

    def __init__(self, catalog: AnswerableCatalog, binder: Binder) -> None:
        self._catalog = catalog
        self._binder = binder

    def tell(self, chosen: Chosen, solutions: Sequence[Solution]) -> Answer:
        """The answer that the solutions of a chosen query give."""
        query = chosen.query
        rows = [self._row(query, solution) for solution in solutions]
        place = {iri: n for n, iri in enumerate(self._catalog.things)}
        rows.sort(key=lambda row: place.get(row[query.answer].iri or "", -1))
        named = {name: self._named(bound) for name, bound in chosen.bound.items()}
        said = self._sentences(chosen, named, rows)
        single = {name for name, cells in named.items() if len(cells) == 1}
        columns = [name for name in dict.fromkeys(n for row in rows for n in row)]
        return Answer(
            template=query.name,
            title=query.title,
            parameters={name: cells[0] for name, cells in named.items() if len(cells) == 1},
            sentence=said,
            answer=query.answer,
            columns=tuple(name for name in columns if name not in single or name == query.answer),
            rows=tuple(rows),
            query=chosen.text,
            evidence=self._evidence(rows, chosen),
            probability=chosen.probability,
        )

    def _sentences(
        self, chosen: Chosen, named: Mapping[str, Sequence[Cell]], rows: Sequence[Row]
    ) -> dict[str, str]:
        """One sentence per plan, or per thing where several have the same code."""
        query = chosen.query
        several = next((name for name, cells in named.items() if len(cells) > 1), None)
        parts: list[tuple[Row, Sequence[Row]]] = []
        fixed = {name: cells[0] for name, cells in named.items()}
        if several is None:
            parts.append((fixed, rows))
        else:
            for cell in named[several]:
                own = [row for row in rows if several in row and row[several].iri == cell.iri]
                parts.append(({**fixed, several: cell}, own))
        return {
            language: " ".join(
                sentence(
                    (query.sentence if own else query.none)[language],
                    language,
                    names,
                    own,
                    query.answer,
                )
                for names, own in parts
            )
            for language in _LANGUAGES
        }

    def _named(self, bound: Bound) -> tuple[Cell, ...]:
        if bound.goal is not None:
            return (_goal(bound.goal),)
        if bound.text in ROLE_WORDS:
            return (Cell(bound.text, label=ROLE_WORDS[bound.text]),)
        if bound.things and not bound.text:
            if [thing.type for thing in bound.things] == ["strategy"] and self._has_one_plan:
                return (replace(_thing(bound.things[0]), label=_THE_PLAN),)
            cells = map(_thing, bound.things)
            return tuple(cells) if len(bound.things) < 2 else tuple(map(self._with_plan, cells))
        return (Cell(bound.text, type=bound.kind),)

    def _with_plan(self, cell: Cell) -> Cell:
        """A thing whose code several plans have, with its plan behind its label."""
        plan = self._catalog.things[cell.iri or ""].plan
        of_plan = next((one for one in self._catalog.strategies if one.plan == plan), None)
        if of_plan is None or cell.type == "strategy":
            return cell
        beside = _thing(of_plan)
        return replace(cell, plan={tag: beside.called(tag) for tag in _LANGUAGES})

    @property
    def _has_one_plan(self) -> bool:
        return len(self._catalog.strategies) == 1

    def _row(self, query: NamedQuery, solution: Solution) -> Row:
        labels: dict[str, str] = {
            name: term.value
            for name in _LANGUAGES
            if isinstance(term := solution.get(name), ox.Literal)
        }
        row: dict[str, Cell] = {}
        for name, term in solution.items():
            if name in labels or name == "code":
                continue
            row[name] = self._cell(term, labels if name == query.answer else {})
        if query.answer not in row:  # it is the text itself
            row[query.answer] = Cell(labels.get("ja", ""), label=labels)
        return row

    def _cell(self, term: Term, labels: Mapping[str, str]) -> Cell:
        if not isinstance(term, ox.NamedNode):
            return Cell(getattr(term, "value", str(term)), label=labels)
        thing = self._catalog.things.get(term.value)
        if thing is not None:
            return _thing(thing)
        code = goal_code(term.value)
        concept = self._catalog.sdg(code) if code and not labels else None
        if concept is not None:
            return _goal(concept)
        kind = ("target" if "." in code else "goal") if code else None
        return Cell(term.value, iri=term.value, type=kind, code=code, label=labels)

    def _evidence(self, rows: Sequence[Row], chosen: Chosen) -> tuple[Thing, ...]:
        """What says a word asked for, then what the rows hold, then what was asked about."""
        answer = chosen.query.answer
        cells = [*(row[answer] for row in rows), *(cell for row in rows for cell in row.values())]
        iris = dict.fromkeys(cell.iri for cell in cells if cell.iri)
        found = [self._catalog.things[iri] for iri in iris if iri in self._catalog.things]
        named = [thing for bound in chosen.bound.values() for thing in bound.things]
        said = [part for thing in found for part in self._binder.saying(thing, chosen.words)]
        things = {one.iri: one for one in (*said, *found, *named) if one.source is not None}
        return tuple(things.values())


def _thing(thing: Thing) -> Cell:
    return Cell(thing.code, thing.iri, thing.type, thing.code, thing.label)


def _goal(goal: SdgConcept) -> Cell:
    return Cell(goal.code, goal.iri, goal.kind, goal.code, goal.short or goal.label)
