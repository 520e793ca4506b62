"""ORDER BY over numbers and texts together, which Oxigraph alone does not survive."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.sparql_ordering import sorted_apart
from kg.workers import IsolatedStore

XSD = "http://www.w3.org/2001/XMLSchema#"
# Whose letters are between those of numbers: 2 < 10, 10 < "1x" and "1x" < 2.
TEXTS = [ox.Literal(f"{n}x", language="en" if n % 2 else None) for n in range(300)]
NUMBERS = [*(ox.Literal(n) for n in range(300)), *(ox.Literal(n + 0.5) for n in range(300))]
OTHERS = [ox.Literal(f"{n}y", datatype=ox.NamedNode("a:t")) for n in range(300)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ordering") / "store"
    store = ox.Store(str(folder))
    for value in (*TEXTS, *NUMBERS, *OTHERS, ox.NamedNode("a:o")):
        store.add(ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), value, ox.NamedNode("a:g")))
    store.flush()
    return folder


@pytest.mark.parametrize("order", ["?o", "ASC(?o)", "DESC(?o)", "?p ?o"])
def test_numbers_and_texts_are_sorted_whatever_they_are(folder: Path, order: str) -> None:
    store = IsolatedStore(folder, workers=1, timeout=60)
    rows = store.query(f"SELECT ?o {{ ?s ?p ?o }} ORDER BY {order}").rows()
    store.close()
    found = [row["o"] for row in rows]
    if order == "DESC(?o)":
        found.reverse()
    assert len(found) == len({*found}) == len(TEXTS) + len(NUMBERS) + len(OTHERS) + 1
    assert found[0] == ox.NamedNode("a:o")
    literals = [one for one in found if isinstance(one, ox.Literal)]
    numbers = [float(one.value) for one in literals if one in set(NUMBERS)]
    texts = [one.value for one in literals if one in set(TEXTS)]
    assert numbers == sorted(numbers)
    assert texts == sorted(texts)


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("SELECT ?o { ?s ?p ?o } ORDER BY ?o LIMIT 9", 1),
        ("SELECT ?o { ?s ?p ?o } ORDER BY DESC(?o) ?s OFFSET 1", 2),
        ("SELECT ?o { ?s ?p ?o } order by asc(?o) STR(?s) DESC((?s))", 3),
        (f"SELECT ?o {{ ?s ?p ?o }} ORDER BY DESC(<{XSD}string>(?o)) DESC(CONCAT('(', ?o))", 2),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?s ORDER BY DESC(COUNT(?o)) VALUES ?s { <a:s> }", 1),
        ("SELECT ?o { { SELECT ?o { ?s ?p ?o } ORDER BY (-?o) } } ORDER BY ?o", 2),
    ],
)
def test_each_condition_sorts_the_kinds_of_literals_apart(text: str, conditions: int) -> None:
    apart = sorted_apart(text)
    assert apart is not None
    assert apart.count("DATATYPE(") == conditions
    store = ox.Store()
    for value in (ox.Literal(2), ox.Literal(10), ox.Literal(30)):
        store.add(ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), value))
    asked, rewritten = store.query(text), store.query(apart)
    assert isinstance(asked, ox.QuerySolutions)
    assert isinstance(rewritten, ox.QuerySolutions)
    assert [str(row[0]) for row in rewritten] == [str(row[0]) for row in asked]


def test_what_sorts_nothing_stays_as_it_is() -> None:
    for text in ("ASK { ?order ?by 'ORDER BY ?o' }", "SELECT ?o { ?s ?p ?o } LIMIT 5"):
        assert sorted_apart(text) is None
