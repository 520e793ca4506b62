"""The `shirube` command as its users type it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from kg.message import UserError
from ontology import BUNDLED_PLAN
from search.encoder import load_encoder
from search.sdg import Judgement
from web.batch import TEXTS_AT_ONCE, BatchError
from web.cli import main
from web.judging import Helpers, answers, judge_lines
from web.settings import Settings
from web.wiring import Workshop, judge_for

Run = Callable[..., Result]
HEAVY = ("torch", "faiss", "pyshacl", "flask", "rdflib", "numpy", "pyoxigraph", "pydantic")
HEAVY_FOR_SEARCH = (
    *("torch", "rdflib", "pyshacl", "flask", "scipy", "bm25s", "jinja2", "faiss"),
    *("filelock", "kg.sparql_reader", "kg.remote"),
    *("pydantic", "numpy.ma", "importlib.metadata", "argparse"),
)


@pytest.fixture
def run(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SHIRUBE_DATA", str(workshop.settings.data))
    monkeypatch.setenv("SHIRUBE_LANG", "en")
    monkeypatch.delenv("SHIRUBE_PLANS", raising=False)
    return lambda *arguments, **options: CliRunner().invoke(main, arguments, **options)


@pytest.mark.parametrize(
    "verb", [[], ["search"], ["sparql"], ["serve"], ["sdg", "judge"], ["embed"], ["evaluate"]]
)
def test_help_imports_nothing_heavy(verb: list[str]) -> None:
    code = (
        "import sys; from web.cli import main; main(sys.argv[1:], standalone_mode=False); "
        f"print('heavy:', [name for name in {HEAVY} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, *verb, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Usage:" in done.stdout
    assert "heavy: []" in done.stdout


def test_a_search_loads_only_what_it_needs(run: Run) -> None:
    assert run("search", "熊本城").exit_code == 0  # built by now
    code = (
        "import sys; from web.cli import main; "
        "main(['search', '熊本城'], standalone_mode=False); "
        f"print('heavy:', [name for name in {HEAVY_FOR_SEARCH} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "3-2-2-C1" in done.stdout
    assert "heavy: []" in done.stdout


@pytest.mark.parametrize(
    "question",
    [
        "which measures address youth retention",
        "若者の地元定着に取り組む施策は？",
        "청년 정착을 위한 시책은?",
        "哪些措施有助于留住年轻人",
        "biện pháp nào giúp giữ chân thanh niên ở lại địa phương",
    ],
)
def test_youth_retention_is_measure_4_2_in_five_languages(run: Run, question: str) -> None:
    answer = json.loads(run("search", question, "--type", "measure", "--json").stdout)
    assert answer["query"] == question
    assert answer["hits"][0]["code"] == "4-2"


def test_a_search_prints_labels_in_the_asked_language(run: Run) -> None:
    assert "若者の地元定着" in run("search", "youth retention", "--lang", "ja").stdout
    assert "젊은이의 지역 정착" in run("search", "youth retention", "--lang", "ko").stdout
    assert "年轻人扎根本地" in run("search", "youth retention", "--lang", "zh-Hans").stdout
    assert "Retaining young" in run("search", "youth retention", "--lang", "sw").stdout
    english = run("search", "若者の地元定着", "--limit", "1").stdout
    assert "Retaining young people in the prefecture" in english


def test_a_search_is_narrowed_and_paged_at_the_prompt(run: Run) -> None:
    options = ("--policy", "4", "--type", "measure", "--type", "kpi", "--goal", "4,8")
    first = json.loads(run("search", "若者", *options, "--limit", "2", "--json").stdout)
    assert len(first["hits"]) == 2 < first["total"]
    second = run("search", "若者", *options, "--limit", "2", "--cursor", first["next"], "--json")
    seen = [hit["code"] for hit in first["hits"] + json.loads(second.stdout)["hits"]]
    assert len(set(seen)) == len(seen)
    assert all(code.startswith("4-") for code in seen)
    printed = run("search", "若者", "--no-kpi", "--limit", "1", "--facets")
    assert "Without KPIs" in printed.stdout
    assert "--cursor" in run("search", "若者", "--limit", "1").stderr
    wrong = run("search", "若者", "--cursor", "x")
    assert wrong.exit_code == 2
    assert "cursor" in wrong.stderr


def test_a_batch_answers_line_by_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(
        '{"q": "若者の地元定着", "type": "measure,kpi", "lang": "ja", "limit": 2}\n\n'
        '{"q": "熊本城"}\n',
        encoding="utf-8",
    )
    first, second = map(json.loads, run("search", "--batch", str(file)).stdout.splitlines())
    assert len(first["hits"]) == 2
    assert {hit["type"] for hit in first["hits"]} <= {"measure", "kpi"}
    assert second["hits"][0]["code"] == "3-2-2-C1"


def test_the_search_is_measured_on_judged_questions(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "judged.jsonl"
    lines = [
        {"q": "熊本城", "lang": "ja", "relevant": {"3-1-2": 3, "3-1-2-C1": 3}},
        {"q": "which KPIs does policy 2 have", "lang": "en", "kind": "filter"}
        | {"relevant": {f"2-2-K{n}": 3 for n in (1, 2, 3)}},
        {"q": "best ramen", "lang": "en", "kind": "off-topic", "relevant": {}},
        {"q": "最終", "lang": "ja", "relevant": {"1": 3}, "split": "final"},
    ]
    whole = [{"why": "", "split": "development"} | line for line in lines]
    file.write_text("\n".join(map(json.dumps, whole)), "utf-8")
    report = json.loads(run("evaluate", str(file), "--json").stdout)
    assert report["languages"]["all"]["questions"] == 2
    assert set(report["languages"]) == {"ja", "en", "all"}
    assert set(report["kinds"]) == {"plain", "filter", "all"}
    scores = {name: groups["all"]["ndcg10"] for name, groups in report["methods"].items()}
    assert next(iter(scores)) == "BM25 over labels"
    assert list(scores)[-1] == "+ answers"
    assert scores["+ understanding"] > scores["+ context"], "policy 2 and KPIs are understood"
    assert report["calibration"]["silenced"] == 1
    table = run("evaluate", str(file)).stdout
    assert "nDCG@10" in table
    assert "+ understanding" in table
    assert run("evaluate", str(file), "--split", "tomorrow").exit_code == 2
    file.write_text("{", "utf-8")
    assert "judged.jsonl" in run("evaluate", str(file)).stderr


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"q": "a"', ":1:"),
        (
            '["q"]',
            "the fields are cursor, goal, has_kpi, ignore, lang, limit, plan, policy, q, type",
        ),
        ('{"question": "a"}', "needed: q"),
        ('{"q": ""}', ":1: The question q is empty"),
        ('{"q": "a", "type": "law"}', "law"),
        ('{"q": "a", "limit": 0}', "from 1 to 100"),
        ("\udc8e\udce1\udc8e\udcd2", ":1: is not UTF-8 (it looks like Shift_JIS)"),
        ('{"q": 5}', ":1: q must be a string"),
        ("[" * 100_000, ":1:1: is not JSON"),
        ('{"q": "a", "limit": ' + "9" * 5000 + "}", ":1:1: is not JSON"),
    ],
)
def test_a_bad_line_of_a_batch_is_named(run: Run, tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_bytes(line.encode("utf-8", "surrogateescape"))
    done = run("search", "--batch", str(file))
    assert done.exit_code == 2
    assert "questions.jsonl" in done.stderr
    assert told in done.stderr


def test_a_batch_that_cannot_be_read_is_named_in_the_users_language(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIRUBE_LANG", "ja")
    for file in (tmp_path, tmp_path / "missing"):
        done = run("search", "--batch", str(file))
        assert done.exit_code == 2
        assert f"{file} を読めません" in done.stderr


def test_a_batch_may_come_from_standard_input_with_a_byte_order_mark(run: Run) -> None:
    lines = '\ufeff{"q": "熊本城", "limit": "1", "type": ["component"]}\r\n\r\n'
    [answer] = run("search", "--batch", "-", input=lines).stdout.splitlines()
    assert json.loads(answer)["hits"][0]["code"] == "3-2-2-C1"


def test_embed_writes_a_unit_row_for_each_line(run: Run, tmp_path: Path) -> None:
    texts = ["若者の地元定着", "youth retention", "청년 정착"] * 30  # more than are encoded at once
    file, out = tmp_path / "texts.jsonl", tmp_path / "vectors.npy"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    done = run("embed", "--batch", str(file), "--as", "query", "--out", str(out))
    assert done.exit_code == 0, done.stderr
    rows = np.load(out)
    np.testing.assert_array_equal(rows, load_encoder().encode_query(texts))
    assert rows.dtype == np.float32
    assert f"90 x {rows.shape[1]}" in done.stdout
    told = json.loads(
        run("embed", "--batch", str(file), "--as", "passage", "--out", str(out), "--json").stdout
    )
    assert told["rows"] == 90
    assert {"name", "revision", "digest", "prompts", "dimensions"} == told["model"].keys()


def test_embed_writes_nothing_where_a_line_is_wrong_or_the_place_cannot_be_written(
    run: Run, tmp_path: Path
) -> None:
    file, out = tmp_path / "texts.jsonl", tmp_path / "vectors.npy"
    file.write_text('{"text": "a"}\n{"txt": "b"}\n', encoding="utf-8")
    done = run("embed", "--batch", str(file), "--as", "query", "--out", str(out))
    assert done.exit_code == 2
    assert "texts.jsonl:2: the fields are text" in done.stderr
    file.write_text('{"text": "a"}\n', encoding="utf-8")
    done = run("embed", "--batch", str(file), "--as", "query", "--out", str(tmp_path / "no" / "v"))
    assert done.exit_code == 2
    assert "Cannot write" in done.stderr
    assert list(tmp_path.iterdir()) == [file]


def test_embed_of_no_lines_is_no_rows(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "vectors.npy"
    assert run("embed", "--batch", "-", "--as", "query", "--out", str(out), input="").exit_code == 0
    assert np.load(out).shape == (0, load_encoder().identity.dimensions)


class CountingJudge:
    """A judge that answers nothing and remembers how many texts it got at once."""

    method = "counting"

    def __init__(self) -> None:
        self.calls: list[int] = []

    def judge(self, texts: Sequence[str]) -> list[list[Judgement]]:
        self.calls.append(len(texts))
        return [[] for _ in texts]


def test_texts_are_judged_together_and_those_before_a_bad_line_are_answered(
    tmp_path: Path,
) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "a"}\n' * (TEXTS_AT_ONCE + 2) + '{"text": 5}\n', "utf-8")
    judge = CountingJudge()
    answers = judge_lines(judge, file)
    assert len([next(answers) for _ in range(TEXTS_AT_ONCE + 2)]) == TEXTS_AT_ONCE + 2
    with pytest.raises(BatchError, match=f":{TEXTS_AT_ONCE + 3}: text must be a string"):
        next(answers)
    assert judge.calls == [TEXTS_AT_ONCE, 2]


def test_a_helper_answers_as_we_do(workshop: Workshop) -> None:
    texts = ["奨学金の返還を支援し、若者の県内就職を促す", "", "Clean energy for all", "水産町通り"]
    helpers = Helpers(partial(judge_for, workshop.settings), size=1)
    try:
        assert helpers.take(texts) is None  # it starts
        wait(helpers.at_work)
        share = helpers.take(texts)
        assert share is not None
        assert share.result() == answers(workshop.judge(), texts)
    finally:
        helpers.close()


def test_helpers_that_die_leave_nothing_unanswered(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    lines = TEXTS_AT_ONCE * 8 + 1
    file.write_text('{"text": "a"}\n' * lines + "{}\n", "utf-8")
    judge = CountingJudge()
    answered = judge_lines(judge, file, Helpers(partial(os._exit, 1), size=1))
    assert len([next(answered) for _ in range(lines)]) == lines
    with pytest.raises(BatchError, match=f":{lines + 1}: "):
        next(answered)


def test_a_question_or_a_batch_is_needed(run: Run) -> None:
    for verb in (["search"], ["sparql"], ["sdg", "judge"]):
        assert run(*verb).exit_code == 2


def test_sparql_prints_a_table_json_or_what_is_asked(run: Run) -> None:
    query = (
        "PREFIX shirube: <https://w3id.org/shirube/ns#> "
        "SELECT (COUNT(?m) AS ?measures) { ?m a shirube:Measure }"
    )
    assert run("sparql", query).stdout.split() == ["measures", "----------", "11"]
    [row] = json.loads(run("sparql", "--json", query).stdout)["results"]["bindings"]
    assert row["measures"]["value"] == "11"
    assert run("sparql", "--format", "csv", query).stdout.split() == ["measures", "11"]
    assert run("sparql", "--file", "-", input=query).stdout.split()[-1] == "11"
    assert run("sparql", "ASK { ?s ?p ?o }").stdout == "true\n"
    assert "sdg/4.5>" in run("sparql", "DESCRIBE <http://metadata.un.org/sdg/4>").stdout
    assert json.loads(run("sparql", "--json", "DESCRIBE <http://metadata.un.org/sdg/4>").stdout)


@pytest.mark.parametrize(
    ("class_name", "count"),
    [
        ("BasicPolicy", 4),
        ("Measure", 11),
        ("Initiative", 31),
        ("KPI", 25),
        ("CrossCuttingTopic", 2),
    ],
)
def test_the_plan_has_as_many_things_as_its_document(run: Run, class_name: str, count: int) -> None:
    query = f"SELECT (COUNT(?x) AS ?n) {{ ?x a <https://w3id.org/shirube/ns#{class_name}> }}"
    assert run("sparql", "--format", "csv", query).stdout.split() == ["n", str(count)]


def test_a_mistake_in_sparql_is_told_in_the_users_language(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "SELECT ?x { ?x skos:prefLabel ?y }"
    english = run("sparql", query)
    assert english.exit_code == 2
    assert "column 16" in english.stderr
    monkeypatch.setenv("SHIRUBE_LANG", "ja")
    assert "1 行 16 文字目" in run("sparql", query).stderr


def test_a_format_that_an_answer_cannot_have_is_refused(run: Run) -> None:
    for name in ("docx", "ttl"):
        done = run("sparql", "--format", name, "ASK {}")
        assert done.exit_code == 2
        assert f"cannot be {name}; choose one of json, xml, csv, tsv" in done.stderr


def test_the_bundled_plan_conforms(run: Run) -> None:
    done = run("validate")
    assert (done.exit_code, done.stdout) == (0, "Conforms to the shapes.\n")
    assert json.loads(run("validate", "--json").stdout) == {"conforms": True, "results": []}


def test_a_file_that_does_not_conform_says_why(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "wrong.ttl"
    file.write_text("<http://x.example/m> a <https://w3id.org/shirube/ns#Measure> .", "utf-8")
    done = run("validate", str(file))
    assert done.exit_code == 1
    assert "http://x.example/m" in done.stdout
    report = json.loads(run("validate", "--json", str(file)).stdout)
    assert not report["conforms"]
    assert report["results"][0]["focus"] == "http://x.example/m"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [("x.ttl", "<a> <b>", "x.ttl:1"), ("x.docx", "", "the suffix names no RDF format")],
)
def test_a_file_that_is_no_rdf_is_refused(
    run: Run, tmp_path: Path, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    done = run("validate", str(tmp_path / name))
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_broken_plan_changes_nothing(run: Run, workshop: Workshop, tmp_path: Path) -> None:
    live = (workshop.settings.data / "current").read_text("utf-8")
    done = run("build", "--plan", str(tmp_path))
    assert done.exit_code == 2
    assert "plan.toml" in done.stderr
    assert (workshop.settings.data / "current").read_text("utf-8") == live


@pytest.fixture(scope="session")
def second_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plans") / "second"
    shutil.copytree(BUNDLED_PLAN, folder)
    settings = (folder / "plan.toml").read_text("utf-8")
    (folder / "plan.toml").write_text(settings.replace('"kumamoto-2"', '"second"'), "utf-8")
    return folder


@pytest.fixture
def two_plans(
    run: Run,
    second_plan: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    monkeypatch.setenv("SHIRUBE_DATA", str(tmp_path_factory.getbasetemp() / "two-plans"))
    monkeypatch.setenv("SHIRUBE_PLANS", f"{BUNDLED_PLAN}{os.pathsep}{second_plan}")
    return run


def test_with_two_plans_a_code_says_whose_it_is(two_plans: Run) -> None:
    hits = two_plans(
        "search", "若者の地元定着と人材育成", "--type", "measure", "--limit", "2"
    ).stdout
    assert "kumamoto-2/4-2" in hits
    assert "second/4-2" in hits
    info = json.loads(two_plans("info", "--json").stdout)
    assert info["counts"]["measure"] == 22
    assert info["counts_by_plan"]["second"]["measure"] == 11
    by_plan = json.loads(two_plans("sdg", "--json").stdout)["plans"]
    assert [overview["plan"] for overview in by_plan] == ["kumamoto-2", "second"]
    assert "4-2" in by_plan[1]["goals"][7]["measures"]
    assert two_plans("sdg").stdout.count("Quality education") == 2
    assert ["measure", "11", "11"] in [
        line.split() for line in two_plans("build").stdout.splitlines()
    ]


def test_with_two_plans_an_error_says_in_whose_folder(
    run: Run, second_plan: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(second_plan, broken)
    (broken / "sdg.csv").write_text("", "utf-8")
    done = run("build", "--plan", str(BUNDLED_PLAN), "--plan", str(broken))
    assert done.exit_code == 2
    assert f"{broken}: sdg.csv row 1" in done.stderr


def test_a_build_of_other_plans_says_how_to_keep_asking_them(
    run: Run, second_plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIRUBE_DATA", str(tmp_path))
    done = run("build", "--plan", str(second_plan))
    assert f"export SHIRUBE_PLANS={second_plan}" in done.stderr


def test_plans_that_name_no_folder_are_refused() -> None:
    with pytest.raises(UserError, match="names no plan folder"):
        Settings.from_environment({"SHIRUBE_PLANS": os.pathsep})


def test_a_damaged_store_is_made_again(workshop: Workshop, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(workshop.settings.data, data)
    [name] = (data / "current").read_text("utf-8").split()
    for table in (data / name / "store").glob("*.sst"):
        content = bytearray(table.read_bytes())
        content[len(content) // 2] ^= 0xFF
        table.write_bytes(content)
    again = Workshop(Settings(data=data), progress=lambda message: None)
    assert again.counts() == workshop.counts()  # they are in a file beside the store
    services = again.services()
    try:
        assert services.graph.graphs() == workshop.store().graphs()
    finally:
        services.close()


def test_an_interrupt_ends_with_its_own_status(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Workshop) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Workshop, "build", interrupted)
    done = run("build")
    assert done.exit_code == 130
    assert done.stderr == "shirube: 中断しました / Interrupted.\n"


def test_a_server_that_is_told_to_end_ends_well(data_folder: Path, generation: object) -> None:
    command = [sys.executable, "-m", "web", "serve", "--port", "0", "--json"]
    environment = {**os.environ, "SHIRUBE_DATA": str(data_folder)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert json.loads(server.stdout.readline())["url"].startswith("http://127.0.0.1:")
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) == 0


def test_info_names_versions_data_and_model(run: Run) -> None:
    answer = json.loads(run("info", "--json").stdout)
    assert answer["counts"]["initiative"] == 31
    assert answer["plans"] == ["kumamoto-2"]
    assert answer["model"]["dimensions"] == 512
    assert "graph_digest" in run("info").stdout


def test_sdg_shows_every_goal_with_what_serves_it(run: Run) -> None:
    goals = json.loads(run("sdg", "--json").stdout)["goals"]
    assert [goal["goal"] for goal in goals] == [str(number) for number in range(1, 18)]
    assert "4-2" in goals[7]["measures"]
    assert "not the plan's official view" in run("sdg").stdout


def test_a_text_is_judged_with_its_evidence(run: Run, tmp_path: Path) -> None:
    text = "奨学金の返還を支援し、若者の県内就職を促す"
    answer = json.loads(run("sdg", "judge", "--json", text).stdout)
    assert 8 in {goal["goal"] for goal in answer["goals"] if goal["accepted"]}
    assert answer["method"].startswith("trained-")
    assert all(goal["evidence"] in text for goal in answer["goals"])
    assert "8" in run("sdg", "judge", text).stdout
    file = tmp_path / "texts.jsonl"
    file.write_text(json.dumps({"text": text}) + '\n{"text": ""}\n', "utf-8")
    first, second = map(json.loads, run("sdg", "judge", "--batch", str(file)).stdout.splitlines())
    assert first == answer
    assert second == {"goals": [], "targets": [], "method": answer["method"]}


def test_a_text_that_serves_no_goal_is_told_so(run: Run) -> None:
    assert run("sdg", "judge", "!?").stdout == "No SDG is served by this text.\n"


def test_a_taken_port_is_told(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("serve", "--port", str(taken.getsockname()[1]))
    assert done.exit_code == 2
    assert "Choose another port" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SHIRUBE_QUERY_SECONDS", "-1", "SHIRUBE_QUERY_SECONDS='-1' must be a positive number"),
        ("SHIRUBE_QUERY_WORKERS", "many", "SHIRUBE_QUERY_WORKERS"),
        ("SHIRUBE_MODEL", "no/such/model", "no/such/model"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    done = run("search", "若者")
    assert done.exit_code == 2
    assert told in done.stderr
