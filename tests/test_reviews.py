"""What people decide on SDG alignments: stored through the one writer, kept whatever is built."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kg import audit, live
from kg.alignment_writing import alignments_text
from kg.alignments import AlignmentRow, read_alignments
from kg.catalog import Catalog
from kg.comparison_writing import comparisons_text, reviewed_comparisons
from kg.generation import build_generation
from kg.indicators import read_comparisons
from kg.iris import alignment_iri, graph_of, iri_of
from kg.killable import KillableProcess
from kg.live import LiveStore
from kg.oxigraph import MAX_BYTES
from kg.query import SparqlError
from kg.readers import read_plan
from kg.reviews import Review, Verdict, decision_name, moment, read_reviews
from kg.snapshot import carry_over
from kg.things import Alignment, Comparison
from kg.writer import Writer
from ontology import BUNDLED_PLAN
from tests.plan_copies import copy_plan
from tests.review_data import COMPARISONS, PLAN, ROWS, generation

MEASURE = iri_of(PLAN, "measure", "4-2")
UNREVIEWED: dict[str, Any] = {"state": "unreviewed", "reviewer": "", "reviewed": "", "note": {}}


@pytest.fixture
def data(review_data: Path) -> Path:
    return review_data


@pytest.fixture
def writing(data: Path, process: KillableProcess) -> Writer:
    return Writer(data, seconds=30, process=process)


def alignments(data: Path) -> dict[tuple[str, str], Alignment]:
    store = LiveStore(data, MAX_BYTES)
    things = Catalog.from_store(store).things.values()
    store.close()
    return {(thing.code, one.sdg): one for thing in things for one in thing.alignments}


def comparisons(data: Path) -> dict[tuple[str, str], Comparison]:
    store = LiveStore(data, MAX_BYTES)
    things = Catalog.from_store(store).things.values()
    store.close()
    return {(thing.code, one.indicator): one for thing in things for one in thing.comparisons}


def links(data: Path) -> set[tuple[str, str]]:
    """What SPARQL answers with: the direct links, by code and SDG."""
    store = LiveStore(data, MAX_BYTES)
    rows = store.query(
        "PREFIX shirube: <https://w3id.org/shirube/ns#> SELECT ?code ?sdg { ?thing "
        "<http://www.w3.org/2004/02/skos/core#notation> ?code ; shirube:alignedWith ?sdg }"
    ).rows()
    store.close()
    return {(r["code"].value, r["sdg"].value.rpartition("/")[2]) for r in rows}  # type: ignore[union-attr]


def history(data: Path, alignment: str | None = None) -> list[Review]:
    store = LiveStore(data, MAX_BYTES)
    found = read_reviews(lambda text: store.query(text).rows(), alignment)
    store.close()
    return found


def test_a_review_is_in_the_graph_at_once_with_who_and_when(data: Path, writing: Writer) -> None:
    assert links(data) == {("4-1", "4")}
    writing.review(PLAN, [Verdict("4-2", "4.4", "accepted", {"ja": "そのとおり"})], author="花子")
    one = alignments(data)["4-2", "4.4"]
    assert (one.state, one.reviewer, one.note) == ("accepted", "花子", {"ja": "そのとおり"})
    assert moment(one.reviewed) == one.reviewed
    assert (one.score, one.method, one.wording) == (0.9, "judge-1", "技能")
    assert links(data) == {("4-1", "4"), ("4-2", "4.4")}
    [entry] = audit.entries(data)
    assert (entry["author"], entry["operation"], entry["outcome"]) == ("花子", "review", "done")


def test_a_rejected_alignment_loses_its_link_and_undoing_gives_it_back(
    data: Path, writing: Writer
) -> None:
    decision = writing.review(PLAN, [Verdict("4-1", "4", "rejected", {"en": "No"})], author="a")
    assert alignments(data)["4-1", "4"].note == {"en": "No"}
    assert links(data) == set()
    writing.undo(PLAN, decision, author="b")
    one = alignments(data)["4-1", "4"]
    assert (one.state, one.reviewer, one.note) == ("accepted", "検討会", {"en": "From the file"})
    assert links(data) == {("4-1", "4")}


def test_history_keeps_what_was_undone(data: Path, writing: Writer) -> None:
    first = writing.review(PLAN, [Verdict("4-2", "8", "accepted")], author="a")
    second = writing.review(PLAN, [Verdict("4-2", "8", "rejected")], author="b")
    writing.undo(PLAN, second, author="c")
    writing.undo(PLAN, second, author="d")  # it no longer stands: nothing happens
    found = history(data, alignment_iri(PLAN, "4-2", "8"))
    assert [(r.decision, r.reviewer, r.verdict.state, r.undone_by) for r in found] == [
        (first, "a", "accepted", ""),
        (second, "b", "rejected", "c"),
    ]
    assert found[1].undone > found[1].created
    assert alignments(data)["4-2", "8"].state == "accepted"


def test_a_change_to_another_target_is_one_decision_and_undone_as_one(
    data: Path, writing: Writer
) -> None:
    verdicts = [
        Verdict("4-2", "4.4", "rejected", {"en": "Rather 8.6"}),
        Verdict("4-2", "8.6", "corrected", {"en": "Youth"}, "若者", MEASURE),
    ]
    decision = writing.review(PLAN, verdicts, author="a")
    added = alignments(data)["4-2", "8.6"]
    assert (added.score, added.method, added.evidence) == (None, "review", "若者")
    assert added.evidence_in == MEASURE
    assert added.holds
    assert links(data) == {("4-1", "4"), ("4-2", "8.6")}
    writing.undo(PLAN, decision, author="a")
    assert ("4-2", "8.6") not in alignments(data)
    assert alignments(data)["4-2", "4.4"].state == "unreviewed"
    assert links(data) == {("4-1", "4")}


def test_reviews_stand_when_the_judge_judges_again(data: Path, writing: Writer) -> None:
    writing.review(PLAN, [Verdict("4-2", "4.4", "rejected", {"ja": "違う"})], author="a")
    writing.review(PLAN, [Verdict("4-2", "9", "corrected", {}, "産業")], author="a")
    before = history(data)
    again = (
        AlignmentRow("4-2", "4.4", Decimal("0.99"), "judge-2", "若者の", "unreviewed"),
        AlignmentRow("4-2", "4", Decimal("0.7"), "judge-2", "人材", "unreviewed"),
    )
    folder = generation(data, again, name="1")
    pointer = live.read_pointer(data)
    assert pointer is not None
    carried = carry_over(data, pointer.store(data), folder / "store", folder.name)
    assert carried is not None
    live.write_pointer(data, carried)
    now = alignments(data)
    one = now["4-2", "4.4"]
    assert (one.score, one.method, one.evidence) == (0.99, "judge-2", "若者の")
    assert (one.state, one.reviewer, one.note) == ("rejected", "a", {"ja": "違う"})
    assert now["4-2", "9"].state == "corrected"
    assert now["4-2", "4"].state == "unreviewed"
    assert links(data) == {("4-2", "9")}
    assert history(data) == before


def test_what_was_signed_last_holds_between_file_and_graph(data: Path, writing: Writer) -> None:
    writing.review(PLAN, [Verdict("4-1", "4", "rejected")], author="a")
    pointer = live.read_pointer(data)
    assert pointer is not None
    for name, when, state in (("1", "2027-01-01", "accepted"), ("2", "2026-01-01", "rejected")):
        row = AlignmentRow(
            *("4-1", "4", Decimal("0.5"), "m", "教育", "accepted"),
            reviewer="later",
            reviewed=moment(when),
        )
        folder = generation(data, (row,), name=name)
        carried = carry_over(data, pointer.store(data), folder / "store", folder.name)
        assert carried is not None
        live.write_pointer(data, carried)
        assert alignments(data)["4-1", "4"].state == state
        pointer = carried


def test_a_review_is_later_than_what_it_reviews_whatever_the_clocks(
    data: Path, writing: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.writer.decision_name", lambda: ("x", "2000-01-01T00:00:00.000Z"))
    writing.review(PLAN, [Verdict("4-1", "4", "rejected")], author="a")
    one = alignments(data)["4-1", "4"]
    assert (one.state, one.reviewed) == ("rejected", "2026-11-22T00:00:00.001Z")


def test_reviews_wait_for_a_thing_that_the_plan_has_no_longer(data: Path, writing: Writer) -> None:
    writing.review(PLAN, [Verdict("9-9", "4", "accepted", {}, "x")], author="a")
    assert links(data) == {("4-1", "4")}
    assert [r.verdict.code for r in history(data)] == ["9-9"]


def test_nobody_writes_reviews_by_sparql_and_no_user_s_graph_makes_one(
    data: Path, writing: Writer
) -> None:
    alignment = alignment_iri(PLAN, "4-2", "4.4")
    forged = (
        f"<http://e/r> a s:Review ; o:hasTarget <{alignment}> ; s:reviewState s:accepted ; "
        f"p:wasGeneratedBy <{iri_of(PLAN, 'activity', 'review-1')}> ; "
        'd:created "2030-01-01T00:00:00.000Z" ; d:creator <http://e/p> . <http://e/p> n:name "x" . '
        f"<http://e/a> a s:SDGAlignment ; o:hasTarget <{iri_of(PLAN, 'measure', '4-2')}> ; "
        "o:hasBody <http://metadata.un.org/sdg/5> ; s:method 'm' ; s:evidence 'e' ; "
        "s:reviewState s:accepted ."
    )
    prefixes = (
        "PREFIX s: <https://w3id.org/shirube/ns#> PREFIX o: <http://www.w3.org/ns/oa#> "
        "PREFIX p: <http://www.w3.org/ns/prov#> PREFIX d: <http://purl.org/dc/terms/> "
        "PREFIX n: <https://schema.org/> "
    )
    with pytest.raises(SparqlError, match="made from the plans"):
        writing.update(
            f"{prefixes} INSERT DATA {{ GRAPH <{graph_of(PLAN, 'judged')}> {{ {forged} }} }}"
        )
    writing.update(f"{prefixes} INSERT DATA {{ GRAPH <http://e/g> {{ {forged} }} }}")
    assert history(data) == []
    assert set(alignments(data)) == {("4-2", "4.4"), ("4-2", "8"), ("4-1", "4")}


def test_reviews_survive_a_build_of_the_plan_with_other_judgements(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path / "plan")
    (folder / "sdg.csv").write_text(alignments_text(ROWS), "utf-8")
    data = tmp_path / "data"
    build_generation(data, [folder], lambda message: None)
    writer = Writer(data)
    writer.review(PLAN, [Verdict("4-2", "4.4", "accepted")], author="花子")
    (folder / "sdg.csv").write_text(alignments_text(ROWS).replace("judge-1", "judge-2"), "utf-8")
    build_generation(data, [folder], lambda message: None)
    one = alignments(data)["4-2", "4.4"]
    assert (one.method, one.state, one.reviewer) == ("judge-2", "accepted", "花子")
    assert read_alignments(folder / "sdg.csv", read_plan(folder))[0].method == "judge-2"
    writer.close()


def test_decisions_have_names_of_their_own_that_sort_by_time() -> None:
    names = [decision_name()[0] for _ in range(3)]
    assert len(set(names)) == 3
    assert [n.split("-")[0] for n in names] == sorted(n.split("-")[0] for n in names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-25", "2026-11-25T00:00:00.000Z"),
        ("2026-11-25T09:00:00+09:00", "2026-11-25T00:00:00.000Z"),
        ("2026-11-25T01:02:03.004567Z", "2026-11-25T01:02:03.004Z"),
        ("2026-11-25 01:02", "2026-11-25T01:02:00.000Z"),
    ],
)
def test_a_moment_is_spelt_one_way(text: str, expected: str) -> None:
    assert moment(text) == expected


def comparable(data: Path) -> set[tuple[str, str]]:
    """The direct links of KPIs with indicators, by the ends of their IRIs."""
    store = LiveStore(data, MAX_BYTES)
    rows = store.query(
        "PREFIX shirube: <https://w3id.org/shirube/ns#> "
        "SELECT ?kpi ?indicator { ?kpi shirube:comparableWith ?indicator }"
    ).rows()
    store.close()
    ends = [[r[name].value.rpartition("/")[2] for name in ("kpi", "indicator")] for r in rows]  # type: ignore[union-attr]
    return {(kpi, indicator) for kpi, indicator in ends}


def test_kpis_beside_indicators_are_reviewed_and_undone_as_alignments_are(
    data: Path, writing: Writer
) -> None:
    verdict = Verdict("4-3-K2", "3.6.1", "accepted", {"ja": "同じ事柄"})
    decision = writing.review(PLAN, [verdict], author="花子")
    one = comparisons(data)["4-3-K2", "3.6.1"]
    assert (one.state, one.reviewer, one.note) == ("accepted", "花子", {"ja": "同じ事柄"})
    assert {kpi for kpi, _ in comparable(data)} == {"4-3-K2"}
    assert [review.verdict for review in history(data, one.iri)] == [verdict]
    writing.review(PLAN, [Verdict("4-3-K2", "3.6.1", "rejected")], author="太郎")
    assert comparable(data) == set()
    [last] = [review for review in history(data, one.iri) if review.reviewer == "太郎"]
    writing.undo(PLAN, last.decision, author="太郎")
    assert comparisons(data)["4-3-K2", "3.6.1"].reviewer == "花子"
    writing.undo(PLAN, decision, author="花子")
    assert comparisons(data)["4-3-K2", "3.6.1"] == replace(one, **UNREVIEWED)
    assert comparable(data) == set()
    assert alignments(data).keys() == {(row.code, row.sdg) for row in ROWS}


def test_that_no_indicator_measures_the_same_is_reviewed_too(data: Path, writing: Writer) -> None:
    writing.review(PLAN, [Verdict("4-1-K1", "", "accepted")], author="a")
    assert comparisons(data)["4-1-K1", ""].state == "accepted"
    assert comparable(data) == set()


def test_reviews_of_kpis_stand_when_they_are_compared_again(data: Path, writing: Writer) -> None:
    writing.review(PLAN, [Verdict("4-3-K2", "3.6.1", "accepted")], author="a")
    writing.review(PLAN, [Verdict("4-1-K1", "", "rejected")], author="a")
    again = (replace(COMPARISONS[1], reason={"ja": "読み直した。"}),)
    folder = generation(data, name="1", comparisons=again)
    pointer = live.read_pointer(data)
    assert pointer is not None
    carried = carry_over(data, pointer.store(data), folder / "store", folder.name)
    assert carried is not None
    live.write_pointer(data, carried)
    [one] = comparisons(data).values()  # what nobody compares any more is gone, its review waits
    assert (one.state, one.reason) == ("accepted", {"ja": "読み直した。"})
    assert len(history(data)) == 2
    assert {kpi for kpi, _ in comparable(data)} == {"4-3-K2"}


def test_reviews_of_kpis_come_back_as_the_plans_own_file(data: Path, writing: Writer) -> None:
    writing.review(PLAN, [Verdict("4-3-K2", "3.6.1", "accepted", {"en": "Yes"})], author="a")
    store = LiveStore(data, MAX_BYTES)
    things = list(Catalog.from_store(store).things.values())
    store.close()
    now = reviewed_comparisons(COMPARISONS, things)
    assert now[0] == COMPARISONS[0]
    assert (now[1].state, now[1].reviewer, now[1].note) == ("accepted", "a", {"en": "Yes"})
    file = data / "indicators.csv"
    file.write_text(comparisons_text(now), "utf-8")
    assert list(read_comparisons(file, read_plan(BUNDLED_PLAN))) == now
