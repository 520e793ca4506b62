"""The JSON API and the addresses for whoever runs the service."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from search.evidence import Marks
from search.facets import FACETS, SEARCH_TYPES
from search.related import Related
from search.searcher import Evidence, Hit, Step
from web import create_app
from web.cursors import cursor_at, place_of
from web.hit_view import hit_view
from web.hits import nearness
from web.marks import marked, related_words
from web.sdg_view import sdg_overview
from web.search_request import (
    MAX_LIMIT,
    MAX_QUESTION,
    RequestError,
    SearchRequest,
)

SEARCH = "/api/v1/search"


def search(client: Any, **query: str | list[str]) -> Any:
    return client.get(SEARCH, query_string=query)


def described(client: Any, model: str) -> Draft202012Validator:
    """A validator of one model of the service's own description."""
    description = client.get("/api/v1/openapi.json").get_json()
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{model}", "components": description["components"]}
    )


# Search


def test_a_search_answers_in_the_promised_shape(client: Any) -> None:
    answer = search(client, q="若者の地元定着", type="measure,initiative", limit="3")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    body = answer.get_json()
    described(client, "SearchAnswer").validate(body)
    assert body["query"] == "若者の地元定着"
    hits = body["hits"]
    assert len(hits) == 3
    first = hits[0]
    assert (first["code"], first["type"]) == ("4-2-1", "initiative")
    assert first["iri"] == "https://w3id.org/shirube/id/kumamoto-2/initiative/4-2-1"
    assert first["label"]["ja"] == "若者の地元定着"
    assert first["label"]["en"]
    assert first["evidence"]["match"] == "exact"
    assert [step["code"] for step in first["evidence"]["path"]] == ["S", "4", "4-2", "4-2-1"]
    assert first["evidence"]["line"] == 81
    assert {hit["type"] for hit in hits} <= {"measure", "initiative"}
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_the_words_of_a_hit_stand_where_its_spans_say(client: Any) -> None:
    checked = 0
    for hit in search(client, q="若者の定着 災害").get_json()["hits"]:
        why = hit["evidence"]
        found = [why["passage"][start:end] for start, end in why["spans"]]
        assert found == why["words"]
        checked += len(found)
    assert checked > 0


@pytest.mark.parametrize("kind", SEARCH_TYPES)
def test_a_type_is_a_filter(client: Any, kind: str) -> None:
    hits = search(client, q="熊本", type=kind).get_json()["hits"]
    assert hits
    assert {hit["type"] for hit in hits} == {kind}


def test_types_come_by_comma_or_repeated(client: Any) -> None:
    comma = search(client, q="熊本", type="kpi, measure").get_json()
    repeated = client.get(f"{SEARCH}?q=熊本&type=kpi&type=measure").get_json()
    assert comma == repeated


@pytest.mark.parametrize(
    ("query", "needed"),
    [
        ({}, "q"),
        ({"q": "  "}, "q"),
        ({"q": "\u3000\t"}, "q"),
        ({"q": "x" * (MAX_QUESTION + 1)}, str(MAX_QUESTION)),
        ({"q": "x", "type": "law"}, ", ".join(SEARCH_TYPES)),
        ({"q": "x", "type": "measure,law"}, "law"),
        ({"q": "x", "limit": "0"}, str(MAX_LIMIT)),
        ({"q": "x", "limit": str(MAX_LIMIT + 1)}, str(MAX_LIMIT)),
        ({"q": "x", "limit": "ten"}, "ten"),
        ({"q": "x", "limit": "1e1"}, "1e1"),
        ({"q": "x", "lang": "not a tag"}, "not a tag"),
    ],
)
def test_a_bad_question_is_a_problem_that_says_what_is_allowed(
    client: Any, query: dict[str, str], needed: str
) -> None:
    details = {}
    for language in ("ja", "en"):
        answer = client.get(SEARCH, query_string=query, headers={"Accept-Language": language})
        assert answer.status_code == 400
        assert answer.mimetype == "application/problem+json"
        problem = answer.get_json()
        described(client, "Problem").validate(problem)
        assert problem["status"] == 400
        assert needed in problem["detail"]
        assert answer.headers["Content-Language"] == language
        details[language] = problem["detail"]
    assert details["ja"] != details["en"]


