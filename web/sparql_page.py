"""The SPARQL page: an editor, examples, and answers as tables, all of it without JavaScript.

`static/sparql.js` puts YASGUI's editor in the place of the plain one and fetches the same page for
answers and errors, so that both ways show the same.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from flask import render_template, request, url_for

from kg.catalog import Catalog
from kg.examples import PURPOSES
from kg.prefixes import PREFIXES, declaration
from kg.query import SparqlError
from kg.sparql_hints import Hint
from kg.store import Result, Term
from web.language import Tagged, link, page_language, shown
from web.problem import title_of
from web.sparql_formats import GRAPHS, SOLUTIONS
from web.sparql_request import ProtocolError, ProtocolRequest
from web.sparql_terms import term_labels
from web.texts import Texts

# Proxies and old browsers refuse long addresses: what is longer goes in a body, or after the #.
LONGEST_LINK = 4_000  # characters
MAX_ROWS = 1_000
MAX_CHARACTERS = 200_000
_TEXTS = Texts(Path(__file__).parent / "sparql.toml")
_OURS = "https://w3id.org/shirube/"
_EDITOR_PREFIXES = ("shirube", "skos", "dcterms", "prov", "sdg")
STARTER = "\n".join(map(declaration, _EDITOR_PREFIXES)) + (
    "\n\nSELECT ?measure ?label\nWHERE {\n  ?measure a shirube:Measure ;\n"
    '    skos:prefLabel ?label .\n  FILTER (LANG(?label) = "ja")\n}\nORDER BY ?measure\nLIMIT 100\n'
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One term of a solution: `text` to show, `href` to follow, `label` of a known thing."""

    text: str
    language: str | None = None
    href: str | None = None
    title: str | None = None
    label: Tagged | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page shows of a result. `left_out` rows or characters are not shown, and said so."""

    form: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell | None, ...], ...] = ()
    total: int = 0
    left_out: int = 0
    text: str = ""
    truth: bool | None = None


def answer_of(result: Result, catalog: Catalog) -> Answer:
    """The view of a result: JSON for SELECT and ASK, Turtle for the others."""
    if result.form == "ASK":
        return Answer(result.form, truth=result.boolean())
    if result.form != "SELECT":
        text = _with_prefixes(result.body)
        return Answer(
            result.form, text=text[:MAX_CHARACTERS], left_out=max(0, len(text) - MAX_CHARACTERS)
        )
    labels = _labels(catalog, page_language())
    rows: list[tuple[Cell | None, ...]] = []
    total = 0
    solutions = ox.parse_query_results(result.body, format=ox.QueryResultsFormat.JSON)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    for solution in solutions:
        total += 1
        if total <= MAX_ROWS:
            rows.append(tuple(_cell(solution[name], labels) for name in names))
    return Answer("SELECT", tuple(names), tuple(rows), total, max(0, total - MAX_ROWS))


def _with_prefixes(turtle: bytes) -> str:
    """The same Turtle with our prefixes where it has use for them; a long one as it is."""
    text = turtle.decode()
    if len(text) > MAX_CHARACTERS:
        return text
    used = {prefix: iri for prefix, iri in PREFIXES.items() if f"<{iri}" in text}
    triples = (quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    written = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=used)
    assert written is not None  # as it is where no file is given
    return written.decode()


def page(
    asked: ProtocolRequest,
    answer: Answer | None = None,
    error: SparqlError | ProtocolError | None = None,
    hints: Sequence[Hint] = (),
) -> str:
    """The whole page as HTML: the editor, then the answer and hints or the error, then examples."""
    language = page_language()
    return render_template(
        "sparql.html",
        say=partial(_TEXTS.text, language=language),
        query=asked.text or STARTER,
        dataset=_dataset(asked),
        purposes=[
            (
                shown(purpose.title, language),
                [
                    (shown(one.title, language), link(".endpoint", query=one.text))
                    for one in purpose.examples()
                ],
            )
            for purpose in PURPOSES
        ],
        answer=answer,
        error=error,
        error_title=title_of(error, language) if error else None,
        excerpt=_excerpt(asked.text, error) if isinstance(error, SparqlError) else None,
        hints=hints,
        hint=error.hint.get(language) if isinstance(error, SparqlError) else None,
        downloads=_downloads(asked, answer) if answer else [],
        longest_link=LONGEST_LINK,
        shown_rows=MAX_ROWS,
        script_texts=_TEXTS.under("script", language),
    )


def _excerpt(text: str, error: SparqlError) -> tuple[str, str, str] | None:
    """The line of a mistake: what stands before the offending word, the word, and the rest."""
    if error.line is None or error.column is None or error.token is None:
        return None
    line = re.split(r"\r\n|\r|\n", text)[error.line - 1]
    start, end = error.column - 1, error.column - 1 + len(error.token)
    return line[:start], line[start:end], line[end:]


def _dataset(asked: ProtocolRequest) -> list[tuple[str, str]]:
    """The protocol's parameters that choose graphs, as the form and the downloads repeat them."""
    return [
        *(("default-graph-uri", iri) for iri in asked.dataset.default),
        *(("named-graph-uri", iri) for iri in asked.dataset.named),
    ]


def _downloads(asked: ProtocolRequest, answer: Answer) -> list[tuple[str, str]]:
    """The same query in every format, as (name, address)."""
    same: dict[str, Any] = {
        "query": asked.text,
        "default-graph-uri": asked.dataset.default,
        "named-graph-uri": asked.dataset.named,
    }
    formats = SOLUTIONS if answer.form in ("SELECT", "ASK") else GRAPHS
    return [(one.name, url_for(".endpoint", **same, format=one.name)) for one in formats]


def _labels(catalog: Catalog, language: str) -> Mapping[str, Tagged]:
    terms = {iri: shown(label, language) for iri, label in term_labels().items()}
    things = {thing.iri: shown(thing.label, language) for thing in catalog.things.values()}
    goals = {
        concept.iri: shown(concept.short or concept.label, language)
        for concept in catalog.sdgs.values()
    }
    return {**terms, **goals, **things}


def _cell(term: Term | None, labels: Mapping[str, Tagged]) -> Cell | None:
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        iri = term.value
        return Cell(_compact(iri), href=_href(iri), title=iri, label=labels.get(iri))
    if isinstance(term, ox.Literal):
        datatype = None if term.language else _compact(term.datatype.value)
        title = None if datatype in (None, "xsd:string") else datatype
        return Cell(term.value, language=term.language, title=title)
    return Cell(str(term))


def _compact(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and local and "/" not in local and "#" not in local:
            return f"{prefix}:{local}"
    return iri


def _href(iri: str) -> str | None:
    """Our own IRIs are followed on this site; others as they are, if they are on the web."""
    if iri.startswith((_OURS + "id/", _OURS + "ns#", _OURS + "graph/")):
        return f"{request.script_root}/{iri.removeprefix(_OURS)}"
    return iri if iri.startswith(("http://", "https://")) else None
