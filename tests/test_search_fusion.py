"""The parts of the ranking by hand: ranks, their fusion, rows."""

import numpy as np
import pytest

from search.fusion import K, ranks, reciprocal_rank_fusion
from search.passage import Passage
from search.rows import Rows


def test_ranks_start_at_1_and_leave_out_what_is_not_listed():
    scores = np.array([0.1, 0.9, 0.5, 0.9], dtype=np.float32)
    assert ranks(scores, np.array([True, True, False, True])).tolist() == [3, 1, 0, 2]
    assert ranks(scores, np.zeros(4, dtype=bool)).tolist() == [0, 0, 0, 0]


def test_fusion_by_hand():
    fused = reciprocal_rank_fusion([(np.array([1, 2, 0]), 1.0), (np.array([0, 1, 3]), 0.5)])
    expected = [1, (K + 1) / (K + 2) + 0.5, 0.5 * (K + 1) / (K + 3)]
    assert fused == pytest.approx(expected)


def test_rows_are_texts_once_with_all_their_passages():
    made = [
        Passage("a", "a", "label", "ja", "城"),
        Passage("b", "b", "label", "ja", "道"),
        Passage("b", "a", "parent", "ja", "城"),
    ]
    rows = Rows(made, {"a": 0, "b": 1})
    assert list(rows.texts) == ["城", "道"]
    passages, of_row = rows.passages_of(np.array([1, 0]))
    assert [rows.passages[p].text for p in passages] == ["道", "城", "城"]
    assert of_row.tolist() == [0, 1, 1]
    assert rows.things[passages].tolist() == [1, 0, 1]
    assert rows.of_things(np.array([True, False])).tolist() == [True, False]
    assert rows.of_things(np.array([False, True])).tolist() == [True, True]
    assert sorted(rows.passages[p].text for p in rows.passages_of_thing(1)) == ["城", "道"]
