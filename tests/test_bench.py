"""`make bench-sparql` at its smallest: what it prints is looked at, how long it took is not."""

import re
from pathlib import Path

import pytest

from tests.bench import made_plans, sparql
from tests.bench.sparql_queries import queries
from tests.sparql_servers import oxigraph_binary


def rows(text: str, first: str) -> list[list[str]]:
    """The Markdown table whose first heading is `first`: its cells, headings included."""
    start = text.index(f"| {first} |")
    table = text[start:].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_the_benchmark_compares_answers_and_prints_its_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ["--triples", "1", "--rounds", "1", "--rdflib", "0", "--load", "1", "--clients", "3"]
    sparql.main([*few, "--folder", str(tmp_path)])
    printed = capsys.readouterr().out
    heads, _, *lines = rows(printed, "triples")
    assert [line[1] for line in lines] == list(queries(0))
    assert len(lines) == 8
    assert {len(line) for line in lines} == {len(heads)}
    assert all(int(line[2].replace(",", "")) > 0 for line in lines)
    measured = re.compile(r"\d+\.\d \(\d+\.\d\)")
    assert all(measured.fullmatch(cell) for line in lines for cell in line[3:7])
    over = re.compile(r"[+-]\d+\.\d [✓✗]")
    assert all(over.fullmatch(cell) for line in lines for cell in line[7:9])
    if oxigraph_binary():
        assert all(float(line[-2].split(";")[0]) > 0 for line in lines)
    assert {line[-1] for line in lines} == {"–"}
    assert "rdflib-endpoint at 1: beyond --rdflib 0" in printed
    _, _, *answers = rows(printed, "kind")
    assert sum(int(line[3].replace(",", "")) for line in answers if line[:2] == ["fast", "200"])
    assert "Wrong: 0." in printed
    names = [line[0] for line in rows(printed, "resident MiB")[2:]]
    assert names == ["the server", "its workers"]


def test_plans_are_made_alike_and_of_the_size_asked_for(tmp_path: Path) -> None:
    """Of one seed; each under a name of its own."""
    files = [tmp_path / name for name in ("one.nq", "same.nq", "other.nq")]
    plans = [made_plans.write(f, 30_000, seed) for f, seed in zip(files, (1, 1, 2), strict=True)]
    texts = [file.read_text() for file in files]
    assert texts[0] == texts[1] != texts[2]
    assert texts[0].count("\n") >= 30_000
    for number in range(plans[0]):
        assert f"/{made_plans.plan_id(number)}/" in texts[0]
    assert "kumamoto-2" not in texts[0]
