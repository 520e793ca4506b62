"""Why a query has no result: the smallest part of its patterns that nothing matches.

Parts of the query are put to the same store as ASK, until that part is found which takes the last
solution away. What a pattern means stays the engine's to say, and none is asked outside the GRAPH
or the subquery that it stands in.
"""

import logging
from collections.abc import Callable

import pyoxigraph as ox

from kg import empty_hints as hints
from kg.pattern_parts import Part, parts_of
from kg.probe import Probe, SpentError
from kg.search_arguments import SEARCH
from kg.sparql_errors import SparqlError
from kg.sparql_group_reader import groups_of
from kg.sparql_groups import Element, Group, QueryGroups
from kg.sparql_hints import MAX_HINTS, Hint, as_written
from kg.sparql_reader import Reading, read
from kg.store import WHOLE, Dataset, Result, Store

logger = logging.getLogger(__name__)
BUDGET = 0.3  # seconds for all questions together

_Within = Callable[[str], str]  # puts a pattern where it stands: GRAPH ?g { … }


def is_empty(result: Result) -> bool:
    """Whether an answer has no solution and no triple, or is a false; reads no more than it must.

    False for a format that cannot be read back.
    """
    if result.media_type in ("text/csv", "text/tab-separated-values"):
        _, _, rows = result.body.partition(b"\n")  # after the header, in which no line breaks
        return result.body.strip() == b"false" if result.form == "ASK" else not rows
    try:
        if result.form in ("CONSTRUCT", "DESCRIBE"):
            quads = ox.parse(result.body, ox.RdfFormat.from_media_type(result.media_type))
            return next(iter(quads), None) is None
        solutions = ox.parse_query_results(
            result.body, ox.QueryResultsFormat.from_media_type(result.media_type)
        )
        if isinstance(solutions, ox.QueryBoolean):
            return not solutions
        return isinstance(solutions, ox.QuerySolutions) and next(solutions, None) is None
    except (SyntaxError, ValueError):
        return False


def why_empty(
    store: Store, text: str, dataset: Dataset = WHOLE, budget: float = BUDGET
) -> list[Hint]:
    """What leaves a query without a result, at most MAX_HINTS; none where it cannot be told.

    `text` is a correct query whose answer by this store and dataset is empty (ASK: false). Takes
    little more than `budget` seconds and never raises: what goes wrong is logged.
    """
    try:
        reading = read(text)
        groups = groups_of(reading)
        probe = Probe(store, reading, groups, dataset, budget)
        return _Inquiry(reading, groups, probe).findings()[:MAX_HINTS]
    except SpentError:
        logger.info("no time left to tell why a query has no result")
    except SparqlError as error:
        logger.info("cannot tell why a query has no result: %s", error)
    except Exception:
        logger.exception("cannot tell why a query has no result")
    return []


