"""A whole plan judged into its `sdg.csv`: what people decided stays, what machines said follows."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.alignment_writing import alignments_text
from kg.alignments import AlignmentRow, read_alignments
from kg.plan import Plan
from kg.things import SdgConcept
from ontology import BUNDLED_PLAN
from search.sdg import Judgement
from search.sdg_plan import judge_plan
from tests.plan_copies import copy_plan
from web.cli import main
from web.wiring import Workshop

CONCEPTS = {"4": SdgConcept("iri:4", "4", "goal", {"ja": "教育", "en": "Education"})}
NOTE = {"ja": "読んだ", "en": "Read"}


class OneJudge:
    """Accepts goal 4 for every text that speaks of 若者, and scores goals 8 and 9 low."""

    method = "one-2"

    def judge(self, texts: Sequence[str]) -> list[list[Judgement]]:
        return [
            [
                Judgement(
                    "4", 0.75 if "若者" in text else 0.1, "若者", "Education", "若者" in text
                ),
                Judgement("8", 0.01, "仕事", "Work", False),
                Judgement("9", 0.1, "産業", "Industry", False),
            ]
            for text in texts
        ]


def row(sdg: str, state: str, method: str = "one-1") -> AlignmentRow:
    return AlignmentRow("4-2", sdg, Decimal("0.5"), method, "人材", state)


def of(rows: Sequence[AlignmentRow], code: str = "4-2") -> list[AlignmentRow]:
    return [one for one in rows if one.code == code]


def test_what_is_accepted_becomes_an_unreviewed_row_in_the_plans_order(plan: Plan) -> None:
    judged = judge_plan(plan, [], OneJudge(), CONCEPTS)
    codes = [one.code for one in judged.rows]
    assert {one.sdg for one in judged.rows} == {"4"}
    assert codes[0] == "4-2"
    assert len(codes) == judged.new == len(set(codes)) > 1
    expected = AlignmentRow(
        "4-2", "4", Decimal("0.75"), "one-2", "若者", "unreviewed", wording="教育"
    )
    assert of(judged.rows) == [expected]


@pytest.mark.parametrize("state", ["accepted", "corrected", "rejected"])
def test_a_reviewed_row_keeps_what_was_decided_whatever_the_judge_says(
    plan: Plan, state: str
) -> None:
    signed = {"note": NOTE, "reviewer": "花子", "reviewed": "2026-11-01T00:00:00Z"}
    rows = [replace(row(sdg, state), **signed) for sdg in ("4", "8", "13.1")]
    judged = judge_plan(plan, rows, OneJudge(), CONCEPTS)
    accepted, low, unscored = of(judged.rows)
    assert accepted == replace(rows[0], score=Decimal("0.75"), method="one-2")
    assert low == replace(rows[1], score=Decimal("0.01"), method="one-2")
    assert unscored == rows[2]
    assert judged.kept == 3


def test_what_a_person_has_added_is_not_touched(plan: Plan) -> None:
    added = replace(row("4", "corrected", "review"), score=None)
    assert of(judge_plan(plan, [added], OneJudge(), CONCEPTS).rows) == [added]


def test_an_unreviewed_row_follows_the_judge(plan: Plan) -> None:
    rows = [row("4", "unreviewed"), row("9", "unreviewed")]
    judged = judge_plan(plan, rows, OneJudge(), CONCEPTS)
    [now] = of(judged.rows)
    assert (now.sdg, now.method, now.evidence) == ("4", "one-2", "若者")
    assert judged.removed == 1
    again = judge_plan(plan, judged.rows, OneJudge(), CONCEPTS)
    assert (again.rows, again.new, again.removed) == (judged.rows, 0, 0)


@pytest.fixture
def environment(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIRUBE_DATA", str(workshop.settings.data))
    monkeypatch.setenv("SHIRUBE_LANG", "en")
    monkeypatch.setattr(Workshop, "judge", lambda self, everything=False: OneJudge())


def test_the_command_writes_the_plans_own_file(
    environment: None, plan: Plan, tmp_path: Path
) -> None:
    folder = copy_plan(tmp_path / "plan")
    kept = row("8", "rejected")
    (folder / "sdg.csv").write_text(alignments_text([kept, row("9", "unreviewed")]), "utf-8")
    done = CliRunner().invoke(main, ["sdg", "judge", "--plan", str(folder)])
    assert done.exit_code == 0, done.output
    assert "removed: 1" in done.stdout
    assert "reviewed: 1" in done.stdout
    written = read_alignments(folder / "sdg.csv", plan)
    assert [(one.sdg, one.state) for one in of(written)] == [("4", "unreviewed"), ("8", "rejected")]


def test_reviews_in_the_file_to_be_written_are_kept_too(
    environment: None, plan: Plan, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    out.write_text(alignments_text([row("9", "accepted")]), "utf-8")
    before = (BUNDLED_PLAN / "sdg.csv").read_bytes()
    options = ["--plan", str(BUNDLED_PLAN), "--out", str(out), "--json"]
    done = CliRunner().invoke(main, ["sdg", "judge", *options])
    assert done.exit_code == 0, done.output
    states = {(one.code, one.sdg): one.state for one in read_alignments(out, plan)}
    assert states["4-2", "9"] == "accepted"
    assert len(states) > 298
    assert (BUNDLED_PLAN / "sdg.csv").read_bytes() == before


@pytest.mark.parametrize(
    "options",
    [
        ["text", "--plan", str(BUNDLED_PLAN)],
        ["text", "--out", "sdg.csv"],
        ["--plan", "/missing"],
        [],
    ],
)
def test_options_that_do_not_go_together_are_refused(options: list[str]) -> None:
    assert CliRunner().invoke(main, ["sdg", "judge", *options]).exit_code == 2