@given(
    q=st.one_of(st.none(), st.text(), st.integers()),
    kind=st.one_of(st.none(), st.text(max_size=20), st.lists(st.sampled_from(SEARCH_TYPES))),
    lang=st.one_of(st.none(), st.text(max_size=8), st.just("zh-Hans")),
    limit=st.one_of(st.none(), st.integers(), st.text(max_size=4), st.booleans()),
)
def test_whatever_is_sent_is_a_clean_question_or_a_request_error(
    q: object, kind: object, lang: object, limit: object
) -> None:
    try:
        asked = SearchRequest.parse(q=q, type=kind, lang=lang, limit=limit)
    except RequestError:
        return
    assert asked.question == asked.question.strip() != ""
    asked.question.encode("utf-8")
    asked.q.encode("utf-8")
    assert 1 <= asked.limit <= MAX_LIMIT
    assert set(asked.type) <= set(SEARCH_TYPES)


def test_a_question_is_normalised_and_echoed_as_sent() -> None:
    asked = SearchRequest.parse(q="　ＤＸ推進\n", type=["kpi", "kpi"], limit="5")
    assert asked.question == "DX推進"
    assert asked.q == "　ＤＸ推進\n"
    assert asked.type == ("kpi",)
    assert asked.limit == 5


# How a question was understood


def test_what_was_understood_is_told_and_can_be_taken_back(client: Any) -> None:
    whole = search(client, q="基本方針2のKPI").get_json()
    assert [one["key"] for one in whole["understood"]["filters"]] == ["within:2", "type:kpi"]
    assert whole["understood"]["filters"][0]["text"] == "基本方針2"
    assert whole["likely"]
    assert whole["total"] == 9
    codes = [hit["code"] for hit in whole["hits"]]
    assert codes == sorted(codes), "in the plan's order"
    assert {hit["type"] for hit in whole["hits"]} == {"kpi"}
    back = search(client, q="基本方針2のKPI", ignore=["type:kpi", "within:2"]).get_json()
    assert back["understood"]["filters"] == []
    assert back["understood"]["topic"] == "基本方針2のKPI"
    assert {hit["type"] for hit in back["hits"]} != {"kpi"}
    cursor = search(client, q="基本方針2のKPI", limit="5").get_json()["next"]
    assert search(client, q="基本方針2のKPI", cursor=cursor).status_code == 200
    assert search(client, q="基本方針2のKPI", cursor=cursor, ignore="type:kpi").status_code == 400


def test_what_is_excluded_makes_nothing_else_likelier(client: Any) -> None:
    whole = search(client, q="子供を安心して育てられる環境", limit="50").get_json()
    without = search(client, q="子供を安心して育てられる環境 -学校", limit="50").get_json()
    assert [one["kind"] for one in without["understood"]["filters"]] == ["without"]
    assert 0 < without["total"] <= whole["total"]
    assert without["hits"][0]["score"] <= whole["hits"][0]["score"]
    assert not any("学校" in hit["label"]["ja"] for hit in without["hits"])


def test_a_phrase_with_a_comma_is_taken_back_too(client: Any) -> None:
    [phrase] = search(client, q="「産業、雇用」").get_json()["understood"]["filters"]
    body = search(client, q="「産業、雇用」", ignore=phrase["key"]).get_json()
    assert body["understood"]["filters"] == []


def test_a_word_read_as_another_is_told_and_can_be_refused(client: Any) -> None:
    body = search(client, q="Kumamto castel").get_json()
    assert [one["key"] for one in body["understood"]["filters"]] == [
        "spelling:Kumamoto",
        "spelling:castle",
    ]
    assert [one["text"] for one in body["understood"]["filters"]] == ["Kumamto", "castel"]
    assert body["understood"]["topic"] == "Kumamto castel"
    assert body["understood"]["respelt"] == "Kumamoto castle"
    assert body["hits"][0]["code"] == "3-2-2-C1"
    refused = search(client, q="Kumamto castel", ignore=["spelling:castle"]).get_json()
    assert refused["understood"]["respelt"] == "Kumamoto castel"
    assert search(client, q="Kumamoto Castle").get_json()["understood"]["respelt"] == ""


@pytest.mark.parametrize("key", ["type", "type:", "law:kpi", ":", "あ"])
def test_what_was_never_understood_cannot_be_taken_back(client: Any, key: str) -> None:
    answer = search(client, q="若者", ignore=key)
    assert answer.status_code == 400
    assert "type:kpi" in answer.get_json()["detail"]


def test_it_is_said_where_nothing_answers(client: Any) -> None:
    assert search(client, q="若者の地元定着").get_json()["likely"]
    for nothing in ("best ramen", "サッカーの試合結果", "qwxz vbnk"):
        body = search(client, q=nothing).get_json()
        assert not body["likely"]
        assert body["hits"], "the nearest are shown all the same"


