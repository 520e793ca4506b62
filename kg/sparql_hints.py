"""What a query's author may like to know although the query is right: no answer depends on it."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Literal, TypeAlias

from kg.message import Language
from kg.sparql_errors import excerpt
from kg.sparql_groups import Span
from kg.sparql_reader import Reading

HintKind: TypeAlias = Literal[
    "unknown-term",  # a name that its vocabulary does not have
    "no-match",  # a pattern that matches nothing
    "no-join",  # patterns that match, but not together
    "no-graph",  # a graph that holds nothing
    "filtered",  # solutions there are, and a FILTER or MINUS removes them all
    "modified",  # solutions there are, and HAVING, OFFSET, LIMIT or VALUES leaves none
    "nothing-made",  # solutions there are, and nothing comes of them
    "unknown-resource",  # DESCRIBE of what the data does not speak of
]
MAX_HINTS = 3
_MAX_SHOWN = 100  # characters of a pattern


@dataclass(frozen=True, slots=True)
class Hint:
    """One remark on a query. `line` and `column` (1-based) and `token` say what it is about."""

    kind: HintKind
    ja: str
    en: str
    line: int
    column: int
    token: str

    def text(self, language: Language) -> str:
        """The remark in one language."""
        return self.ja if language == "ja" else self.en


def hint_at(
    kind: HintKind, reading: Reading, span: Span, ja: str, en: str, token: str | None = None
) -> Hint:
    """A remark on some tokens, or on `token` at their place; `{token}` in the texts is it."""
    token = token or as_written(reading, span)
    shown = excerpt(token, _MAX_SHOWN)
    line, column = reading.source.place(reading.tokens[span[0]].start)
    return Hint(
        kind, ja.replace("{token}", shown), en.replace("{token}", shown), line, column, shown
    )


def as_written(reading: Reading, span: Span) -> str:
    """Some tokens as text, without comments and line breaks."""
    parts = [(" " if t.spaced else "") + t.text for t in reading.tokens[slice(*span)]]
    return "".join(parts).lstrip()


def unknown_terms(reading: Reading) -> list[Hint]:
    """Names that their vocabulary does not have, each once, with the nearest that it has.

    Of our own vocabulary every one, of the well-known ones those that are nearly a term of it.
    """
    found: dict[str, Hint] = {}
    starts = tuple(f"<{namespace}" for namespace, _ in _vocabularies().values())
    for number, token in enumerate(reading.tokens):
        # Thousands of IRIs may stand in a list: the others are passed over at once.
        if not reading.pieces[number].startswith(starts):
            continue
        iri = reading.iri(number)
        if iri is None or iri in found:
            continue
        for prefix, (namespace, names) in _vocabularies().items():
            name = iri.removeprefix(namespace)
            if name == iri or not name or name in names:
                continue
            near = _nearest(name, names)
            if near or prefix == "shirube":
                before, _, _ = token.text.partition(":")
                meant = f"{before}:{near}" if token.kind == "PNAME" else f"<{namespace}{near}>"
                found[iri] = hint_at(
                    "unknown-term",
                    reading,
                    (number, number + 1),
                    "「{token}」という語は語彙にありません。"
                    + (f"「{meant}」ではありませんか。" if near else "語の一覧は /ns にあります。"),
                    "The vocabulary has no term “{token}”. "
                    + (f"Did you mean “{meant}”?" if near else "Its terms are listed at /ns."),
                )
    return list(found.values())


def _nearest(name: str, names: frozenset[str]) -> str | None:
    by_fold = {one.casefold(): one for one in sorted(names)}
    near = get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.7)
    return by_fold[near[0]] if near else None


@cache
def _vocabularies() -> dict[str, tuple[str, frozenset[str]]]:
    """The closed vocabularies that our graphs use, by prefix: namespace and names."""
    from rdflib.namespace import DCTERMS, OWL, PROV, RDF, RDFS, SKOS  # workers do without

    from ontology import SHIRUBE

    closed = {"shirube": SHIRUBE, "skos": SKOS, "dcterms": DCTERMS, "prov": PROV}
    closed |= {"rdf": RDF, "rdfs": RDFS, "owl": OWL}
    return {
        prefix: (str(one._NS), frozenset(str(term).removeprefix(str(one._NS)) for term in dir(one)))
        for prefix, one in closed.items()
    }
