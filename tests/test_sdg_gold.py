"""The SDG gold set, held to what tests/data/sdg/README.md promises of it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from kg.alignments import goals_and_targets

FOLDER = Path(__file__).parent / "data" / "sdg"
ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (FOLDER / "gold.jsonl").read_text("utf-8").splitlines()
]
FIELDS = {
    "id", "org", "title", "text", "goals", "targets", "pass_a", "pass_b", "adjudicated", "split",
    "source",
}  # fmt: skip


def test_there_are_as_many_texts_as_promised():
    assert len({row["id"] for row in ROWS}) == len(ROWS) == 330
    assert Counter(row["split"] for row in ROWS) == {"development": 166, "final": 164}
    assert sum(row["adjudicated"] for row in ROWS) == 69
    assert sum(not row["goals"] for row in ROWS) > 40


def test_every_row_has_its_fields_and_known_codes():
    for row in ROWS:
        assert row.keys() == FIELDS
        assert row["title"]
        assert {*map(str, row["goals"]), *row["targets"]} <= goals_and_targets()


def test_a_target_has_its_goal():
    for row in ROWS:
        assert {int(code.partition(".")[0]) for code in row["targets"]} <= set(row["goals"])


def test_what_both_passes_say_is_the_gold_unless_it_was_adjudicated():
    agreed = [row for row in ROWS if not row["adjudicated"]]
    assert len(agreed) == 261
    for row in agreed:
        for one in (row["pass_a"], row["pass_b"]):
            assert {int(goal) for goal in one["goals"]} == set(row["goals"])
            assert set(one["targets"]) == set(row["targets"])


def test_the_words_that_decided_are_noted():
    noted = [words for row in ROWS for words in row["pass_a"]["goals"].values()]
    assert len(noted) > 300
    assert all(noted)
