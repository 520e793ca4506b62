"""Goals and targets by whose word they are served: counted, in the API, on the page, in SPARQL."""

from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from kg.catalog import Catalog
from kg.coverage import WORDS, coverage, goals_of
from kg.examples import FOLDER
from kg.reviews import Verdict
from kg.store import Store
from kg.things import Alignment, SdgConcept, Thing
from tests.review_data import PLAN
from web import create_app
from web.services import Services
from web.texts import LANGUAGES, Texts

TEXTS = Texts(Path(__file__).parent.parent / "web" / "report.toml")


def concept(code: str) -> SdgConcept:
    parent = code.rpartition(".")[0] or None
    return SdgConcept(f"sdg:{code}", code, "target" if parent else "goal", {}, {}, parent)


def thing(code: str, *alignments: tuple[str, str, bool]) -> Thing:
    made = [
        Alignment(f"a:{code}-{sdg}", code, sdg, 0.5, "m", state, "e", stated=stated)
        for sdg, state, stated in alignments
    ]
    return Thing(code, "p", code, "measure", {"en": code}, alignments=tuple(made))


def test_each_thing_counts_once_under_the_best_word_for_it() -> None:
    things = [
        thing("1-1", ("1", "rejected", True), ("1.1", "unreviewed", False)),
        thing("1-2", ("1", "unreviewed", False), ("1.2", "accepted", False)),
        thing("1-3", ("2.1", "unreviewed", False)),
        thing("1-4", ("3", "rejected", False)),
    ]
    concepts = {code: concept(code) for code in ("1", "2", "3", "4", "1.1", "1.2", "2.1")}
    covered = coverage(Catalog({one.iri: one for one in things}, lambda: concepts))
    assert list(covered) == ["1", "1.1", "1.2", "2", "2.1", "3", "4"]
    assert {code: one.word for code, one in covered.items()} == {
        **{"1": "stated", "1.1": "judged", "1.2": "reviewed"},
        **{"2": "judged", "2.1": "judged", "3": "none", "4": "none"},
    }
    assert covered["1"].things == {
        **{"stated": ("1-1",), "reviewed": ("1-2",), "judged": (), "none": ()}
    }
    assert covered["3"].count("none") == 1, "rejected: a person has said no"
    assert covered["4"].count("none") == 0, "nobody has said anything"
    assert [one.concept.code for one in goals_of(covered.values())] == ["1", "2", "3", "4"]


def api(client: FlaskClient, **query: str) -> Any:
    answer = client.get("/api/v1/sdgs", query_string=query)
    assert answer.status_code == 200
    return answer.get_json()["sdgs"]


def test_the_api_gives_every_goal_and_target_in_the_promised_shape(client: FlaskClient) -> None:
    description = client.get("/api/v1/openapi.json").get_json()
    shape = {"$ref": "#/components/schemas/CoverageAnswer"}
    validator = Draft202012Validator({**shape, "components": description["components"]})
    validator.validate(client.get("/api/v1/sdgs").get_json())
    every = api(client)
    assert len(every) == 17 + 169
    by_word = {word: {one["sdg"] for one in api(client, word=word)} for word in WORDS}
    assert sum(map(len, by_word.values())) == len(every)
    assert {one["sdg"] for one in api(client, word="none,judged")} == (
        by_word["none"] | by_word["judged"]
    )
    assert "15.1" in by_word["none"]
    assert {one["kind"] for one in api(client, kind="goal", plan=PLAN)} == {"goal"}
    served = next(one for one in every if one["sdg"] == "4")
    assert f"https://w3id.org/shirube/id/{PLAN}/measure/4-1" in served["reviewed"]


def test_a_filter_of_the_api_that_is_not_known_is_refused(client: FlaskClient) -> None:
    for name in ("kind", "word", "plan"):
        answer = client.get("/api/v1/sdgs", query_string={name: "everybody", "lang": "en"})
        assert answer.status_code == 400
        assert f"{name} must be one of" in answer.get_json()["detail"]


def test_the_query_and_the_count_agree_while_reviews_come_in(reviewed: Services) -> None:
    query = (FOLDER / "goals-by-word.rq").read_text("utf-8")
    nobody = (FOLDER / "targets-nobody-serves.rq").read_text("utf-8")

    def said(graph: Store, text: str, *columns: str) -> list[tuple[str, ...]]:
        rows = graph.query(text).rows()
        return [tuple(row[name].value for name in columns) for row in rows]  # type: ignore[union-attr]

    assert reviewed.writer is not None
    for verdict in (None, Verdict("4-2", "8", "rejected"), Verdict("4-2", "8", "accepted")):
        if verdict:
            reviewed.writer.review(PLAN, [verdict], author="hanako")
        covered = coverage(reviewed.current())
        goals = [(one.concept.iri, one.word) for one in goals_of(covered.values())]
        assert said(reviewed.graph, query, "goal", "word") == goals
        unserved = {
            (one.concept.iri,)
            for one in covered.values()
            if one.concept.kind == "target" and one.word == "none"
        }
        assert set(said(reviewed.graph, nobody, "target")) == unserved
    assert covered["8"].word == "reviewed"


def test_the_page_names_the_goals_that_nobody_serves(reviewed: Services) -> None:
    client = create_app(reviewed).test_client()
    for language in LANGUAGES:
        page = client.get(f"/sdg?lang={language}").text
        unserved = page[page.index('id="unserved"') :]
        assert TEXTS.text("unserved.goals", language) in unserved
        assert TEXTS.text("unserved.judged_goals", language) in unserved, "goal 8 is only judged"
        assert unserved.count("<li>") > 100
        assert page.count('<tr class="word-none">') == 15
        assert page.count('<tr class="word-judged">') == 1