# Facets and pages


def test_facets_count_all_hits_and_a_count_is_what_choosing_gives(client: Any) -> None:
    whole = search(client, q="若者の地元定着", limit="1").get_json()
    assert whole["total"] > 10
    assert list(whole["facets"]) == list(FACETS)
    checked = 0
    for facet, choices in whole["facets"].items():
        for choice in choices:
            assert choice["label"]["ja"], (facet, choice)
            assert choice["label"]["en"], (facet, choice)
            narrowed = search(client, q="若者の地元定着", **{facet: choice["value"]}).get_json()
            assert narrowed["total"] == choice["count"]
            own = {one["value"]: one for one in narrowed["facets"][facet]}
            assert own[choice["value"]]["selected"]
            assert {k: v["count"] for k, v in own.items()} == {
                one["value"]: one["count"] for one in choices
            }, "a facet's own filter does not reduce its own counts"
            checked += 1
    assert checked > 10


def test_filters_narrow_each_other(client: Any) -> None:
    address = f"{SEARCH}?q=若者&policy=4&policy=2&type=measure&goal=4,8&has_kpi=true&limit=50"
    body = client.get(address).get_json()
    assert body["hits"]
    for hit in body["hits"]:
        assert hit["type"] == "measure"
        assert hit["code"][0] in "24"
    assert {one["value"] for one in body["facets"]["goal"] if one["selected"]} == {"4", "8"}


@pytest.mark.parametrize(
    ("query", "needed"),
    [
        ({"policy": "9"}, "1, 2, 3, 4"),
        ({"plan": "atlantis"}, "kumamoto-2"),
        ({"goal": "18"}, "17"),
        ({"has_kpi": "maybe"}, "true, false"),
    ],
)
def test_a_filter_that_is_not_here_is_a_problem_that_says_what_is(
    client: Any, query: dict[str, str], needed: str
) -> None:
    answer = search(client, q="若者", **query)
    assert answer.status_code == 400
    assert needed in answer.get_json()["detail"]


def test_pages_follow_each_other_by_link_and_by_cursor(client: Any) -> None:
    query = {"q": "若者 & 定着", "policy": "4,1", "limit": "4"}
    whole = search(client, **query | {"limit": "100"})
    assert "Link" not in whole.headers
    assert whole.get_json()["next"] is None
    answer, seen = search(client, **query), []
    while True:
        body = answer.get_json()
        seen += body["hits"]
        if body["next"] is None:
            break
        by_cursor = search(client, **query, cursor=body["next"]).get_json()
        address = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers["Link"])
        assert address
        answer = client.get(address[1])
        assert answer.get_json() == by_cursor
    assert [hit["iri"] for hit in seen] == [hit["iri"] for hit in whole.get_json()["hits"]]
    assert len(seen) == body["total"] > 4


def test_a_cursor_belongs_to_its_question_its_filters_and_its_index(client: Any) -> None:
    cursor = search(client, q="若者").get_json()["next"]
    assert search(client, q="　若者 ", cursor=cursor).status_code == 200, "the same question"
    assert search(client, q="若者", cursor=cursor, limit="3", lang="en").status_code == 200
    refused: list[dict[str, str]] = [
        {"q": "観光"},
        {"type": "kpi"},
        {"cursor": "x"},
        {"cursor": "あ"},
        {"cursor": cursor[:-1]},
        {"cursor": cursor + "AAAA"},
        {"cursor": cursor[:8] + ("A" if cursor[8] != "A" else "B") + cursor[9:]},
        {"cursor": cursor[:-1] + ("A" if cursor[-1] != "A" else "B")},
    ]
    for change in refused:
        details = set()
        for language in ("ja", "en"):
            query = {"q": "若者", "cursor": cursor} | change
            answer = client.get(SEARCH, query_string=query, headers={"Accept-Language": language})
            assert answer.status_code == 400, change
            details.add(answer.get_json()["detail"])
            assert "next" in answer.get_json()["detail"]
        assert len(details) == 2


