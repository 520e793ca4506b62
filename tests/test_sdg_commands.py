"""What `shirube sdg` writes: exports and the report."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph
from rdflib.namespace import RDF

from ontology import SHIRUBE
from web.cli import main
from web.wiring import Workshop

Run = Callable[..., Result]


@pytest.fixture
def run(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SHIRUBE_DATA", str(workshop.settings.data))
    monkeypatch.setenv("SHIRUBE_LANG", "en")
    monkeypatch.delenv("SHIRUBE_PLANS", raising=False)
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_alignments_are_exported_in_every_format(run: Run, tmp_path: Path) -> None:
    for extension in ("csv", "xlsx", "ttl", "jsonld", "json"):
        file = tmp_path / f"sdgs.{extension}"
        done = run("sdg", "export", str(file))
        assert (done.exit_code, done.output.strip()) == (0, str(file))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "sdgs.csv").read_text("utf-8-sig"))))
    document = json.loads((tmp_path / "sdgs.jsonld").read_text("utf-8"))
    turtle = Graph().parse(tmp_path / "sdgs.ttl")
    assert len(rows) == len(document["alignments"]) > 290
    assert len(set(turtle.subjects(RDF.type, SHIRUBE.SDGAlignment))) == len(rows)
    assert zipfile.is_zipfile(tmp_path / "sdgs.xlsx")
    assert (tmp_path / "sdgs.json").read_bytes() == (tmp_path / "sdgs.jsonld").read_bytes()


def test_an_export_without_a_file_goes_to_standard_output(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("sdg", "export", "--format", "csv").stdout)))
    assert rows[0]["label"] == "Initiatives for the earliest possible recovery and " + (
        "reconstruction of disaster victims and affected areas"
    )
    japanese = run("sdg", "export", "--format", "csv", "--lang", "ja").stdout
    assert "被災者・被災地域の1日も早い復旧・復興に向けた取組み" in japanese


def test_an_export_of_no_known_format_says_which_there_are(run: Run, tmp_path: Path) -> None:
    for arguments in ([], [str(tmp_path / "sdgs.pdf")]):
        done = run("sdg", "export", *arguments)
        assert done.exit_code == 2
        assert "csv, xlsx, ttl, jsonld, json" in done.output
    nowhere = tmp_path / "missing" / "sdgs.csv"
    done = run("sdg", "export", str(nowhere))
    assert done.exit_code == 2
    assert f"Cannot write {nowhere}" in done.output
