"""The SDG judge and the reviewed alignments of the bundled plan."""

import csv
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from kg.alignments import AlignmentRow, read_alignments
from kg.catalog_queries import read_sdgs
from kg.codes import goal_of
from kg.oxigraph import OxigraphStore
from kg.plan import Plan
from kg.readers import read_plan
from kg.things import SdgConcept
from ontology import BUNDLED_PLAN, SDG_CONCEPTS
from search.encoder import Encoder, ModelIdentity, Vectors, load_encoder, unit_rows
from search.sdg import CALIBRATION, Judge, Judgement, RetrievalJudge, chance
from search.sdg_calibration import best_threshold, fit, measure, signals, truth
from search.sdg_concepts import PRACTICE
from search.sdg_plan import judge_plan
from search.sdg_queries import QueryTextError, parse_query, words_of
from search.sdg_sources import examples, gold, read_labelled
from search.sdg_spans import MAX_CHARACTERS, split
from search.sdg_trained import TrainedJudge, judge_with

HARBOUR = "The city removes plastic litter from the sea. 海洋プラスチックごみの削減に取り組む。"
STREET = "水産町通り"
GOLD = Path(__file__).parent / "data" / "sdg" / "gold.jsonl"


class LetterPairs:
    """An encoder without a model: counts pairs of letters, so near spelling is near meaning."""

    identity = ModelIdentity("letter-pairs", "0" * 64, 256)

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.identity.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for start in range(len(text) - 1):
                rows[row, zlib.crc32(text[start : start + 2].encode()) % rows.shape[1]] += 1
        return unit_rows(rows)

    encode_document = encode_query


@cache
def concepts() -> tuple[SdgConcept, ...]:
    store = OxigraphStore()
    store.load(SDG_CONCEPTS.read_bytes(), "text/turtle")
    return tuple(read_sdgs(store).values())


@cache
def retrieval(name: str) -> RetrievalJudge:
    encoder: Encoder = LetterPairs() if name == "letter-pairs" else load_encoder()
    return RetrievalJudge(concepts(), encoder)


@cache
def trained() -> TrainedJudge:
    return TrainedJudge(retrieval("bundled"))


@pytest.fixture(params=["letter-pairs", "bundled", "trained"])
def judge(request: pytest.FixtureRequest) -> Judge:
    """Every implementation of the seam; each test below holds for all of them."""
    return trained() if request.param == "trained" else retrieval(request.param)


@pytest.fixture(scope="module", params=["retrieval", "trained"])
def bundled(request: pytest.FixtureRequest) -> Judge:
    """The judges over the bundled model."""
    return trained() if request.param == "trained" else retrieval("bundled")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_plan(BUNDLED_PLAN)


@pytest.fixture(scope="module")
def rows(plan: Plan) -> list[AlignmentRow]:
    return read_alignments(BUNDLED_PLAN / "sdg.csv", plan)


def accepted(judgements: Sequence[Judgement]) -> set[str]:
    return {one.sdg for one in judgements if one.accepted}


def accepted_goals(judgements: Sequence[Judgement]) -> set[str]:
    return {code for code in accepted(judgements) if "." not in code}


# --- any judge ---------------------------------------------------------------------------------


def test_judgements_name_known_goals_and_targets_with_scores_best_first(judge: Judge) -> None:
    [found] = judge.judge([HARBOUR])
    known = {concept.code for concept in concepts() if concept.kind in ("goal", "target")}
    scores = [one.score for one in found]
    assert found
    assert {one.sdg for one in found} <= known
    assert len({one.sdg for one in found}) == len(found)
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_evidence_is_a_span_of_the_text_and_wording_a_text_of_the_sdgs(judge: Judge) -> None:
    official = {
        text
        for concept in concepts()
        for labels in (concept.label, concept.short)
        for text in labels.values()
    }
    [found] = judge.judge([HARBOUR])
    for one in found:
        assert one.evidence
        assert one.evidence in HARBOUR
        assert one.wording in official


