"""KPIs beside the indicators of the SDGs: read, in the graph, on their pages, handed over."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from rdflib import Dataset, Graph
from rdflib.namespace import DCTERMS, PROV, RDF, SKOS

from kg.build import build_dataset, graph_iri, thing_iri
from kg.catalog import Catalog
from kg.comparison_table import NAMES, rows
from kg.examples import FOLDER
from kg.indicators import IndicatorError, file_of, indicator_iris, read_comparisons
from kg.oxigraph import OxigraphStore
from kg.plan import Plan
from kg.shacl import validate
from kg.spreadsheet import SpreadsheetError
from ontology import BUNDLED_PLAN, OA, SCHEMA, SDG, SHIRUBE
from tests.plan_copies import copy_plan
from web.texts import LANGUAGES, Texts

HEAD = "code,indicator,match,reason_ja,reason_en"
KPI = "4-3-K2"
SIGNED = f"{HEAD},state,reviewer,reviewed\n{KPI},3.6.1,close,理由,Why,accepted,検討会,2026-11-22\n"


def table(folder: Path, content: str | bytes, name: str = "indicators.csv") -> Path:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / name


def built(plan: Plan, file: Path) -> tuple[Dataset, Graph]:
    dataset = build_dataset(plan, [], read_comparisons(file, plan))
    return dataset, dataset.graph(graph_iri(plan.id, "judged"))


def test_every_kpi_of_the_bundled_plan_is_judged_with_its_reason(catalog: Catalog) -> None:
    kpis = [thing for thing in catalog.things.values() if thing.type == "kpi"]
    assert len(kpis) == 25
    for kpi in kpis:
        [one] = kpi.comparisons
        assert set(one.reason) == {"ja", "en"}
        assert all(text.endswith(("。", ".")) for text in one.reason.values())
        assert (one.state, one.reviewer) == ("unreviewed", ""), "no person has signed it"
        assert "AI" in one.method
    linked = {kpi.code: (kpi.comparisons[0].indicator, kpi.comparisons[0].match) for kpi in kpis}
    assert {code: link for code, link in linked.items() if link[0]} == {
        "4-1-K1": ("4.1.1", "close"),
        "4-3-K2": ("3.6.1", "close"),
    }


def test_an_indicator_of_several_targets_has_a_code_for_each() -> None:
    iris = indicator_iris()
    assert len(iris) > 240
    assert iris["11.5.1"] == iris["13.1.1"] == iris["1.5.1"] == str(SDG.C200303)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("4-3,3.6.1,close,理由,", "row 2, cell A2 (code): '4-3' is not the code of a KPI"),
        (f"{KPI},3.6,close,理由,", "row 2, cell B2 (indicator): '3.6' is not an indicator"),
        (f"{KPI},3.6.1,,理由,", "row 2, cell C2 (match): say same or close"),
        (f"{KPI},,same,理由,", "row 2, cell C2 (match): say same or close"),
        (f"{KPI},3.6.1,near,理由,", "row 2, cell C2 (match): expected one of same, close"),
        (f"{KPI},3.6.1,close,,", "row 2, cell D2 (reason_ja): write the reason"),
        (f"{KPI},3.6.1,close,理由,\n{KPI},3.6.1,same,理由,", "row 3, cell B3 (indicator)"),
        (f"{KPI},3.6.1,close,理由,\n{KPI},,,理由,", "row 3, cell B3 (indicator)"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, plan: Plan, content: str, place: str) -> None:
    with pytest.raises(SpreadsheetError) as caught:
        read_comparisons(table(tmp_path, f"{HEAD}\n{content}\n"), plan)
    assert place in caught.value.en
    assert caught.value.ja.startswith("indicators.csv")


@pytest.mark.parametrize(
    ("column", "value", "place"),
    [
        ("state", "agreed", "cell F2 (state): expected one of unreviewed"),
        ("created", "yesterday", "cell F2 (created): expected a date"),
        ("state", "accepted", "(reviewer): name who reviewed it"),
        ("reviewer", "検討会", "(reviewed): say when it was reviewed"),
    ],
)
def test_a_review_is_whole_or_an_error(
    tmp_path: Path, plan: Plan, column: str, value: str, place: str
) -> None:
    file = table(tmp_path, f"{HEAD},{column}\n{KPI},3.6.1,close,理由,,{value}\n")
    with pytest.raises(SpreadsheetError) as caught:
        read_comparisons(file, plan)
    assert place in caught.value.en


def test_what_is_no_table_and_two_tables_are_errors(tmp_path: Path, plan: Plan) -> None:
    with pytest.raises(SpreadsheetError, match="one column 'indicator' is needed"):
        read_comparisons(table(tmp_path, "code\n4-3-K2\n"), plan)
    with pytest.raises(SpreadsheetError, match="not UTF-8"):
        read_comparisons(table(tmp_path, HEAD.encode() + "\n理由".encode("cp932")), plan)
    with pytest.raises(SpreadsheetError, match="cannot be read as an Excel workbook"):
        read_comparisons(table(tmp_path, b"PK\x03\x04broken", "indicators.xlsx"), plan)
    with pytest.raises(IndicatorError, match="keep one"):
        file_of(tmp_path)
    assert file_of(copy_plan(tmp_path / "plan")) is None


def test_a_workbook_is_read_too(tmp_path: Path, plan: Plan) -> None:
    book = Workbook()
    book.worksheets[0].append(HEAD.split(","))
    book.worksheets[0].append([KPI, "3.6.1", "close", "理由", None])
    output = io.BytesIO()
    book.save(output)
    file = table(tmp_path, output.getvalue(), "indicators.xlsx")
    assert file_of(tmp_path) == file
    [row] = read_comparisons(file, plan)
    assert (row.code, row.indicator, row.match, row.reason) == (
        KPI,
        "3.6.1",
        "close",
        {"ja": "理由"},
    )


def test_only_what_a_person_has_accepted_gets_the_short_link(tmp_path: Path, plan: Plan) -> None:
    kpi = thing_iri(plan.id, "kpi", KPI)
    link = (kpi, SHIRUBE.comparableWith, SDG.C030601)
    _, judged = built(plan, table(tmp_path, SIGNED))
    assert link in judged
    [comparison] = judged.subjects(RDF.type, SHIRUBE.IndicatorComparison)
    assert judged.value(comparison, OA.hasTarget) == kpi
    assert judged.value(comparison, SHIRUBE.match) == SKOS.closeMatch
    review = judged.value(comparison, SHIRUBE.currentReview)
    assert review is not None
    person = judged.value(review, DCTERMS.creator)
    assert person is not None
    assert str(judged.value(person, SCHEMA.name)) == "検討会"
    activity = judged.value(comparison, PROV.wasGeneratedBy)
    assert (activity, RDF.type, PROV.Activity) in judged
    _, unsigned = built(plan, table(tmp_path, f"{HEAD}\n{KPI},3.6.1,close,理由,\n4-1-K1,,,なし,\n"))
    assert link not in unsigned
    [none] = set(unsigned.subjects(RDF.type, SHIRUBE.IndicatorComparison)) - {comparison}
    assert unsigned.value(none, OA.hasBody) is None


def test_comparisons_conform_to_the_shapes_and_stay_out_of_what_is_said(
    tmp_path: Path, plan: Plan
) -> None:
    dataset, _ = built(plan, table(tmp_path, SIGNED))
    said = dataset.graph(graph_iri(plan.id, "said"))
    assert not set(said.subjects(RDF.type, SHIRUBE.IndicatorComparison))
    union = Graph()
    for graph in dataset.graphs():
        union += graph
    assert validate(union).conforms


def test_the_page_of_a_kpi_shows_what_is_judged_and_that_it_is_ours(client: FlaskClient) -> None:
    texts = Texts()
    for language in LANGUAGES:
        page = client.get(f"/doc/kumamoto-2/kpi/{KPI}.html?lang={language}").text
        section = page[page.index('<section id="indicators">') :]
        for key in ("sdg.ours", "indicator.match.close", "sdg.state.unreviewed"):
            assert texts.text(key, language) in section, key
        assert f'id="indicator-{KPI}-3.6.1"' in section
        none = client.get(f"/doc/kumamoto-2/kpi/2-3-K5.html?lang={language}").text
        assert texts.text("indicator.none", language) in none
    moved = client.get(f"/id/kumamoto-2/indicator/{KPI}-3.6.1", headers={"Accept": "text/html"})
    assert moved.headers["Location"].endswith(f"{KPI}.html#indicator-{KPI}-3.6.1")


def test_they_are_handed_over_as_csv_workbook_turtle_json_ld_and_json(client: FlaskClient) -> None:
    answer = client.get("/sdg/indicators.csv?lang=en")
    read = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(read) == 25
    assert tuple(read[0]) == NAMES
    linked = next(row for row in read if row["code"] == KPI)
    assert linked["indicator_label"] == "Death rate due to road traffic injuries"
    about = client.get(answer.headers["Link"].partition(">")[0].removeprefix("<"))
    columns = json.loads(about.text)["tableSchema"]["columns"]
    assert [column["name"] for column in columns] == list(NAMES)
    book = load_workbook(io.BytesIO(client.get("/sdg/alignments.xlsx?lang=en").data))
    assert book.sheetnames[:2] == ["SDGs", "KPI"], "the first sheet is the one to edit"
    assert book["KPI"].max_row == 26
    turtle = Graph().parse(data=client.get("/sdg/indicators.ttl").text, format="turtle")
    linked_data = json.loads(client.get("/sdg/indicators.jsonld").text)
    assert len(set(turtle.subjects(RDF.type, SHIRUBE.IndicatorComparison))) == 25
    assert (
        sum(one.get("@type") == "shirube:IndicatorComparison" for one in linked_data["@graph"])
        == 25
    )
    api = client.get(f"/api/v1/things/kumamoto-2/{KPI}").get_json()["comparisons"]
    assert [(one["indicator"], one["match"]) for one in api] == [("3.6.1", "close")]


def test_the_exported_table_is_a_plan_s_own_file(
    client: FlaskClient, tmp_path: Path, plan: Plan
) -> None:
    exported = table(tmp_path, client.get("/sdg/indicators.csv").data)
    own = read_comparisons(BUNDLED_PLAN / "indicators.csv", plan)
    assert read_comparisons(exported, plan) == own


def test_a_kpi_of_which_nothing_is_judged_is_in_the_table_all_the_same(catalog: Catalog) -> None:
    kpi = next(thing for thing in catalog.things.values() if thing.type == "kpi")
    unjudged = Catalog({kpi.iri: replace(kpi, comparisons=())})
    assert [row[:4] for row in rows(unjudged, "ja")] == [["", kpi.plan, kpi.code, kpi.label["ja"]]]


def test_the_query_finds_the_links_with_their_reasons(store: OxigraphStore) -> None:
    found = store.query((FOLDER / "kpis-and-indicators.rq").read_text("utf-8")).rows()
    linked = {row["code"].value: row["indicator"].value for row in found}  # type: ignore[union-attr]
    assert linked == {"4-1-K1": str(SDG.C040101), KPI: str(SDG.C030601)}
