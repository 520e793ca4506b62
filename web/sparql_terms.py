"""What the SPARQL editor completes: classes and properties as VoID counts them, and our values.

Labels come from our vocabulary, and from `borrowed_terms.toml` for the terms of others.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypedDict

from kg.catalog import Catalog
from web.rdf import PREFIXES
from web.service_description import Statistics, summed
from web.texts import LANGUAGES, Texts
from web.vocabulary import NAMESPACE, Kind, terms_by_kind, vocabulary_graph

_BORROWED = Path(__file__).parent / "borrowed_terms.toml"
_KINDS: dict[Kind, str] = {"classes": "class", "properties": "property", "values": "value"}


class CompletionTerm(TypedDict):
    """One term: `kind` class, property or value; `count` of things or triples, 0 for unused."""

    iri: str
    kind: str
    label: Mapping[str, str]
    count: int


class Completion(TypedDict):
    """All that the editor needs to complete: namespaces by prefix, and terms, most used first."""

    prefixes: Mapping[str, str]
    terms: list[CompletionTerm]


@cache
def term_labels() -> dict[str, dict[str, str]]:
    """Labels by language of every term that we define or borrow, by IRI."""
    labels: dict[str, dict[str, str]] = {}
    for key, label in Texts(_BORROWED).by_key.items():
        prefix, _, name = key.partition(".")
        labels[PREFIXES[prefix] + name] = label
    for terms in terms_by_kind(vocabulary_graph()).values():
        labels |= {NAMESPACE + term.name: term.label for term in terms}
    return labels


def completion(statistics: Statistics, catalog: Catalog) -> Completion:
    """Every term that the data uses or that we define or borrow, and the SDG goals.

    Another endpoint's data are not counted: of those the editor knows what plans usually use.
    """
    counts = {
        **dict.fromkeys([*_borrowed(), *_ours()], 0),
        **{("property", iri): n for iri, n in summed(statistics.properties).items()},
        **{("class", iri): n for iri, n in summed(statistics.classes).items()},
    }
    labels = term_labels()
    terms: list[CompletionTerm] = [
        {"iri": iri, "kind": kind, "label": labels.get(iri, {}), "count": n}
        for (kind, iri), n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    terms += [
        {"iri": goal.iri, "kind": "value", "label": _ui(goal.short or goal.label), "count": 0}
        for goal in catalog.goals
    ]
    return {"prefixes": PREFIXES, "terms": terms}


def _ui(label: Mapping[str, str]) -> dict[str, str]:
    return {language: label[language] for language in LANGUAGES if language in label}


def _borrowed() -> list[tuple[str, str]]:
    """The terms of others, by their kind: these vocabularies write classes with a capital."""
    names = [key.partition(".")[::2] for key in Texts(_BORROWED).by_key]
    return [
        ("class" if name[0].isupper() else "property", PREFIXES[prefix] + name)
        for prefix, name in names
    ]


def _ours() -> list[tuple[str, str]]:
    return [
        (_KINDS[kind], NAMESPACE + term.name)
        for kind, terms in terms_by_kind(vocabulary_graph()).items()
        for term in terms
    ]
