"""The SDG report: what it says, as a page, as files and at the prompt."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from openpyxl import load_workbook

from kg.catalog import Catalog
from kg.reviews import Verdict
from tests.review_data import PLAN
from web import create_app
from web.cli import main
from web.report_files import report_file
from web.report_tables import GOAL_COLUMNS
from web.sdg_report import Report, ReportError, report_of
from web.services import Services
from web.texts import LANGUAGES, Texts
from web.thresholds import Thresholds
from web.trade_off import TEXTS_FILE, Estimate
from web.wiring import Workshop

WEB = Path(__file__).parent.parent / "web"
TEXTS = Texts(WEB / "report.toml", TEXTS_FILE)
PARTS = ("matrix", "words", "unserved", "goals", "indicators", "trust", "notes")
Run = Callable[..., Result]


def made(catalog: Catalog, plan: str | None = None, estimate: Estimate | None = None) -> Report:
    return report_of(
        catalog,
        plan,
        digest="d" * 64,
        thresholds=Thresholds(0.5, {"4": 0.4}),
        estimate=estimate,
        today=lambda: datetime(2026, 11, 25, tzinfo=UTC),
    )


@pytest.fixture(scope="module")
def report(services: Services) -> Report:
    return made(services.current())


@pytest.fixture
def run(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SHIRUBE_DATA", str(workshop.settings.data))
    monkeypatch.setenv("SHIRUBE_LANG", "en")
    monkeypatch.delenv("SHIRUBE_PLANS", raising=False)
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_every_text_of_the_report_is_in_both_languages_and_used() -> None:
    sources = "".join(
        path.read_text("utf-8") for path in (*WEB.glob("*.py"), *(WEB / "templates").iterdir())
    )
    families = ("word.", "notes.", "trade.")  # whose names are put together
    assert len(TEXTS.by_key) > 60
    for key, texts in TEXTS.by_key.items():
        assert set(texts) == set(LANGUAGES), key
        holes = [set(re.findall(r"{(\w+)}", text)) for text in texts.values()]
        assert holes[0] == holes[1], key
        assert re.search(rf"""["']{re.escape(key)}["']""", sources) or key.startswith(families), key


def test_the_facts_are_counted_from_the_alignments(report: Report) -> None:
    facts = report.facts
    alignments = [one for thing in report.catalog.things.values() for one in thing.alignments]
    assert facts.alignments == len(alignments) == sum(facts.words.values())
    assert facts.states == {"unreviewed": 0, **facts.states}
    assert sum(facts.states.values()) == sum(1 for one in alignments if one.state)
    assert facts.methods == Counter(one.method for one in alignments if one.method)
    assert (facts.day, facts.digest) == ("2026-11-25", "d" * 64)
    assert sum(len(part.entries) for part in report.goals) == len(alignments)


def test_a_review_moves_an_alignment_from_the_machine_s_word_to_a_reader_s(
    reviewed: Services,
) -> None:
    before = made(reviewed.current()).facts
    assert reviewed.writer is not None
    reviewed.writer.review(PLAN, [Verdict("4-2", "4.4", "accepted")], author="hanako")
    reviewed.writer.review(PLAN, [Verdict("4-2", "8", "rejected")], author="taro")
    after = made(reviewed.current()).facts
    assert (before.words["judged"], before.words["reviewed"]) == (2, 1)
    assert (after.words["judged"], after.words["reviewed"], after.words["none"]) == (0, 2, 1)
    assert set(after.reviewers) >= {"hanako", "taro"}


def test_the_page_has_every_part_and_each_cell_leads_to_what_it_counts(
    client: FlaskClient, report: Report
) -> None:
    for language in LANGUAGES:
        page = client.get(f"/sdg/report?lang={language}").text
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        assert set(PARTS) <= set(ids)
        targets = set(re.findall(r'href="#([^"]+)"', page))
        cells = {target for target in targets if "-measure-" in target}
        assert len(cells) == sum(number > 0 for _, row in report.matrix.rows for number in row)
        assert targets <= set(ids)
        for part in report.goals:
            assert f'id="goal-{part.coverage.concept.code}"' in page
        assert TEXTS.text("goals.unsigned", language) in page
        assert TEXTS.text("indicators.count", language, all=25, linked=2) in page


def test_the_page_says_how_far_to_trust_the_machine(reviewed: Services) -> None:
    estimating = replace(reviewed, estimate=Estimate("judge-1", lambda score: 0.8125))
    page = create_app(estimating).test_client().get("/sdg/report?lang=en").text
    assert "right in about 81 % by the judge’s estimate" in page
    assert "hanako" not in page
    assert "検討会" in page, "who signed in the plan's file"


def test_the_file_stands_alone(report: Report) -> None:
    for language in LANGUAGES:
        page = report_file("html", report, language).decode()
        assert f'<html lang="{language}">' in page
        assert "<script" not in page
        assert {link[0] for link in re.findall(r'(?:href|src)="([^"]+)"', page)} == {"#"}
        assert "url(" not in page
        for part in PARTS:
            assert f'id="{part}"' in page
        assert report_file("html", report, language).decode() == page


def test_the_csv_has_every_goal_and_target_also_those_nobody_serves(report: Report) -> None:
    text = report_file("csv", report, "en").decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == GOAL_COLUMNS
    assert {row["sdg"] for row in rows} == set(report.covered)
    for row in rows:
        assert row["served_by"] == report.covered[row["sdg"]].word
    unserved = [row for row in rows if row["sdg"] == "15.1"]
    assert [(row["served_by"], row["code"]) for row in unserved] == [("none", "")]
    assert sum(bool(row["code"]) for row in rows) == report.facts.alignments


def test_the_workbook_has_a_sheet_for_each_table(report: Report) -> None:
    book = load_workbook(io.BytesIO(report_file("xlsx", report, "ja")))
    assert book.sheetnames == ["SDGs", "matrix", "goals", "items", "unserved", "KPI", "trust"]
    assert book["matrix"].max_row == 18
    assert book["KPI"].max_row == 26
    values = [row[1] for row in book["SDGs"].iter_rows(values_only=True)]
    assert TEXTS.text("notes.alignments", "ja") in values
    assert "0.5,4=0.4" in values
    for sheet in book.worksheets:
        kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
        assert "f" not in kinds, "no formulas"


def test_the_json_says_the_same(client: FlaskClient, report: Report) -> None:
    said = client.get("/sdg/report.json").get_json()
    assert said["counts"]["alignments"] == len(said["alignments"]) == report.facts.alignments
    assert [one["sdg"] for one in said["sdgs"]] == list(report.covered)
    assert len(said["kpis"]) == 25
    assert set(said["unofficial"]) == set(LANGUAGES)
    assert said["matrix"]["goals"]["4"] == list(report.matrix.rows[3][1])


def test_each_file_has_its_type_and_name(client: FlaskClient) -> None:
    for extension, kind in (("html", "text/html"), ("csv", "text/csv")):
        answer = client.get(f"/sdg/report.{extension}")
        assert answer.mimetype == kind
        assert f"sdg-report-{PLAN}.{extension}" in answer.headers["Content-Disposition"]
    assert client.get("/sdg/report.csv?bom=1").data.startswith(b"\xef\xbb\xbf")
    assert client.get("/sdg/report.pdf").status_code == 404


def test_a_report_is_of_one_plan(services: Services, client: FlaskClient) -> None:
    current = services.current()
    other = {
        f"{iri}-b": replace(thing, iri=f"{iri}-b", plan="b", alignments=())
        for iri, thing in current.things.items()
        if thing.type == "strategy"
    }
    both = Catalog({**current.things, **other}, lambda: current.sdgs)
    assert made(both).facts.strategy.plan == PLAN
    alone = made(both, "b")
    assert (alone.facts.alignments, alone.matrix.measures, alone.facts.methods) == (0, (), {})
    assert TEXTS.text("cover.nobody", "en") in report_file("html", alone, "en").decode()
    with pytest.raises(ReportError, match="must be one of"):
        made(both, "c")
    answer = client.get("/sdg/report?plan=c&lang=en")
    assert answer.status_code == 404
    assert f"must be one of {PLAN}" in answer.text


def test_the_prompt_shows_and_writes_the_report(run: Run, tmp_path: Path) -> None:
    shown = run("sdg", "report").stdout
    for key in ("cover.kind", "matrix.title", "word.title", "unserved.title", "trust.title"):
        assert TEXTS.text(key, "en") in shown, key
    assert "4-3-K2" in shown
    assert json.loads(run("sdg", "report", "--json").stdout)["plan"] == PLAN
    for extension in ("html", "csv", "xlsx", "json"):
        file = tmp_path / f"report.{extension}"
        done = run("sdg", "report", "--lang", "ja", "--out", str(file))
        assert (done.exit_code, done.stdout.strip()) == (0, str(file))
        assert file.stat().st_size > 10_000
    assert "17の目標と施策" in (tmp_path / "report.html").read_text("utf-8")
    assert (tmp_path / "report.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_prompt_refuses_what_it_cannot_write(run: Run, tmp_path: Path) -> None:
    done = run("sdg", "report", "--out", str(tmp_path / "report.pdf"))
    assert done.exit_code == 2
    assert ".html, .csv, .xlsx, .json" in done.output
    done = run("sdg", "report", "--out", str(tmp_path / "no" / "report.html"))
    assert "Cannot write" in done.output
    done = run("sdg", "report", "--in-plan", "c")
    assert done.exit_code == 2
    assert "There is no plan 'c'" in done.output