def test_a_cursor_of_a_replaced_index_is_gone(client: Any, searcher: Any) -> None:
    asked = SearchRequest.parse(q="若者")
    old = cursor_at(10, asked, "another index")
    details = {}
    for language in ("ja", "en"):
        answer = client.get(
            SEARCH,
            query_string={"q": "若者", "cursor": old},
            headers={"Accept-Language": language},
        )
        assert answer.status_code == 410
        assert answer.mimetype == "application/problem+json"
        details[language] = answer.get_json()["detail"]
    assert "もう一度" in details["ja"]
    assert "Search again" in details["en"]
    assert place_of(SearchRequest.parse(q="若者", cursor=old), "another index") == 10


@given(st.text(max_size=40))
def test_no_text_that_we_did_not_give_out_is_a_cursor(text: str) -> None:
    try:
        place = place_of(SearchRequest.parse(q="若者", cursor=text), "index")
    except RequestError:
        return
    assert (text, place) == ("", 0)


def hit(match: Any, score: float, similarity: float = 0.5) -> Hit:
    step = Step("urn:x", "1", {"ja": "一"})
    text = ("一", "label", "ja", "urn:x", ())
    evidence = Evidence(match, *text, similarity, 1, None, (step,), None, (), (), {}, ())
    return Hit("urn:x", "1", "policy", {"ja": "一"}, score, evidence)


def test_nearness_is_said_in_words() -> None:
    said = [nearness(hit("near", score)) for score in (0.9, 0.5, 0.25, 0.1, 0.0)]
    assert said == ["very_near", "near", "far", "weak", "weak"]
    assert nearness(hit("exact", 0.1)) == "exact"
    assert nearness(hit("substring", 0.1)) == "substring"


def test_the_words_are_marked_and_nothing_else_is_markup() -> None:
    marks = Marks(((0, 2), (2, 4), (5, 7)), (Related("promote", "の", "encoder", (4, 5)),))
    shown = '<mark>DX推進</mark><mark class="related">の</mark><mark>dx</mark>'
    assert marked("DX推進のdx", marks) == shown
    shown = "<mark>&lt;b&gt;</mark>&lt;/b&gt;"
    assert marked("<b></b>", Marks(((0, 3),), ())) == shown
    assert marked("<b>", None) == "&lt;b&gt;"


def test_pairs_are_shown_once_in_the_order_of_the_texts() -> None:
    young, stay = (
        Related("youth", "若者", "label", (0, 2)),
        Related("stay", "定着", "label", (5, 7)),
    )
    labels = {"en": Marks((), ()), "ja": Marks((), (young,))}
    evidence = replace(hit("near", 0.5).evidence, labels=labels, related=(young, stay))
    assert related_words(evidence, ["en", "ja", "fr"]) == [(young, "ja"), (stay, "ja")]


def test_a_cosine_a_hair_above_one_is_one() -> None:
    assert hit_view(hit("near", 0.5, 1.0000001)).evidence.similarity == 1.0


# Things


def test_a_thing_is_told_whole(client: Any, catalog: Any) -> None:
    validator = described(client, "ThingView")
    types = set()
    for thing in catalog.things.values():
        answer = client.get(f"/api/v1/things/{thing.plan}/{thing.code}")
        assert answer.status_code == 200
        body = answer.get_json()
        validator.validate(body)
        assert (body["iri"], body["type"]) == (thing.iri, thing.type)
        assert len(body["alignments"]) == len(thing.alignments)
        types.add(body["type"])
    assert len(types) == 7


