"""The example queries that the SPARQL page, the documentation and the tests share.

Each file of `kg/queries` begins with `# title@ja:` and `# title@en:`; PURPOSES groups and orders
them.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.query import query_form
from kg.store import QueryForm

FOLDER = Path(__file__).parent / "queries"


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
        ("kpis-of-a-measure", "measures-without-kpi"),
    ),
    Purpose(
        {"ja": "SDGs との対応を見る", "en": "See how it serves the SDGs"},
        ("sdgs-of-measures", "goals-without-measures", "reviewed-alignments"),
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
_TITLE = re.compile(r"# title@(\w+): (.+)\n")


@dataclass(frozen=True, slots=True)
class Example:
    """A named query: `title` by language, `text` without the lines that hold the titles."""

    name: str
    title: dict[str, str]
    form: QueryForm
    text: str


@cache
def examples() -> tuple[Example, ...]:
    """All examples. Raises FileNotFoundError for a name without a file."""
    return tuple(_read(FOLDER / f"{name}.rq") for name in ORDER)


def _read(file: Path) -> Example:
    text = file.read_text(encoding="utf-8")
    query = _TITLE.sub("", text).lstrip()
    return Example(file.stem, dict(_TITLE.findall(text)), query_form(query), query)
