"""The vector index seam: what every index must do, measured by plain numpy."""

import threading

import numpy as np
import pytest

from search.encoder import unit_rows
from search.faiss_index import RECALL, FaissIndex
from search.index import ExactIndex

COUNT, DIMENSIONS = 3_000, 24


@pytest.fixture(scope="module")
def vectors():
    """Unit rows around 150 centres, as embeddings of labels lie."""
    random = np.random.default_rng(3)
    centres = random.standard_normal((150, DIMENSIONS))
    chosen = random.integers(0, 150, COUNT)
    return unit_rows(centres[chosen] + 0.4 * random.standard_normal((COUNT, DIMENSIONS)))


@pytest.fixture(scope="module")
def questions(vectors):
    random = np.random.default_rng(4)
    return unit_rows(vectors[::150] + 0.05 * random.standard_normal((20, DIMENSIONS)))


def make(kind, vectors):
    if kind == "numpy":
        return ExactIndex(vectors)
    return FaissIndex.build(vectors, exact_limit=COUNT if kind == "faiss exact" else 0)


@pytest.fixture(scope="module", params=["numpy", "faiss exact", "faiss inverted"])
def index(request, vectors):
    return make(request.param, vectors)


def shared(found, truth):
    return sum(len(np.intersect1d(a, b)) for a, b in zip(found, truth, strict=True)) / truth.size


def test_it_finds_what_exact_search_finds(index, vectors, questions):
    scores, ids = index.search(questions, 10)
    true_scores, true_ids = ExactIndex(vectors).search(questions, 10)
    assert ids.shape == scores.shape == (len(questions), 10)
    assert shared(ids, true_ids) >= RECALL - 0.02  # other questions than those it was tuned on
    np.testing.assert_allclose(scores[:, 0], true_scores[:, 0], atol=2e-3)
    assert (np.diff(scores, axis=1) <= 0).all()
    np.testing.assert_allclose(scores, np.einsum("qd,qkd->qk", questions, vectors[ids]), atol=2e-3)


@pytest.mark.parametrize("allowed", [1, 7, 40, 1_500])
def test_a_filter_loses_no_result(index, vectors, questions, allowed):
    mask = np.zeros(COUNT, dtype=bool)
    mask[np.random.default_rng(allowed).choice(COUNT, allowed, replace=False)] = True
    k = min(10, allowed)
    _, ids = index.search(questions, k, mask)
    _, truth = ExactIndex(vectors).search(questions, k, mask)
    assert mask[ids].all()
    assert shared(ids, truth) >= RECALL


def test_too_few_rows_are_filled_up(index, questions):
    mask = np.zeros(COUNT, dtype=bool)
    mask[[5, 17]] = True
    scores, ids = index.search(questions[:1], 4, mask)
    assert set(ids[0, :2]) == {5, 17}
    assert ids[0, 2:].tolist() == [-1, -1]
    assert np.isneginf(scores[0, 2:]).all()
    _, none = index.search(questions[:1], 3, np.zeros(COUNT, dtype=bool))
    assert none[0].tolist() == [-1, -1, -1]


def test_more_than_all_can_be_asked_for(vectors, questions):
    for kind in ("numpy", "faiss exact"):
        _, ids = make(kind, vectors[:3]).search(questions[:1], 5)
        assert sorted(ids[0].tolist()) == [-1, -1, 0, 1, 2]


def test_rows_come_back(index, vectors):
    ids = np.array([2_999, 0, 42])
    np.testing.assert_allclose(index.rows(ids), vectors[ids], atol=1e-3)
    assert index.size == COUNT


def test_it_is_the_same_after_reading_it_again(index, questions, tmp_path):
    index.save(tmp_path / "index")
    again = type(index).open(tmp_path / "index")
    np.testing.assert_array_equal(index.search(questions, 5)[1], again.search(questions, 5)[1])
    np.testing.assert_array_equal(index.rows(np.array([9])), again.rows(np.array([9])))


def test_many_threads_get_the_same_answers(index, questions):
    expected = index.search(questions, 5)[1]
    mask = np.arange(COUNT) % 2 == 0
    filtered = index.search(questions, 5, mask)[1]
    wrong = []

    def ask():
        for _ in range(30):
            if not (index.search(questions, 5)[1] == expected).all():
                wrong.append("all")
            if not (index.search(questions, 5, mask)[1] == filtered).all():
                wrong.append("filtered")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_inverted_index_looks_into_some_lists_only(vectors):
    assert make("faiss exact", vectors).nprobe == 0
    inverted = make("faiss inverted", vectors)
    assert 0 < inverted.nprobe < 128
