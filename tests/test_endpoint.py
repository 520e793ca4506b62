"""The site and the command over another SPARQL endpoint, chosen by the environment."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kg.generation import Generation
from kg.message import UserError
from tests.sparql_servers import Server, oxigraph_binary, oxigraph_server
from web import create_app
from web.cli import main
from web.endpoint import endpoint_of
from web.settings import Settings
from web.wiring import Workshop

FACT = "INSERT DATA { GRAPH <http://e/グラフ> { <http://e/若者> <http://e/n> '地元'@ja } }"
QUERY = "SELECT ?g ?o { GRAPH ?g { <http://e/若者> ?p ?o } }"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if oxigraph_binary() is None:
        pytest.skip("the oxigraph package is not installed")
    with oxigraph_server(None, "--union-default-graph") as server:
        yield server


@pytest.fixture(scope="module")
def environment(server: Server) -> dict[str, str]:
    return {"SHIRUBE_ENDPOINT": server.query_url, "SHIRUBE_ENDPOINT_UPDATE": server.update_url}


@pytest.fixture(scope="module")
def client(
    data_folder: Path, generation: Generation, environment: dict[str, str]
) -> Iterator[FlaskClient]:
    settings = Settings.from_environment({"SHIRUBE_DATA": str(data_folder), **environment})
    assert settings.endpoint is not None
    settings.endpoint.open().update(FACT)
    services = Workshop(settings, progress=lambda message: None).services()
    yield create_app(services).test_client()
    services.close()


def test_the_endpoint_answers_queries_and_the_site_its_own_pages(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": QUERY}, headers={"Accept": "text/csv"})
    assert answer.text.split() == ["g,o", "http://e/グラフ,地元"]
    found = client.get("/api/v1/search", query_string={"q": "若者の地元定着"}).get_json()
    assert found["hits"]
    assert client.get("/plan").status_code == 200


def test_a_search_in_a_query_is_ours_and_its_join_the_endpoints(client: FlaskClient) -> None:
    query = """PREFIX shirube: <https://w3id.org/shirube/ns#>
        SELECT ?thing {
          (?thing ?score) shirube:search ("若者の定着" 3) . OPTIONAL { ?thing ?p ?o }
        }"""
    answer = client.get("/sparql", query_string={"query": query}).get_json()
    assert len(answer["results"]["bindings"]) == 3


def test_mistakes_and_refusals_are_as_helpful(client: FlaskClient) -> None:
    for query, status, kind in (
        ("SELECT *\n{ ?s ?p }", 400, "syntax"),
        ("ASK { SERVICE <http://127.0.0.1:9/> {} }", 403, "forbidden"),
        ("ASK { FILTER(<http://e/f>(1)) }", 400, "unsupported"),
    ):
        answer = client.get("/sparql", query_string={"query": query})
        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"
        assert answer.get_json(force=True)["kind"] == kind


def test_nothing_is_described_that_only_the_endpoint_knows(client: FlaskClient) -> None:
    for path in ("/sparql", "/.well-known/void"):
        description = client.get(path, headers={"Accept": "text/turtle"}).text
        assert "UnionDefaultGraph" not in description
        assert "Partition" not in description
        assert "/sparql#dataset" in description or "sd:endpoint" in description


def test_the_command_asks_the_endpoint_and_builds_nothing(
    server: Server, environment: dict[str, str], client: FlaskClient, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    done = CliRunner().invoke(
        main,
        ["sparql", "--format", "csv", QUERY],
        env={**environment, "SHIRUBE_DATA": str(data), "SHIRUBE_LANG": "en"},
    )
    assert done.exit_code == 0, done.output
    assert done.stdout.split() == ["g,o", "http://e/グラフ,地元"]
    assert not data.exists()


def test_an_endpoint_that_is_not_there_is_told_in_the_readers_language(tmp_path: Path) -> None:
    for language, words in (("ja", "結果を得られませんでした"), ("en", "gave no answer")):
        done = CliRunner().invoke(
            main,
            ["sparql", "ASK {}"],
            env={
                "SHIRUBE_ENDPOINT": "http://127.0.0.1:9/sparql?key=secret",
                "SHIRUBE_DATA": str(tmp_path),
                "SHIRUBE_LANG": language,
            },
        )
        assert done.exit_code == 2
        assert words in done.stderr
        assert "http://127.0.0.1:9/sparql" in done.stderr
        assert "secret" not in done.output + done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHIRUBE_ENDPOINT", "localhost:8890/sparql"),
        ("SHIRUBE_ENDPOINT", "http://dba:s3cret@127.0.0.1/sparql"),
        ("SHIRUBE_ENDPOINT_UPDATE", "file:///s3cret"),
        ("SHIRUBE_ENDPOINT_TOKEN", "s3cret\nX-Other: 1"),
        ("SHIRUBE_ENDPOINT_PASSWORD", "s3cret\r"),
    ],
)
def test_a_setting_that_does_not_fit_is_named_and_its_value_not_told(name: str, value: str) -> None:
    with pytest.raises(UserError) as caught:
        endpoint_of({"SHIRUBE_ENDPOINT": "http://127.0.0.1/sparql", name: value})
    assert name in caught.value.ja
    assert name in caught.value.en
    assert "s3cret" not in str(caught.value)


def test_secrets_are_in_no_representation() -> None:
    environment = {
        "SHIRUBE_ENDPOINT": "http://127.0.0.1/sparql",
        "SHIRUBE_ENDPOINT_TOKEN": "s3cret-token",
        "SHIRUBE_ENDPOINT_USER": "dba",
        "SHIRUBE_ENDPOINT_PASSWORD": "s3cret-word",
    }
    settings = Settings.from_environment({"SHIRUBE_DATA": "x", **environment})
    assert settings.endpoint is not None
    assert settings.endpoint.credentials.password == "s3cret-word"
    assert "s3cret" not in repr(settings)