def test_an_accepted_target_brings_its_goal_with_no_lower_score(judge: Judge) -> None:
    [found] = judge.judge([HARBOUR])
    scores = {one.sdg: one.score for one in found}
    targets = [one for one in found if "." in one.sdg]
    assert targets
    for one in targets:
        assert scores[goal_of(one.sdg)] >= one.score
        assert not one.accepted or goal_of(one.sdg) in accepted(found)


def test_a_text_without_words_is_judged_none(judge: Judge) -> None:
    assert judge.judge(["", "  \n\t", "…!?", "12,345 %", "\u200b"]) == [[], [], [], [], []]


def test_no_texts_give_no_answers(judge: Judge) -> None:
    assert judge.judge([]) == []


def test_a_text_is_judged_alike_alone_and_among_others(judge: Judge) -> None:
    alone = judge.judge([HARBOUR])
    assert judge.judge(["道路の整備", HARBOUR])[1:] == alone
    assert judge.judge([HARBOUR]) == alone


def test_a_very_long_text_is_judged_by_its_spans(judge: Judge) -> None:
    text = "会議を開いた。" + "あ" * 60_000 + "。" + HARBOUR
    [found] = judge.judge([text])
    assert all(one.evidence in text and len(one.evidence) <= MAX_CHARACTERS for one in found)


@pytest.mark.parametrize("text", ["\ud800 broken", "ﾃﾚﾜｰｸの推進①", "Chống rác thải nhựa đại dương"])
def test_texts_of_any_script_are_safe(judge: Judge, text: str) -> None:
    [found] = judge.judge([text])
    assert all(one.evidence in text for one in found)


def test_the_method_names_its_version(judge: Judge) -> None:
    assert judge.method.startswith(("retrieval-", "trained-"))
    assert len(judge.method.split()) == 2


# --- spans -------------------------------------------------------------------------------------


def test_a_japanese_list_is_read_clause_by_clause() -> None:
    spans = [span.exact for span in split("生活への支援、子供の居場所の確保、差別・犯罪の防止")]
    assert spans[1:] == ["生活への支援", "子供の居場所の確保", "差別・犯罪の防止"]


def test_a_decimal_point_ends_no_sentence() -> None:
    assert [span.exact for span in split("Society5.0 by 2.5 percent. Next one")] == [
        "Society5.0 by 2.5 percent",
        "Next one",
    ]


@pytest.mark.parametrize("name", [STREET, "水道町", "農業高校前駅", "平和通り3丁目"])
def test_the_name_of_a_place_is_nothing_to_judge(name: str) -> None:
    assert split(name) == []


@pytest.mark.parametrize("text", ["計画通りに進める", "城下町の町並みの保全", "まちづくり"])
def test_words_that_only_look_like_places_stay(text: str) -> None:
    assert text.startswith(split(text)[0].exact)


def test_a_place_is_kept_in_the_evidence_but_not_compared() -> None:
    [span] = split("益城町の復興まちづくり")
    assert span.exact == "益城町の復興まちづくり"
    assert span.plain == "の復興まちづくり"


# --- the bundled model -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("再生可能エネルギーの導入を支援する", "7"),
        ("Reducing deaths and injuries from road traffic accidents", "3"),
        ("海岸に漂着したごみを回収する", "14"),
        ("小中学校の授業を改善し学力を高める", "4"),
    ],
)
def test_a_plain_policy_meets_its_goal_first(bundled: Judge, text: str, goal: str) -> None:
    [found] = bundled.judge([text])
    assert next(one.sdg for one in found if "." not in one.sdg) == goal


def test_a_plain_policy_in_a_language_without_labelled_texts_is_given_its_goal(
    bundled: Judge,
) -> None:
    [found] = bundled.judge(["해양 플라스틱 쓰레기를 줄인다"])
    assert "14" in accepted(found)


@pytest.mark.parametrize(
    "text",
    [
        STREET,
        f"{STREET}で記念式典を開いた",
        "水道町交差点",
        "Ocean Avenue",
        "海野 健太郎",
        "山本太郎",
        "平和一郎",
        "森 みどり",
        "主な取組み",
        "第3章 概要",
        "会議を開いた",
        "He bought a red car",
        "委員会の設置要綱",
    ],
)
def test_names_headings_and_small_talk_serve_no_goal(bundled: Judge, text: str) -> None:
    [found] = bundled.judge([text])
    assert accepted(found) == set()


