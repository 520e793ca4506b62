"""The SDGs that a plan states itself: read from its table, and never mixed with judgements."""

import io
from pathlib import Path

import pytest
from openpyxl import Workbook
from rdflib import Literal
from rdflib.namespace import RDF

from kg.alignments import AlignmentRow
from kg.build import build_dataset, graph_iri, thing_iri
from kg.plan import Plan, StatedSDG
from kg.readers import read_plan
from kg.shacl import validate
from kg.spreadsheet import SpreadsheetError
from ontology import OA, SDG, SHIRUBE
from tests.plan_copies import TOML, change, copy_plan

STATED = '\n[stated]\nfile = "{}"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_plan(tmp_path / "plan")


def with_table(folder: Path, content: str | bytes, name: str = "stated.csv") -> Path:
    change(folder, TOML, lambda text: text + STATED.format(name))
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def book(*rows: tuple[object, ...]) -> bytes:
    workbook = Workbook()
    for row in rows:
        workbook.worksheets[0].append(list(row))
    output = io.BytesIO()
    workbook.save(output)
    return output.getvalue()


def test_a_table_says_several_goals_at_once(folder: Path) -> None:
    plan = read_plan(with_table(folder, "code,sdg,words\n4-2,4、8.5,\n4-1,4,\n"))
    assert plan.stated == (StatedSDG("4-2", "4"), StatedSDG("4-2", "8.5"), StatedSDG("4-1", "4"))


def test_a_workbook_is_read_too(folder: Path) -> None:
    data = book(("code", "sdg"), ("4-2", 4), ("4-2", "4.4"))
    plan = read_plan(with_table(folder, data, "stated.xlsx"))
    assert [one.sdg for one in plan.stated] == ["4", "4.4"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("code,sdg\n9-9,4\n", "row 2, cell A2 (code)"),
        ("code,sdg\n4-2,18\n", "row 2, cell B2 (sdg)"),
        ("code,sdg\n4-2,\n", "row 2, cell B2 (sdg)"),
        ("code,sdg\n4-2,4\n4-2,4\n", "row 3, cell B3 (sdg)"),
        ("code,sdg,words\n4-2,4,どこにもない語句\n", "row 2, cell C2 (words)"),
        ("code\n4-2\n", "one column 'sdg'"),
        (book(("code", "sdg"), ("4-2", 8.1)), "row 2, cell B2 (sdg)"),
    ],
)
def test_a_wrong_cell_is_named(folder: Path, content: str | bytes, place: str) -> None:
    with pytest.raises(SpreadsheetError) as caught:
        read_plan(with_table(folder, content))
    assert place in caught.value.en
    assert caught.value.ja.startswith("stated.csv")


def test_what_the_plan_states_is_said_and_not_judged(folder: Path) -> None:
    label = "若者の地元定着と人材育成"
    plan: Plan = read_plan(with_table(folder, f"code,sdg,words\n4-2,4,{label}\n"))
    rows = [AlignmentRow("4-2", "8", None, "review", "人材", "rejected")]
    dataset = build_dataset(plan, rows)
    said, judged = (dataset.graph(graph_iri(plan.id, name)) for name in ("said", "judged"))
    measure = thing_iri(plan.id, "measure", "4-2")
    assert (measure, SHIRUBE.alignedWith, SDG["4"]) in said
    assert not list(judged.triples((None, SHIRUBE.alignedWith, None)))
    [statement] = said.subjects(RDF.type, SHIRUBE.SDGStatement)
    assert said.value(statement, OA.hasTarget) == measure
    assert said.value(statement, SHIRUBE.evidence) == Literal(label, lang="ja")
    union = said + judged
    report = validate(union)
    assert not [one for one in report.results if "SDG" in one.message or "aligned" in one.message]
