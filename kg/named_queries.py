"""The named queries: SPARQL with parameters that answer whole questions.

A file of `kg/queries` with `# ask@…` lines is one. Its head, in the form that `kg.examples` shares:

    # title@ja: …             what it finds, per language
    # parameter policy: policy      a variable of the query, and what may stand for it
    # answer: kpi             the column that answers; `text` is that of ?ja and ?en
    # sentence@en: {policy} has {n} {n:KPI|KPIs}: {kpi}.
    # none@en: {policy} has no KPI.
    # ask@en: which KPIs belong to {policy}

Each parameter has one block `VALUES ?policy { UNDEF }`: as written the query answers for all there
is, and binding puts terms there, never text.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.store import Term

FOLDER = Path(__file__).parent / "queries"
LANGUAGES = ("ja", "en")  # those of sentences

_HEAD = re.compile(r"# (?P<key>[a-z]+)(?:@(?P<language>[\w-]+)| (?P<name>\w+))?: (?P<text>.+)\n")
_BLOCK = r"VALUES (?P<columns>\?{0}|\(\?{0}(?: \?\w+)*\)) \{{[^{{}}]*\}}"

Values = Mapping[str, Sequence[tuple[Term, ...]]]


class NamedQueryError(ValueError):
    """A file that is not in the form of a named query, or values that do not fit one."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a query. Of `kinds`, any may stand for it.

    Types of things (`policy`), `goal`, `type` (a class), `role` (of a value), `word` (of the plan's
    texts), `subject` (KPIs near it in meaning). `near` lets a thing be named by what it is about,
    `code` asks that its code is given.
    """

    name: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """One query: `title`, `sentence` and `none` (where nothing is found) by language.

    `asked` are example questions by language, with `{name}` where a parameter stands.
    """

    name: str
    title: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    answer: str
    sentence: Mapping[str, str]
    none: Mapping[str, str]
    asked: Mapping[str, tuple[str, ...]]
    text: str

    def bind(self, values: Values) -> str:
        """The query for some rows of terms per parameter; those not given stay open.

        Raises NamedQueryError for a name that is no parameter, or rows of another width.
        """
        text = self.text
        for name, rows in values.items():
            block = re.search(_BLOCK.format(re.escape(name)), text)
            if block is None:
                raise NamedQueryError(f"{self.name} has no parameter {name}")
            columns = block["columns"]
            if {len(row) for row in rows} != {len(columns.split())}:
                raise NamedQueryError(f"{self.name} takes {columns} for {name}")
            written = (" ".join(map(_written, row)) for row in rows)
            if columns.startswith("("):
                written = (f"({row})" for row in written)
            bound = f"VALUES {columns} {{ {' '.join(written)} }}"
            text = text[: block.start()] + bound + text[block.end() :]
        return text


def _written(term: Term) -> str:
    """A term in the form of N-Triples, which SPARQL shares: quotes and the like are escaped."""
    return str(term)


@dataclass(frozen=True, slots=True)
class Head:
    """The comment lines that a query begins with, by key, and the text without them."""

    texts: Mapping[str, Mapping[str, tuple[str, ...]]]
    query: str

    def by_language(self, key: str) -> dict[str, str]:
        """What a key says in each language, once."""
        return {language: said[0] for language, said in self.texts.get(key, {}).items()}


def read_head(text: str) -> Head:
    """The head of a query file."""
    texts: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    end = 0
    while line := _HEAD.match(text, end):
        end = line.end()
        said = texts[line["key"]]
        name = line["language"] or line["name"] or ""
        said[name] = (*said.get(name, ()), line["text"].strip())
    return Head(texts, text[end:].lstrip())


def read_named_query(name: str, text: str) -> NamedQuery | None:
    """A named query, or None for a query that only has a title.

    Raises NamedQueryError where the head lacks something or names what the query does not have.
    """
    head = read_head(text)
    if "ask" not in head.texts:
        return None
    parameters = tuple(
        Parameter(parameter, tuple(kinds[0].split()))
        for parameter, kinds in head.texts.get("parameter", {}).items()
    )
    query = NamedQuery(
        name=name,
        title=head.by_language("title"),
        parameters=parameters,
        answer=head.by_language("answer").get("", ""),
        sentence=head.by_language("sentence"),
        none=head.by_language("none"),
        asked=head.texts["ask"],
        text=head.query,
    )
    _check(query)
    return query


def _check(query: NamedQuery) -> None:
    for key, said in (("title", query.title), ("sentence", query.sentence), ("none", query.none)):
        if missing := set(LANGUAGES) - set(said):
            raise NamedQueryError(f"{query.name}: no {key} in {', '.join(sorted(missing))}")
    projected = set(re.findall(r"\?(\w+)", query.text.partition("WHERE")[0]))
    if query.answer not in projected | {"text"}:
        raise NamedQueryError(f"{query.name}: the answer {query.answer!r} is not a column")
    names = {parameter.name for parameter in query.parameters}
    for name in names:
        if not re.search(_BLOCK.format(re.escape(name)), query.text):
            raise NamedQueryError(f"{query.name}: {name} has no VALUES block")
    for asked in (one for several in query.asked.values() for one in several):
        if unknown := set(re.findall(r"\{(\w+)\}", asked)) - names:
            raise NamedQueryError(f"{query.name}: {asked!r} has no parameter {unknown.pop()}")


@cache
def named_queries() -> tuple[NamedQuery, ...]:
    """All named queries, by name. Raises NamedQueryError for a file that is not in their form."""
    read = (
        read_named_query(file.stem, file.read_text(encoding="utf-8"))
        for file in sorted(FOLDER.glob("*.rq"))
    )
    return tuple(query for query in read if query is not None)