def test_another_encoder_is_judged_with_by_retrieval_alone() -> None:
    assert isinstance(judge_with(concepts(), load_encoder()), TrainedJudge)
    assert isinstance(judge_with(concepts(), LetterPairs()), RetrievalJudge)
    with pytest.raises(ValueError, match="letter-pairs"):
        TrainedJudge(retrieval("letter-pairs"))


def test_evidence_is_the_part_that_spoke() -> None:
    text = "庁舎の清掃を委託する\n太陽光発電設備の設置を補助する\n担当課 総務課"
    [found] = trained().judge([text])
    assert found[0].sdg == "7"
    assert found[0].evidence == "太陽光発電設備の設置を補助する"


def test_what_accepting_from_a_score_on_achieved_is_known() -> None:
    weights = trained().weights
    low, high = weights.accuracy_above(0.3), weights.accuracy_above(0.8)
    assert low is not None
    assert high is not None
    assert low < high <= 1
    assert weights.accuracy_above(1.01) is None


def test_the_development_half_is_still_judged_well() -> None:
    """It was trained on: a floor, so that weights which do not fit the code are seen."""
    labelled = gold(GOLD, "development")
    found = trained().judge([one.text for one in labelled])
    said = [accepted_goals(one) for one in found]
    right = sum(len(ours & one.goals) for ours, one in zip(said, labelled, strict=True))
    assert len(labelled) == 166
    both = sum(map(len, said)) + sum(len(one.goals) for one in labelled)
    assert 2 * right / both > 0.75


# --- calibration -------------------------------------------------------------------------------


def test_labelled_texts_are_read_from_both_layouts(tmp_path: Path) -> None:
    survey, annotated = tmp_path / "survey.tsv", tmp_path / "zora.tsv"
    survey.write_text("doi\ttitle\tabstract\tlabels\n1\tFish\t\t['SDG14', 'SDG02']\n", "utf-8")
    annotated.write_text("\tsdg\tauthor\tabstract\n1\t7\tA\tWind power\n", "utf-8")
    assert list(read_labelled(survey)) == [("Fish", frozenset({"14", "2"}))]
    assert list(read_labelled(annotated)) == [("Wind power", frozenset({"7"}))]


def test_fitting_finds_weights_that_tell_right_from_wrong() -> None:
    judge = retrieval("letter-pairs")
    labelled = [
        (concept.label["en"], frozenset({goal_of(concept.code)}))
        for concept in concepts()
        if concept.kind == "indicator"
    ]
    met, wanted = signals(judge, [text for text, _ in labelled]), truth(labelled)
    calibration = fit(replace(CALIBRATION, intercept=0.0, meaning=0.0, words=0.0), met, wanted)
    scores = chance(calibration, met)
    assert len(labelled) > 200
    assert measure(scores, wanted, best_threshold(scores, wanted))["micro F1"] > 0.9
    assert scores.mean() == pytest.approx(wanted.mean(), abs=0.01)


def test_a_text_without_words_cannot_be_fitted_on() -> None:
    with pytest.raises(ValueError, match="nothing to judge"):
        signals(retrieval("letter-pairs"), ["…"])


def test_the_threshold_is_where_f1_is_best() -> None:
    scores = np.array([[0.9, 0.2], [0.6, 0.4]])
    wanted = np.array([[1.0, 0.0], [1.0, 0.0]])
    at = best_threshold(scores, wanted)
    assert 0.4 < at <= 0.6
    assert measure(scores, wanted, at)["micro F1"] == 1


def test_practice_names_targets_of_the_sdgs_in_both_languages() -> None:
    targets = {concept.code for concept in concepts() if concept.kind == "target"}
    with PRACTICE.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert len(found) > 100
    assert {row["sdg"] for row in found} <= targets
    assert len({row["sdg"] for row in found}) == len(found)
    assert all(row["ja"].strip() and row["en"].strip() for row in found)


