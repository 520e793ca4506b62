"""The SPARQL page: an editor, examples, and answers as tables, all of it without JavaScript.

`static/sparql.js` puts YASGUI in the place of the form and of the answer: its editor asks the
endpoint as any client does, and its views show the same answer, which the page brings along.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from flask import render_template, url_for

from kg.catalog import Catalog
from kg.examples import PURPOSES
from kg.message import Language
from kg.prefixes import PREFIXES, declaration
from kg.query import SparqlError
from kg.sparql_hints import Hint
from kg.store import RESULTS_JSON, Result
from web.language import link, page_language, shown
from web.problem import title_of
from web.sparql_cells import Cell, cell_of, labels_of
from web.sparql_formats import GRAPHS, SOLUTIONS, Format
from web.sparql_request import ProtocolError, ProtocolRequest
from web.texts import Texts

# Proxies and old browsers refuse long addresses: what is longer goes in a body, or after the #.
LONGEST_LINK = 4_000  # characters
MAX_ROWS = 1_000
MAX_CHARACTERS = 200_000
_TEXTS = Texts(Path(__file__).parent / "sparql.toml")
_SHARED = (  # texts of the page that its script fills, too
    *("result", "rows", "one_row", "left_out_rows", "none", "none_hint", "place"),
    *("yes", "no", "download"),
)
_EDITOR_PREFIXES = ("shirube", "skos", "dcterms", "prov", "sdg")
STARTER = "\n".join(map(declaration, _EDITOR_PREFIXES)) + (
    "\n\nSELECT ?measure ?label\nWHERE {\n  ?measure a shirube:Measure ;\n"
    '    skos:prefLabel ?label .\n  FILTER (LANG(?label) = "ja")\n}\nORDER BY ?measure\nLIMIT 100\n'
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page shows of a result. `left_out` rows or characters are not shown, and said so.

    `response` is the whole of it for YASGUI's views, None where that is too much for a page.
    """

    form: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell | None, ...], ...] = ()
    total: int = 0
    left_out: int = 0
    text: str = ""
    truth: bool | None = None
    response: Mapping[str, object] | None = None


def answer_of(result: Result, catalog: Catalog) -> Answer:
    """The view of a result: JSON for SELECT and ASK, Turtle for the others."""
    if result.form == "ASK":
        return Answer(result.form, truth=result.boolean(), response=_response(result))
    if result.form != "SELECT":
        text = _with_prefixes(result.body)
        left_out = max(0, len(text) - MAX_CHARACTERS)
        return Answer(
            result.form, text=text[:MAX_CHARACTERS], left_out=left_out, response=_response(result)
        )
    labels = labels_of(catalog, page_language())
    rows: list[tuple[Cell | None, ...]] = []
    total = 0
    solutions = ox.parse_query_results(result.body, format=ox.QueryResultsFormat.JSON)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    for solution in solutions:
        total += 1
        if total <= MAX_ROWS:
            rows.append(tuple(cell_of(solution[name], labels) for name in names))
    left_out = max(0, total - MAX_ROWS)
    return Answer("SELECT", tuple(names), tuple(rows), total, left_out, response=_response(result))


def _response(result: Result) -> dict[str, object] | None:
    """A result as YASR takes it (its ResponseSummary), or None if it is long."""
    if len(result.body) > MAX_CHARACTERS:
        return None
    if result.form in ("SELECT", "ASK"):
        return {"contentType": RESULTS_JSON, "data": json.loads(result.body)}
    return {"contentType": GRAPHS[0].media_type, "data": result.body.decode()}


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
        settings=_settings(language),
    )


def _settings(language: Language) -> dict[str, object]:
    """What the page's script needs to know."""

    def named(formats: Sequence[Format]) -> list[tuple[str, str]]:
        return [(one.name, _TEXTS.text(f"format.{one.name}", language)) for one in formats]

    return {
        "endpoint": url_for(".endpoint", lang=language),
        "terms": url_for(".terms"),
        "names": url_for(".names", lang=language),
        "longestLink": LONGEST_LINK,
        "shownRows": MAX_ROWS,
        "formats": {"solutions": named(SOLUTIONS), "graphs": named(GRAPHS)},
        "texts": {
            **{key: _TEXTS.by_key[key][language] for key in _SHARED},
            **_TEXTS.under("script", language),
        },
    }


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
