"""The example queries that the SPARQL page, the documentation and the tests share.

Each file of `kg/queries` begins with `# title@ja:` and `# title@en:`; their order is that of ORDER.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.query import query_form
from kg.store import QueryForm

FOLDER = Path(__file__).parent / "queries"
ORDER = (
    "measures",
    "search-kpis-and-sdgs",
    "search-service",
    "search-any-type",
    "kpis-of-a-measure",
    "measures-without-kpi",
    "counts",
    "sdgs-of-measures",
    "goals-without-measures",
    "reviewed-alignments",
    "english-label",
    "components",
    "source-lines",
    "interpretations",
    "graphs",
    "hierarchy",
    "describe-a-measure",
)
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