class _Inquiry:
    def __init__(self, reading: Reading, groups: QueryGroups, probe: Probe) -> None:
        self._reading = reading
        self._groups = groups
        self._probe = probe

    def findings(self) -> list[Hint]:
        """The reasons, the most telling first."""
        where = self._groups.where
        missing = [one for one in self._probe.graphs if not self._probe.has_graph(one[0])]
        if missing:
            return [hints.no_graph(self._reading, span, name) for name, span in missing]
        if where is None:
            return self._unknown_resources()
        if self._probe.matches(as_written(self._reading, where.span)):
            return self._lost_after(where)
        return self._of_group(where, lambda pattern: pattern)

    def _of_group(self, group: Group, within: _Within) -> list[Hint]:
        """Why a group has no solution by itself."""
        parts, filters = parts_of(self._reading, group)
        alone = [
            part
            for part in parts
            if part.stands_alone and not self._probe.matches(within(part.text))
        ]
        if alone:
            return [hint for part in alone[:MAX_HINTS] for hint in self._of_part(part, within)]
        if self._probe.matches(within(_joined(parts))):
            return self._of_filters(parts, filters, within)
        if not parts:  # of a graph that is not there
            return []
        number = self._first_without_match(parts, within)
        return [self._of_join(parts[:number], parts[number], within)]

    def _first_without_match(self, parts: list[Part], within: _Within) -> int:
        """The number of the part that, joined to those before it, has no match any more."""
        low, high = 0, len(parts) - 1  # the parts up to `high` have none together
        while low < high:
            middle = (low + high) // 2
            if self._probe.matches(within(_joined(parts[: middle + 1]))):
                low = middle + 1
            else:
                high = middle
        return low

    def _of_join(self, before: list[Part], part: Part, within: _Within) -> Hint:
        """Why a part takes the last solution from those before it."""
        if part.keyword == "MINUS":
            total = self._probe.count(within(_joined(before)))
            return hints.removed(self._reading, part, total)
        for other in before:
            if other.stands_alone and not self._probe.matches(within(_joined([other, part]))):
                return hints.no_join(self._reading, part, other)
        return hints.no_join(self._reading, part)

    def _of_filters(self, parts: list[Part], filters: list[Part], within: _Within) -> list[Hint]:
        if not filters:
            return []
        total = self._probe.count(within(_joined(parts)))
        guilty = [one for one in filters if not self._probe.matches(within(_joined([*parts, one])))]
        if guilty:
            return [hints.removed(self._reading, one, total) for one in guilty]
        return [hints.removed_together(self._reading, filters[-1], total)]

    def _of_part(self, part: Part, within: _Within) -> list[Hint]:
        """Why a part that may stand by itself has no match."""
        element = part.element
        if not isinstance(element, Element):
            return [self._of_triple(part, within)]
        if element.keyword == "UNION":
            return [hint for branch in element.groups for hint in self._of_group(branch, within)]
        if element.keyword == "GROUP":
            return self._of_group(element.groups[0], within)
        if element.keyword == "GRAPH":
            return self._of_graph(element, within)
        if element.keyword == "SELECT" and element.groups:
            where = element.groups[0]
            if self._probe.matches(within(as_written(self._reading, where.span))):
                return self._modified(where.span[1], element.span[1])
            return self._of_group(where, within)
        if element.keyword == "SERVICE":
            return [hints.nothing_found(self._reading, part)]
        return [hints.no_match(self._reading, part)]

    def _of_graph(self, element: Element, within: _Within) -> list[Hint]:
        name = as_written(self._reading, element.name)
        if self._reading.iri(element.name[0]) and not self._probe.has_graph(name):
            return [hints.no_graph(self._reading, element.name, name)]
        return self._of_group(
            element.groups[0], lambda pattern: within(f"GRAPH {name} {{ {pattern} }}")
        )

    def _of_triple(self, part: Part, within: _Within) -> Hint:
        if part.triple is None:
            return hints.no_match(self._reading, part)
        _, verb, value = part.triple
        subject, name, literal = (as_written(self._reading, span) for span in part.triple)
        iri = self._reading.iri(verb[0]) if verb[1] - verb[0] == 1 else None
        if iri == SEARCH:
            return hints.nothing_found(self._reading, part)
        if iri and not self._probe.matches(within(f"?shirube_s {name} ?shirube_o")):
            return hints.no_property(self._reading, part, name)
        if self._reading.tokens[value[0]].kind in ("STRING", "NUMBER"):
            alike = f"{subject} {name} ?shirube_o FILTER(STR(?shirube_o) = STR({literal}))"
            if written := self._probe.value("shirube_o", within(alike)):
                return hints.written_otherwise(self._reading, part, written)
        return hints.no_match(self._reading, part)

    def _lost_after(self, where: Group) -> list[Hint]:
        """The pattern has solutions, yet nothing comes of them."""
        form = self._groups.form, self._groups.form + 1
        found = self._modified(where.span[1], len(self._reading.tokens))
        if not found and self._reading.tokens[form[0]].is_word("CONSTRUCT", "DESCRIBE"):
            return [hints.nothing_made(self._reading, form)]
        return found

    def _modified(self, start: int, end: int) -> list[Hint]:
        words = ("HAVING", "OFFSET", "LIMIT", "VALUES")
        clauses = [n for n in range(start, end) if self._reading.tokens[n].is_word(*words)]
        return [hints.modified(self._reading, clauses)] if clauses else []

    def _unknown_resources(self) -> list[Hint]:
        named = range(self._groups.form + 1, len(self._reading.tokens))
        return [
            hints.unknown_resource(self._reading, n)
            for n in named
            if self._reading.iri(n) and not self._reading.tokens[n - 1].is_word("FROM", "NAMED")
        ]


def _joined(parts: list[Part]) -> str:
    return " ".join(part.text for part in parts)