def test_a_thing_nobody_knows_is_a_problem(client: Any) -> None:
    answer = client.get("/api/v1/things/kumamoto-2/9-9", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_the_overview_names_the_measures_and_initiatives_of_each_goal(catalog: Any) -> None:
    goals = sdg_overview(catalog)["goals"]
    assert [goal["goal"] for goal in goals] == [str(number) for number in range(1, 18)]
    expected = {
        (alignment.sdg.split(".")[0], thing.code)
        for thing in catalog.things.values()
        for alignment in thing.alignments
        if alignment.holds and thing.type in ("measure", "initiative")
    }
    assert expected
    listed = {
        (goal["goal"], code) for goal in goals for code in goal["measures"] + goal["initiatives"]
    }
    assert listed == expected


# Description, origins, suggestions


def test_the_description_is_valid_openapi(client: Any) -> None:
    description = client.get("/api/v1/openapi.json").get_json()
    validate(description)
    assert description["openapi"].startswith("3.1")
    served = {
        str(rule).replace("<", "{").replace(">", "}")
        for rule in client.application.url_map.iter_rules()
        if str(rule).startswith("/api/v1/") and not str(rule).endswith("openapi.json")
    }
    assert served == set(description["paths"])


def test_readers_from_any_origin_are_welcome(client: Any) -> None:
    answer = client.get(f"{SEARCH}?q=a", headers={"Origin": "https://example.org"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    refused = client.get(SEARCH, headers={"Origin": "https://example.org"})
    assert refused.headers["Access-Control-Allow-Origin"] == "*", "problems can be read too"
    preflight = client.options(SEARCH, headers={"Access-Control-Request-Method": "GET"})
    assert preflight.status_code == 204
    assert "GET" in preflight.headers["Access-Control-Allow-Methods"]


def test_suggestions_say_what_they_are(client: Any, catalog: Any) -> None:
    answer = client.get("/api/v1/suggestions?q=wakamono&lang=ja").get_json()
    assert answer["query"] == "wakamono"
    word, *others = answer["suggestions"]
    assert word == {"text": "若者", "language": "ja", "said": "", "thing": None}
    labels = [one for one in others if one["thing"]]
    assert len(labels) >= 2
    for one in labels:
        thing = catalog.things[one["thing"]["iri"]]
        assert one["text"] == thing.label["ja"]
        assert one["thing"] == {"iri": thing.iri, "code": thing.code, "type": thing.type}
    assert len(client.get("/api/v1/suggestions?q=e&limit=3").get_json()["suggestions"]) == 3
    assert client.get("/api/v1/suggestions?q=+").status_code == 400
    assert client.get("/api/v1/suggestions?q=a&limit=0").status_code == 400


def test_browsers_get_suggestions_with_descriptions_and_addresses(client: Any) -> None:
    answer = client.get("/api/v1/suggest?q=わかもの&lang=ja")
    assert answer.mimetype == "application/x-suggestions+json"
    typed, texts, descriptions, addresses = json.loads(answer.data)
    assert typed == "わかもの"
    assert texts[0] == "若者"
    assert descriptions[texts.index("若者の地元定着と人材育成")] == "施策 4-2"
    assert len(texts) == len(descriptions) == len(addresses)
    assert client.get(addresses[0]).status_code == 200
    assert json.loads(client.get("/api/v1/suggest?q=").data) == ["", [], [], []]
    assert "Accept-Language" in answer.headers["Vary"], "the labels' language follows it"


def test_the_opensearch_description_points_here(client: Any) -> None:
    root = ElementTree.fromstring(client.get("/opensearch.xml?lang=en").data)
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert root.tag == f"{space}OpenSearchDescription"
    templates = [url.attrib["template"] for url in root.iter(f"{space}Url")]
    assert len(templates) == 2
    for template in templates:
        path = template.removeprefix("http://localhost").replace("{searchTerms}", "災害")
        assert client.get(path).status_code == 200


# For whoever runs it


def test_alive_ready_and_which(client: Any, services: Any) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json()["graph"] == services.graph_digest
    which = client.get("/version").get_json()
    assert which["name"] == "shirube"
    assert which["graph"] == services.graph_digest


class Broken:
    def query(self, *_: Any, **__: Any) -> Any:
        raise OSError("the disk is gone")

    def search(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("the index is gone")


@pytest.mark.parametrize("part", ["graph", "searcher"])
def test_not_ready_names_the_part_and_keeps_the_reason_inside(services: Any, part: str) -> None:
    broken = {part: Broken()}
    client = create_app(replace(services, **broken)).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json() == {"status": "unavailable", "failing": [part]}
    assert client.get("/healthz").status_code == 200


def test_requests_are_counted_by_view_not_by_address(services: Any) -> None:
    client = create_app(services).test_client()
    for path in ("/healthz", "/healthz", "/nowhere/1", "/nowhere/2", f"{SEARCH}?q="):
        client.get(path)
    for made_up in ("SPAM", "EGGS"):
        client.open("/healthz", method=made_up)
    lines = client.get("/metrics").text.splitlines()
    assert 'shirube_requests_total{endpoint="health.alive",method="GET",status="200"} 2.0' in lines
    assert 'shirube_requests_total{endpoint="none",method="GET",status="404"} 2.0' in lines
    assert 'shirube_requests_total{endpoint="none",method="_OTHER",status="405"} 2.0' in lines
    assert 'shirube_requests_total{endpoint="api.search",method="GET",status="400"} 1.0' in lines
    assert 'shirube_request_seconds_count{endpoint="health.alive"} 2.0' in lines


def test_the_answers_are_shaped_without_flask() -> None:
    code = "import sys, web.view; print(sorted({'flask', 'werkzeug'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
