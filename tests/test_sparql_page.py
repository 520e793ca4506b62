"""What the SPARQL page hands its script: vendored bytes, terms to complete, links and forms."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import web
from kg.catalog import Catalog
from kg.examples import PURPOSES
from kg.store import Store
from web.security import CONTENT_SECURITY_POLICY
from web.service_description import Describer
from web.services import Services
from web.sparql_page import LONGEST_LINK
from web.sparql_terms import completion

VENDOR = Path(web.__file__).parent / "static" / "vendor" / "yasgui"
SHIRUBE = "https://w3id.org/shirube/ns#"
KPIS = f"SELECT ?kpi WHERE {{ ?kpi a <{SHIRUBE}KPI> }}"


def page(client: FlaskClient, **parameters: object) -> str:
    response = client.get("/sparql", query_string=parameters, headers={"Accept": "text/html"})
    assert response.status_code == 200
    return response.text


def test_the_vendored_editor_is_the_published_one() -> None:
    recorded = dict(
        reversed(line.split()) for line in (VENDOR / "SHA256SUMS").read_text().splitlines()
    )
    assert set(recorded) == {"yasgui.min.js", "yasgui.min.css"}
    for name, digest in recorded.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
    licences = (VENDOR / "LICENSES.txt").read_text("utf-8")
    makefile = (VENDOR.parents[3] / "Makefile").read_text("utf-8")
    version = re.search(r"^YASGUI_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert version
    assert f"@zazuko/yasgui {version.group(1)} " in licences


def test_only_the_sparql_page_loads_the_editor_under_the_same_policy(client: FlaskClient) -> None:
    response = client.get("/sparql", headers={"Accept": "text/html"})
    assert "yasgui.min.js" in response.text
    assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    for path in ("/", "/plan", "/search?q=KPI", "/about"):
        assert "yasgui" not in client.get(path, headers={"Accept": "text/html"}).text


def test_every_term_in_the_data_is_completed_with_its_names(
    client: FlaskClient, services: Services
) -> None:
    data = client.get("/sparql/terms").get_json()
    assert data["prefixes"]["shirube"] == SHIRUBE
    terms = {(one["kind"], one["iri"]): one for one in data["terms"]}
    statistics = Describer(services.graph).statistics()
    held = {("class", iri) for graph in statistics.classes.values() for iri in graph}
    held |= {("property", iri) for graph in statistics.properties.values() for iri in graph}
    assert len(held) > 80
    assert held <= set(terms)
    assert [one["iri"] for one in data["terms"] if set(one["label"]) != {"ja", "en"}] == []
    assert terms["class", SHIRUBE + "Measure"]["count"] == 11
    assert terms["class", SHIRUBE + "Measure"]["label"]["ja"] == "施策"
    assert terms["value", SHIRUBE + "corrected"]["kind"] == "value"
    assert terms["value", "http://metadata.un.org/sdg/4"]["label"]["en"] == "Quality education"


def test_another_endpoint_is_helped_by_the_terms_that_we_know() -> None:
    terms = completion(Describer(None).statistics(), Catalog({}))["terms"]
    kinds = {(one["kind"], one["iri"]) for one in terms}
    assert ("property", "http://www.w3.org/2004/02/skos/core#prefLabel") in kinds
    assert ("class", SHIRUBE + "KPI") in kinds
    assert len(kinds) == len(terms)
    assert {one["count"] for one in terms} == {0}


def test_an_unknown_term_is_completed_without_a_name(store: Store) -> None:
    describer = Describer(store)
    statistics = describer.statistics()
    statistics.classes["urn:graph"] = {"urn:x:Class": 3}
    terms = {one["iri"]: one for one in completion(statistics, Catalog({}))["terms"]}
    assert terms["urn:x:Class"] == {"iri": "urn:x:Class", "kind": "class", "label": {}, "count": 3}


def test_terms_are_sent_again_only_when_they_have_changed(client: FlaskClient) -> None:
    first = client.get("/sparql/terms")
    again = client.get("/sparql/terms", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_examples_stand_by_purpose_in_the_language_of_the_page(client: FlaskClient) -> None:
    assert len(PURPOSES) >= 5
    for language in ("ja", "en"):
        text = page(client, lang=language)
        places = [text.index(f"<h3>{purpose.title[language]}</h3>") for purpose in PURPOSES]
        assert places == sorted(places)


def test_examples_are_open_until_there_is_an_answer(client: FlaskClient) -> None:
    assert re.search(r'id="sparql-examples" open>', page(client))
    assert re.search(r'id="sparql-examples">', page(client, query=KPIS))


def test_terms_in_an_answer_have_their_labels(client: FlaskClient) -> None:
    query = f"SELECT ?t {{ VALUES ?t {{ <{SHIRUBE}Measure> }} }}"
    assert ">施策</a> <code" in page(client, query=query, lang="ja")
    assert ">measure</a> <code" in page(client, query=query, lang="en")


def test_iris_are_named_for_the_script_as_the_page_names_them(client: FlaskClient) -> None:
    thing = "https://w3id.org/shirube/id/kumamoto-2/measure/4-2"
    iris = [thing, SHIRUBE + "Measure", "urn:x", "javascript:x"]
    named = client.post("/sparql/names?lang=en", json=iris).get_json()
    assert set(named) == set(iris)
    assert named[thing]["href"] == "/id/kumamoto-2/measure/4-2"
    assert named[thing]["label"]["text"].startswith("Retaining young people")
    assert named[SHIRUBE + "Measure"]["text"] == "shirube:Measure"
    assert named["urn:x"] == {**dict.fromkeys(named["urn:x"]), "text": "urn:x", "title": "urn:x"}
    assert named["javascript:x"]["href"] is None
    japanese = client.post("/sparql/names?lang=ja", json=iris).get_json()
    assert japanese[SHIRUBE + "Measure"]["label"] == {"text": "施策", "language": "ja"}


@pytest.mark.parametrize("body", ["", "[1]", '{"iri": "urn:x"}', "["])
def test_only_a_list_of_iris_is_named(client: FlaskClient, body: str) -> None:
    response = client.post("/sparql/names", data=body, content_type="application/json")
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"


def test_an_answer_comes_with_the_page_unless_it_is_long(client: FlaskClient) -> None:
    def response_in(query: str) -> dict[str, Any] | None:
        found = re.search(
            r'<script type="application/json" id="sparql-response">(.*?)</script>',
            page(client, query=query),
        )
        return json.loads(found.group(1)) if found else None

    answer = response_in(KPIS)
    assert answer
    assert answer["data"] == client.get("/sparql", query_string={"query": KPIS}).get_json()
    assert answer["contentType"] == "application/sparql-results+json"
    turtle = response_in("CONSTRUCT { <urn:a> <urn:b> '</script>' } {}")
    assert turtle
    assert "</script>" in turtle["data"]
    assert response_in("SELECT * { ?s ?p ?o } LIMIT 5000") is None


def test_a_long_query_is_downloaded_by_post(client: FlaskClient) -> None:
    short = page(client, query=KPIS)
    assert 'download="shirube.csv"' in short
    long = page(client, query=KPIS + "\n#" + "長" * (LONGEST_LINK // 9))
    assert 'download="shirube.csv"' not in long
    assert re.search(r'<form class="sparql-downloads"[^>]* method="post">', long)
    formats = re.findall(r'name="format" value="(\w+)"', long)
    assert formats == ["json", "xml", "csv", "tsv"]
    posted = client.post("/sparql", data={"query": KPIS, "format": "csv"})
    assert posted.mimetype == "text/csv"
    assert len(posted.text.splitlines()) == 26


def test_the_form_and_downloads_keep_the_graphs_that_were_asked(client: FlaskClient) -> None:
    graph = "https://w3id.org/shirube/graph/sdg"
    text = page(client, query=KPIS, **{"default-graph-uri": graph})
    assert f'<input type="hidden" name="default-graph-uri" value="{graph}">' in text
    assert "default-graph-uri=https" in text


def test_turtle_is_shown_with_the_prefixes_that_it_uses(client: FlaskClient) -> None:
    query = f"CONSTRUCT {{ <urn:x> a <{SHIRUBE}KPI> }} WHERE {{}}"
    text = page(client, query=query)
    assert f"@prefix shirube: &lt;{SHIRUBE}&gt; ." in text
    assert "&lt;urn:x&gt; a shirube:KPI ." in text
    assert "@prefix skos" not in text
