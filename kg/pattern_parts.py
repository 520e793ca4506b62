"""The parts of a group that a solution must fit, one by one, each as a pattern to ask for."""

from dataclasses import dataclass

from kg.sparql_groups import Element, Group, Span, Triples
from kg.sparql_hints import as_written
from kg.sparql_reader import Reading

# These leave or restrict what other parts have found, and find nothing themselves.
_DEPENDENT = ("OPTIONAL", "BIND", "MINUS", "LATERAL", "FILTER")


@dataclass(frozen=True, slots=True)
class Part:
    """A triple pattern or another element of a group.

    `shown` is what was written, `text` the same as a pattern by itself; `triple` has the tokens
    of a triple pattern's subject, verb and object; `unbound` the variables of a FILTER that no
    other part of its group has.
    """

    element: Triples | Element
    span: Span
    shown: str
    text: str
    triple: tuple[Span, Span, Span] | None = None
    unbound: tuple[str, ...] = ()

    @property
    def keyword(self) -> str:
        """The keyword of an element, TRIPLES for triples."""
        return "TRIPLES" if isinstance(self.element, Triples) else self.element.keyword

    @property
    def stands_alone(self) -> bool:
        """Whether it has solutions of its own."""
        return self.keyword not in _DEPENDENT


def parts_of(reading: Reading, group: Group) -> tuple[list[Part], list[Part]]:
    """A group's parts in their order, and its FILTERs apart: they hold for the whole group."""
    parts: list[Part] = []
    filters: list[Element] = []
    for element in group.elements:
        if isinstance(element, Triples):
            parts += _triple_patterns(reading, element)
        elif element.keyword == "FILTER":
            filters.append(element)
        else:
            shown = as_written(reading, element.span)
            text = f"{{ {shown} }}" if element.keyword == "SELECT" else shown
            parts.append(Part(element, element.span, shown, text))
    bound = {name for part in parts for name in _variables(reading, part.span)}
    bound |= {
        name for part in parts for span in part.triple or () for name in _variables(reading, span)
    }
    return parts, [_filter(reading, element, bound) for element in filters]


def _triple_patterns(reading: Reading, triples: Triples) -> list[Part]:
    """One part for each object; triples whose subject has no name, or annotated, stay together."""
    texts = [token.text for token in reading.tokens[slice(*triples.span)]]
    if texts[0] in ("[", "(", "<<", "<<(") or not {"~", "{|"}.isdisjoint(texts):
        shown = as_written(reading, triples.span)
        return [Part(triples, triples.span, shown, f"{shown} .".replace(". .", "."))]
    subject = as_written(reading, triples.subject)
    parts: list[Part] = []
    for one in triples.properties:
        verb = as_written(reading, one.verb)
        for number, value in enumerate(one.objects):
            shown = f"{subject} {verb} {as_written(reading, value)}"
            start = triples.subject if not parts else value if number else one.verb
            span = start[0], value[1]
            triple = triples.subject, one.verb, value
            parts.append(Part(triples, span, shown, f"{shown} .", triple))
    return parts


def _filter(reading: Reading, element: Element, bound: set[str]) -> Part:
    inner = {n for group in element.groups for n in range(*group.span)}
    used = [
        reading.tokens[n].text
        for n in range(*element.span)
        if n not in inner and reading.tokens[n].kind == "VAR"
    ]
    unbound = tuple(name for name in dict.fromkeys(used) if name[1:] not in bound)
    shown = as_written(reading, element.span)
    return Part(element, element.span, shown, shown, unbound=unbound)


def _variables(reading: Reading, span: Span) -> set[str]:
    return {token.text[1:] for token in reading.tokens[slice(*span)] if token.kind == "VAR"}