def test_the_examples_name_goals_and_targets_of_the_sdgs_or_none() -> None:
    known = {concept.code for concept in concepts() if concept.kind in ("goal", "target")}
    found = examples()
    assert len(found) > 2900
    assert {code for one in found for code in one.sdgs} <= known
    assert sum(not one.sdgs for one in found) > 450
    assert {goal for one in found for goal in one.goals} == {str(goal) for goal in range(1, 18)}


# --- keyword queries ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "text", "holds"),
    [
        ('("poverty") W/3 ("eradicat*" OR "reduc*")', "Reducing the worst poverty", True),
        ('("poverty") W/3 ("eradicat*")', "poverty is a word far away from eradication", False),
        ('("water") AND ("clean*")', "Cleaner rivers, more water", True),
        ('("water") AND NOT ("polo")', "water polo", False),
        ('("small island*")', "Small islands of the south", True),
        ('("sea")', "research", False),
    ],
)
def test_a_keyword_query_holds_where_its_words_stand(query: str, text: str, holds: bool) -> None:
    assert bool(parse_query(query).places(words_of(text))) is holds


def test_a_keyword_query_is_spelt_out() -> None:
    spelt = list(parse_query('("poverty") W/3 ("end" OR "reduc*")').spelt())
    assert spelt == ["poverty end", "poverty reduc"]


@pytest.mark.parametrize("query", ['("a"', '"a" OR', "a", '"a" "b"'])
def test_a_broken_keyword_query_is_refused(query: str) -> None:
    with pytest.raises(QueryTextError):
        parse_query(query)


# --- the reviewed alignments of the plan -------------------------------------------------------


def things(plan: Plan) -> Iterator[str]:
    for policy in plan.policies:
        for step in policy.measures:
            yield step.code
            yield from (initiative.code for initiative in step.initiatives)


def test_every_measure_and_initiative_serves_a_goal(plan: Plan, rows: list[AlignmentRow]) -> None:
    codes = list(things(plan))
    holding = {row.code for row in rows if row.holds and "." not in row.sdg}
    assert len(codes) == 42
    assert set(codes) <= holding


def test_evidence_quotes_the_document(plan: Plan, rows: list[AlignmentRow]) -> None:
    source = (BUNDLED_PLAN / plan.document.file).read_text("utf-8")
    assert len(rows) > 150
    assert [row for row in rows if row.evidence not in source] == []


def test_a_target_that_holds_has_its_goal_beside_it(rows: list[AlignmentRow]) -> None:
    holding = {(row.code, row.sdg) for row in rows if row.holds}
    assert {(code, goal_of(sdg)) for code, sdg in holding} <= holding


def test_a_measure_serves_what_its_initiatives_serve(rows: list[AlignmentRow]) -> None:
    holding = {(row.code, row.sdg) for row in rows if row.holds}
    initiatives = {(code, sdg) for code, sdg in holding if code.count("-") == 2}
    assert len(initiatives) > 100
    assert {(code.rpartition("-")[0], sdg) for code, sdg in initiatives} <= holding


def test_what_a_reader_changed_says_why_in_both_languages(rows: list[AlignmentRow]) -> None:
    changed = [row for row in rows if row.state in ("corrected", "rejected")]
    assert {row.state for row in changed} == {"corrected", "rejected"}
    assert [row for row in changed if set(row.note) != {"ja", "en"}] == []


def test_the_machine_is_quoted_as_it_judged(plan: Plan, rows: list[AlignmentRow]) -> None:
    """Judging the plan again changes nothing: the rows are the shipped judge's, or reviewed."""
    judge = TrainedJudge(retrieval("bundled"), floor=0.0)
    sdgs = {concept.code: concept for concept in concepts()}
    again = judge_plan(plan, rows, judge, sdgs)
    assert {row.method for row in rows} == {judge.method}
    assert (again.new, again.removed, again.kept) == (0, 0, 298)
    assert [(row.code, row.sdg, row.state) for row in again.rows] == [
        (row.code, row.sdg, row.state) for row in rows
    ]
    for row, now in zip(rows, again.rows, strict=True):
        assert row.score is not None
        assert now.score is not None
        assert float(row.score) == pytest.approx(float(now.score), abs=2e-4)
        assert replace(row, score=now.score) == now
    assert [row for row in rows if row.state == "unreviewed" and not row.wording] == []
