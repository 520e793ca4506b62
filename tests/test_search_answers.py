"""Questions that named queries answer: which are chosen, what fills them, and what is said."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kg.assembly import n_quads
from kg.build import build_dataset
from kg.catalog import Catalog
from kg.named_queries import NamedQuery, named_queries
from kg.oxigraph import OxigraphStore
from kg.plan import Plan
from kg.sparql_errors import SparqlError
from kg.store import Row
from search.answer_choice import ROLES
from search.answer_telling import Answer
from search.answers import THRESHOLD, Answers
from search.cues import type_words
from search.encoder import Encoder
from search.question_codes import TYPES
from search.question_words import WORDS_FILE
from tests.answer_suite import UNANSWERABLE, suite, tally
from web import create_app
from web.answers import Answering
from web.cli import main
from web.services import Services
from web.wiring import Workshop

Ask = Callable[[str], Answer | None]
IDEAS: Mapping[str, Mapping[str, list[str]]] = {
    **tomllib.loads(WORDS_FILE.read_text("utf-8"))["ideas"],
    **type_words(),
}
CODES = {
    "policy": "2",
    "measure": "4-2",
    "initiative": "4-2-1",
    "component": "4-2-1-C1",
    "kpi": "4-2-K1",
    "topic": "X-1",
}
LABELS = {"kpi": "新規学卒者県内就職率", "initiative": "若者の地元定着"}
EXAMPLES = [
    pytest.param(query, language, id=f"{query.name}-{language}")
    for query in named_queries()
    for language in ("ja", "en", "zh", "ko", "vi")
]


@pytest.fixture(scope="module")
def answers(catalog: Catalog, encoder: Encoder) -> Answers:
    return Answers(catalog, encoder)


@pytest.fixture(scope="module")
def run(store: OxigraphStore) -> Callable[[str], list[Row]]:
    return lambda query: store.query(query).rows()


@pytest.fixture(scope="module")
def ask(answers: Answers, run: Callable[[str], list[Row]]) -> Ask:
    return lambda question: answers.answer(question, run)


def word(idea: str, language: str) -> str:
    """The first word of an idea in a language."""
    return IDEAS[idea][language][0]


def filled(query: NamedQuery, question: str, language: str) -> str:
    """An example question with something of the bundled plan for each parameter."""
    values = {}
    for parameter in query.parameters:
        kind = next((kind for kind in parameter.kinds if kind in CODES), parameter.kinds[0])
        if kind in CODES and f"「{{{parameter.name}}}」" in question:
            values[parameter.name] = LABELS[kind]
        elif kind in CODES:
            values[parameter.name] = f"{word(kind, language)} {CODES[kind]}"
        elif kind == "strategy":
            values[parameter.name] = "S"
        else:
            values[parameter.name] = {
                "goal": "SDG 4",
                "type": word("initiative", language),
                "role": word("goal-value", language),
                "word": "「熊本城」",
                "subject": "観光",
            }[kind]
    return question.format(**values)


# The queries


def test_there_are_queries_with_titles_in_five_languages() -> None:
    assert len(named_queries()) >= 25
    for query in named_queries():
        assert query.title.keys() >= {"ja", "en", "zh", "ko", "vi"}
        assert query.asked.keys() >= {"ja", "en", "zh", "ko", "vi"}
        assert not re.search(r"kumamoto|熊本", query.text, re.IGNORECASE), query.name


@pytest.mark.parametrize("query", named_queries(), ids=lambda query: query.name)
def test_a_query_runs_with_its_parameters_open(store: OxigraphStore, query: NamedQuery) -> None:
    rows = store.query(query.text).rows()
    # The bundled plan gives no values of its KPIs.
    assert bool(rows) == (query.name != "value-of-kpi")


@pytest.mark.parametrize(("query", "language"), EXAMPLES)
def test_an_example_question_is_answered_by_its_own_query(
    answers: Answers, query: NamedQuery, language: str
) -> None:
    for example in query.asked[language]:
        question = filled(query, example, language)
        chosen = answers.choose(question)
        assert chosen is not None, question
        assert chosen.query.name == query.name, question
        assert chosen.probability >= THRESHOLD


def test_the_words_of_ideas_are_in_every_language() -> None:
    for idea in (*TYPES, *ROLES, "goal", "count", "most", "without"):
        assert IDEAS[idea].keys() >= {"ja", "en", "zh", "ko", "vi"}, idea


# The suite


@pytest.mark.parametrize(
    ("name", "asked", "unanswerable"),
    [("answers", 92, 19), ("phrasings", 219, 93), ("fresh", 63, 44)],
)
def test_the_development_half_is_answered_rightly_or_not_at_all(
    answers: Answers, run: Callable[[str], list[Row]], name: str, asked: int, unanswerable: int
) -> None:
    found = tally(answers, run, suite(name, "development"))
    assert len(found.claimed) + len(found.refused) == unanswerable
    assert len(found.right) + len(found.wrong) + len(found.silent) == asked
    assert (found.wrong, found.claimed) == ([], [])
    assert len(found.right) / asked >= 0.95, found.silent


def test_what_no_query_answers_gets_no_answer(answers: Answers) -> None:
    assert len(UNANSWERABLE) >= 150
    assert [question for question in UNANSWERABLE if answers.choose(question)] == []


# What is said


def test_an_answer_says_how_many_and_which_with_its_evidence(ask: Ask) -> None:
    answer = ask("how many KPIs does policy 3 have")
    assert answer is not None
    assert answer.sentence["en"].startswith("Policy 3 “")
    assert "” has 3 KPIs: 3-2-K1 “" in answer.sentence["en"]
    assert "の KPI は3件です：3-2-K1 " in answer.sentence["ja"]
    assert [row["kpi"].code for row in answer.rows] == ["3-2-K1", "3-2-K2", "3-2-K3"]
    assert answer.columns == ("kpi",)
    assert [thing.code for thing in answer.evidence][:3] == ["3-2-K1", "3-2-K2", "3-2-K3"]
    assert all(thing.source and thing.source.line for thing in answer.evidence)
    assert "/policy/3> }" in answer.query


def test_what_the_plan_does_not_say_is_said_to_be_missing(ask: Ask) -> None:
    target = ask("4-2-K1の目標値は")
    assert target is not None
    assert target.rows == ()
    assert "目標値を示していません" in target.sentence["ja"]
    none = ask("how many KPIs does measure 3-1 have")
    assert none is not None
    assert "names no KPI for measure 3-1" in none.sentence["en"]


@pytest.mark.parametrize(
    "question", ["「ラーメン」に言及している施策は", "what mentions “} DROP ALL #”"]
)
def test_a_quoted_word_that_is_not_there_is_answered_with_nothing(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert answer is not None
    assert answer.rows == ()


def test_a_word_in_another_language_is_looked_for_in_the_original(ask: Ask) -> None:
    english, japanese = ask("what in the plan mentions Aso"), ask("阿蘇が出てくる項目")
    assert english is not None
    assert japanese is not None
    assert english.rows == japanese.rows
    assert "Aso (阿蘇)" in english.sentence["en"]


def test_the_evidence_of_a_word_is_the_part_that_says_it(ask: Ask) -> None:
    answer = ask("which initiatives mention 熊本城")
    assert answer is not None
    assert [row["initiative"].code for row in answer.rows] == ["3-2-2"]
    assert [thing.code for thing in answer.evidence][:2] == ["3-2-2-C1", "3-2-2"]


def test_targets_stand_in_the_order_of_their_codes(ask: Ask) -> None:
    answer = ask("which SDG targets does measure 1-2 serve")
    assert answer is not None
    codes = [row["target"].code for row in answer.rows]
    assert codes == ["1.5", "9.1", "11.5", "11.b", "13.1"]


@pytest.mark.parametrize(
    ("typed", "usual"),
    [
        ("施策4ー2のKPIは", "施策4-2のKPIは"),
        ("施策４－２のＫＰＩは", "施策4-2のKPIは"),
        ("施策४-२のKPIは", "施策4-2のKPIは"),
        ("ﾃﾚﾜｰｸに言及している取組みは", "テレワークに言及している取組みは"),
    ],
)
def test_a_question_is_read_however_wide_it_is_typed(ask: Ask, typed: str, usual: str) -> None:
    one, other = ask(typed), ask(usual)
    assert one is not None
    assert other is not None
    assert one.things == other.things != ()


@pytest.mark.parametrize(
    ("asked", "around"),
    [
        ("施策4-2のKPIは", "すみません、{}。よろしくお願いします。"),
        ("KPIs of measure 4-2", "Hello! Could you please tell me the {}, according to the plan?"),
        ("施策4-2的KPI", "你好，请问{}？谢谢"),
        ("시책 4-2의 KPI는", "안녕하세요, {} 알려 주세요"),
        ("KPI của biện pháp 4-2", "Xin chào, cho tôi hỏi {}?"),
    ],
)
def test_courtesy_changes_no_answer(ask: Ask, asked: str, around: str) -> None:
    plain, polite = ask(asked), ask(around.format(asked))
    assert plain is not None
    assert polite is not None
    assert polite.things == plain.things != ()


@pytest.mark.parametrize(
    ("question", "template"),
    [
        ("Kumamoto's KPIs", "list-things"),
        ("구마모토의 KPI", "list-things"),
        ("what is measured for jobs", "kpis-for-subject"),
        ("which SDGs does Kumamoto serve", None),
        ("熊本城のKPIは", None),
        ("KPIs of Osaka", None),
    ],
)
def test_the_place_of_a_plan_names_nothing_in_it(
    answers: Answers, question: str, template: str | None
) -> None:
    chosen = answers.choose(question)
    assert (chosen.query.name if chosen else None) == template


@pytest.mark.parametrize(
    ("subject", "codes"),
    [
        ("KPIs for foreign tourists", None),  # foreign workers are none, nor are all guests
        ("KPIs for tourists", ["2-3-K5"]),
        ("关于外国游客的KPI", None),
        ("外国人観光客のKPI", None),
        ("people KPIs", None),
        ("人のKPI", None),
        ("ワークのKPI", None),  # no word of ネットワーク
        ("子どものKPI", ["2-2-K1"]),  # 子供, as the plan writes it
        ("how is road safety measured", ["4-3-K2"]),  # as the thesaurus has it
        ("KPI về du lịch", ["2-3-K5"]),
        ("KPIs of the education measure", None),
    ],
)
def test_a_kpi_measures_what_its_label_says_to_the_last_word(
    ask: Ask, subject: str, codes: list[str] | None
) -> None:
    answer = ask(subject)
    assert (answer and [row["kpi"].code for row in answer.rows]) == codes


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("which SDGs does youth retention serve", "4-2-1"),
        ("若者の定着はどのSDGに貢献しますか", "4-2-1"),
        ("青年留在本地的措施服务于哪些SDG", "4-2-1"),
        ("年輕人在地定居的措施對應哪些SDG", "4-2-1"),
        ("청년 정착 시책은 어떤 SDG에 기여하나", "4-2-1"),
        ("các biện pháp giữ chân thanh niên phục vụ SDG nào", "4-2-1"),
        ("which SDGs does traffic serve", "4-4-1"),  # not its part, which is aligned with none
        ("which SDGs does space development serve", None),
        ("which SDGs does game development serve", None),
        ("軍事産業はどのSDGに貢献しますか", None),
    ],
)
def test_what_is_named_by_its_meaning_is_told_by_every_word(
    ask: Ask, question: str, code: str | None
) -> None:
    answer = ask(question)
    assert (answer and answer.parameters["thing"].code) == code


def test_a_thing_is_of_the_type_that_the_question_says(ask: Ask) -> None:
    assert ask("which measure has the KPI youth retention") is None
    found = ask("which measure has the initiative 若者の地元定着")
    assert found is not None
    assert [row["measure"].code for row in found.rows] == ["4-2"]


@pytest.mark.parametrize(
    "question",
    [
        "measures for nursing care",
        "quelles mesures pour les personnes âgées",
        "initiatives about scholarship loans",
    ],
)
def test_what_is_looked_for_is_not_what_something_alike_belongs_to(ask: Ask, question: str) -> None:
    assert ask(question) is None


def test_a_goal_that_is_called_by_its_whole_name_needs_no_other_word(ask: Ask) -> None:
    found = ask("measures that contribute to gender equality")
    assert found is not None
    assert [row["measure"].code for row in found.rows] == ["4-3"]
    assert ask("measures that contribute to equality") is None


def test_words_of_one_language_are_not_read_in_another(ask: Ask) -> None:
    answer = ask("KPI về du lịch")  # du is of French
    assert answer is not None
    assert answer.parameters["subject"].value == "du lịch"


def test_a_word_that_no_list_holds_is_read_by_its_meaning(ask: Ask) -> None:
    said, meant = ask("4-4-1-C1を含む取組みは"), ask("4-4-1-C1を包含する取組みは")
    assert said is not None
    assert meant is not None
    assert meant.rows == said.rows
    assert meant.probability < said.probability


def test_a_likeness_alone_asks_for_nothing(ask: Ask) -> None:
    assert ask("해양 플라스틱 쓰레기") is None


@pytest.mark.parametrize("question", ["goals no country serves", "予算のない施策は"])
def test_a_word_that_turns_a_question_round_is_never_taken_for_a_name(
    ask: Ask, question: str
) -> None:
    assert ask(question) is None


@pytest.mark.parametrize(
    "question", ["", "。", "?", "…" * 500, "\ue000{policy}", "施策" * 400, "1-2-3-4-5-6", "\x00"]
)
def test_any_text_can_be_asked(ask: Ask, question: str) -> None:
    ask(question)


def test_of_two_plans_both_are_told_apart(plan: Plan, encoder: Encoder) -> None:
    title = plan.strategy.label
    strategy = replace(plan.strategy, label=replace(title, text="もう一つの戦略"))
    other = replace(plan, id="other", strategy=strategy, translations=())
    store = OxigraphStore(None)
    for one in (plan, other):
        store.load("\n".join(n_quads(build_dataset(one, ()))).encode())
    answers = Answers(Catalog.from_store(store), encoder)

    def ask(question: str) -> Answer:
        answer = answers.answer(question, lambda query: store.query(query).rows())
        assert answer is not None, question
        return answer

    policy = ask("how many KPIs does policy 2 have")
    assert policy.columns == ("policy", "kpi")
    assert len({row["policy"].iri for row in policy.rows}) == 2
    assert policy.sentence["en"].count("has 9 KPIs") == 2
    assert "（もう一つの戦略）" in policy.sentence["ja"]
    assert "もう一つの戦略の施策は11件" in ask("施策はいくつ").sentence["ja"]
    of_one = ask("もう一つの戦略の基本方針2のKPIは")
    assert {row["kpi"].iri.split("/")[-3] for row in of_one.rows if row["kpi"].iri} == {"other"}


# The faces


def test_an_answer_is_to_the_question_as_its_words_are_read(client: FlaskClient) -> None:
    asked = {"q": "KPIs for turism", "limit": 1}
    read = client.get("/api/v1/search", query_string=asked).get_json()
    assert [one["key"] for one in read["understood"]["filters"]] == ["type:kpi", "spelling:tourism"]
    assert [row["kpi"]["code"] for row in read["answer"]["rows"]] == ["2-3-K5"]
    taken_back = asked | {"ignore": "spelling:tourism"}
    assert client.get("/api/v1/search", query_string=taken_back).get_json()["answer"] is None


def test_the_api_gives_the_answer_with_the_first_page_only(client: FlaskClient) -> None:
    asked: dict[str, Any] = {"q": "which measures have no KPI", "limit": 1}
    first = client.get("/api/v1/search", query_string=asked).get_json()
    answer = first["answer"]
    assert answer["template"] == "measures-without-kpi"
    assert [row["measure"]["code"] for row in answer["rows"]] == ["3-1"]
    assert answer["sentence"].keys() >= {"ja", "en"}
    assert answer["evidence"][0]["line"] > 0
    assert first["hits"]
    again = client.get("/sparql", query_string={"query": answer["query"], "format": "json"})
    assert len(again.get_json()["results"]["bindings"]) == 1
    following = asked | {"cursor": first["next"]}
    assert client.get("/api/v1/search", query_string=following).get_json()["answer"] is None
    other = client.get("/api/v1/search", query_string={"q": "youth retention"}).get_json()
    assert other["answer"] is None


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_shows_the_answer_with_the_way_to_its_query(
    client: FlaskClient, language: str
) -> None:
    page = client.get("/search", query_string={"q": "KPIs of 4-2", "lang": language}).text
    assert 'class="answer"' in page
    assert "4-2-K1" in page
    [link] = re.findall(r'href="(/sparql\?[^"]*query=[^"]*)"', page)
    opened = client.get(link.replace("&amp;", "&"), headers={"Accept": "text/html"})
    assert opened.status_code == 200
    assert 'class="answer"' not in client.get("/search?q=youth+retention").text


def test_a_store_that_fails_costs_the_answer_and_not_the_hits(
    services: Services, answers: Answers
) -> None:
    class Failing:
        def query(self, text: str, **options: object) -> None:
            raise SparqlError("timeout", "時間切れ", "too slow", limit=1.0, elapsed=1.0)

    broken: Any = Failing()
    client = create_app(
        replace(services, answering=Answering(lambda: answers, lambda: broken))
    ).test_client()
    found = client.get("/api/v1/search", query_string={"q": "KPIs of 4-2"}).get_json()
    assert found["answer"] is None
    assert found["hits"]


def test_the_prompt_shows_the_answer_before_the_hits(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIRUBE_DATA", str(workshop.settings.data))
    monkeypatch.setenv("SHIRUBE_LANG", "ja")
    shown = CliRunner().invoke(main, ["search", "4-2のKPIは", "--limit", "1"]).stdout
    assert shown.startswith("施策4-2「若者の地元定着と人材育成」の KPI は2件です：")
    assert "4-2-K1 新規学卒者県内就職率" in shown.splitlines()
