"""More like this: what is nearest to a thing, and not its own family."""

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kg.catalog import Catalog
from search.searcher import Searcher
from web.cli import main


def codes(searcher: Searcher, catalog: Catalog, code: str, limit: int = 5) -> list[str]:
    thing = catalog.find("kumamoto-2", code)
    assert thing is not None
    return [one.thing.code for one in searcher.likeness.nearest(thing.iri, "ja", limit)]


def test_what_is_of_the_same_subject_is_near(searcher: Searcher, catalog: Catalog) -> None:
    assert codes(searcher, catalog, "3-2-4-C2")[0] == "3-2-4-C1"  # two on the airport
    assert set(codes(searcher, catalog, "4-2", 2)) == {"4-1-2", "4-1"}  # people's training
    assert codes(searcher, catalog, "4-3-1")[0] == "2-2-K1"  # children


def test_neither_itself_nor_its_family_is_like_a_thing(
    searcher: Searcher, catalog: Catalog
) -> None:
    for thing in catalog.things.values():
        near = searcher.likeness.nearest(thing.iri, "en", 200)
        found = {one.thing.iri for one in near}
        path = {one.iri for one in catalog.path(thing.iri)}
        assert not found & {*path, *thing.children, *thing.kpis}
        likeness = [one.similarity for one in near]
        assert likeness == sorted(likeness, reverse=True)
        assert all(0 <= one <= 1 for one in likeness)


def test_the_words_in_common_have_their_place(searcher: Searcher, catalog: Catalog) -> None:
    thing = catalog.find("kumamoto-2", "3-2-4-C2")
    assert thing is not None
    first = searcher.likeness.nearest(thing.iri, "ja", 1)[0]
    assert [first.thing.label["ja"][a:b] for a, b in first.spans] == ["空港"]


def test_the_api_answers_by_type_and_limit(client: FlaskClient) -> None:
    answer = client.get("/api/v1/things/kumamoto-2/4-2/similar?type=measure&limit=2").get_json()
    assert answer["thing"].endswith("/measure/4-2")
    assert [one["type"] for one in answer["similar"]] == ["measure", "measure"]
    assert answer["similar"][0]["path"][0]["code"] == "S"
    assert len(client.get("/api/v1/things/kumamoto-2/4-2/similar").get_json()["similar"]) == 5


@pytest.mark.parametrize(
    ("address", "status"),
    [("4-2/similar?limit=0", 400), ("4-2/similar?type=castle", 400), ("9-9/similar", 404)],
)
def test_what_cannot_be_answered_is_a_problem(
    client: FlaskClient, address: str, status: int
) -> None:
    response = client.get(f"/api/v1/things/kumamoto-2/{address}")
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"


def test_the_page_of_a_thing_links_to_what_is_like_it(client: FlaskClient) -> None:
    page = client.get("/doc/kumamoto-2/measure/4-2.html?lang=en").text
    near = page.split('<section id="similar">')[1].split("</section>")[0]
    assert near.count("<li>") == 5
    assert 'id="similar"' not in client.get("/search?q=若者").text
    assert "#similar" in client.get("/search?q=若者").text


def test_an_unknown_code_is_refused_at_the_prompt(data_folder, workshop) -> None:
    asked = CliRunner().invoke(main, ["similar", "9-9"], env={"SHIRUBE_DATA": str(data_folder)})
    assert asked.exit_code != 0
    asked = CliRunner().invoke(main, ["similar", "4-2"], env={"SHIRUBE_DATA": str(data_folder)})
    assert asked.output.count("\n") == 5
