"""The group graph patterns of a query as a tree over its tokens; `kg.sparql_group_reader` reads it.

For what we say about queries before and after an engine has them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]  # numbers of tokens, the second excluded


@dataclass(frozen=True, slots=True)
class Property:
    """A verb and its objects; `span` runs on over the semicolons that follow."""

    span: Span
    verb: Span
    objects: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Triples:
    """One subject and what is said of it; `span` runs on over the full stop."""

    span: Span
    subject: Span
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """Any other part of a group, by its keyword: FILTER, BIND, VALUES, OPTIONAL, MINUS, LATERAL,
    GRAPH and SERVICE (with their `name`), UNION, GROUP (plain braces), SELECT (a subquery).

    `groups` are the groups in it, those of EXISTS in its expressions too.
    """

    keyword: str
    span: Span
    groups: tuple["Group", ...] = ()
    name: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Group:
    """A group graph pattern; `span` includes its braces."""

    span: Span
    elements: tuple[Triples | Element, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class QueryGroups:
    """A query's groups: `where` (None in a DESCRIBE without one), and those of EXISTS outside it.

    `form` is the number of the token SELECT, ASK, CONSTRUCT or DESCRIBE.
    """

    form: int
    where: Group | None
    others: tuple[Group, ...]

    def all(self) -> Iterator[Group]:
        """Every group, each before those in it."""
        waiting = [*reversed(self.others), *([self.where] if self.where else [])]
        while waiting:
            group = waiting.pop()
            yield group
            inner = [e for e in group.elements if isinstance(e, Element)]
            waiting += [one for element in reversed(inner) for one in reversed(element.groups)]
