"""The example queries that the SPARQL page, the documentation and the tests share.

Each file of `kg/queries` begins with `# title@ja:` and `# title@en:`; PURPOSES groups and orders
those that the SPARQL page shows, and the rest answer questions (`kg.named_queries`).
"""

from dataclasses import dataclass
from functools import cache

from kg.named_queries import FOLDER, named_queries, read_head
from kg.query import query_form
from kg.store import QueryForm


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a reader may be after: `title` by language, and the names of the queries for it."""

    title: dict[str, str]
    names: tuple[str, ...]

    def examples(self) -> tuple["Example", ...]:
        """Its examples, in their order."""
        return tuple(one for one in examples() if one.name in self.names)


PURPOSES = (
    Purpose(
        {"ja": "計画を読む", "en": "Read the plan"},
        ("measures", "components", "english-label", "hierarchy", "describe-a-measure"),
    ),
    Purpose(
        {"ja": "ことばでさがす", "en": "Search by words"},
        ("search-kpis-and-sdgs", "search-service", "search-any-type"),
    ),
    Purpose(
        {"ja": "KPI を調べる", "en": "Look into KPIs"},
        ("kpis-of-a-measure", "measures-without-kpi", "kpis-and-indicators"),
    ),
    Purpose(
        {"ja": "SDGs との対応を見る", "en": "See how it serves the SDGs"},
        (
            "sdgs-of-measures",
            "goals-without-measures",
            "goals-by-word",
            "targets-nobody-serves",
            "reviewed-alignments",
        ),
    ),
    Purpose(
        {"ja": "出典と読み方を確かめる", "en": "Check sources and readings"},
        ("source-lines", "interpretations"),
    ),
    Purpose(
        {"ja": "データの全体をつかむ", "en": "Get an overview of the data"},
        ("counts", "graphs"),
    ),
)
ORDER = tuple(name for purpose in PURPOSES for name in purpose.names)


@dataclass(frozen=True, slots=True)
class Example:
    """A named query: `title` by language, `text` without the lines that hold the titles."""

    name: str
    title: dict[str, str]
    form: QueryForm
    text: str


@cache
def examples() -> tuple[Example, ...]:
    """The examples to choose from. Raises FileNotFoundError for a name without a file."""
    return tuple(map(_read, ORDER))


@cache
def all_examples() -> tuple[Example, ...]:
    """These, then the named queries that are not among them."""
    others = (query.name for query in named_queries() if query.name not in ORDER)
    return (*examples(), *map(_read, others))


def _read(name: str) -> Example:
    head = read_head((FOLDER / f"{name}.rq").read_text(encoding="utf-8"))
    return Example(name, head.by_language("title"), query_form(head.query), head.query)
