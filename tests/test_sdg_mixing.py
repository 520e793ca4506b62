"""From which score on the judge accepts: chosen for F1, and the lower of what is nearly as good."""

import numpy as np

from kg.codes import GOALS
from search.sdg_mixing import SLACK, STEPS, accuracy, best_threshold, goal_thresholds

RNG = np.random.default_rng(1)
WANTED = (RNG.random((400, 17)) < 0.2).astype(float)
SCORES = np.clip(0.6 * WANTED + 0.2 + 0.25 * RNG.standard_normal(WANTED.shape), 0.01, 0.99)
ONCE = np.ones(len(WANTED))


def f1(at: float) -> float:
    said = at <= SCORES
    return 2 * float((said * WANTED).sum()) / float(said.sum() + WANTED.sum())


def test_the_lowest_threshold_that_is_nearly_the_best_is_taken() -> None:
    chosen = best_threshold(SCORES, WANTED, ONCE[:, None])
    best = max(map(f1, STEPS))
    assert f1(chosen) >= best - SLACK
    assert all(f1(at) < best - SLACK for at in STEPS if at < chosen)


def test_a_goal_with_one_text_follows_the_others() -> None:
    wanted, scores = WANTED.copy(), SCORES.copy()
    wanted[:, 0] = 0
    wanted[0, 0], scores[0, 0], scores[1:, 0] = 1, 0.9, 0.05
    thresholds = goal_thresholds(scores, wanted, ONCE)
    assert set(thresholds) == set(GOALS)
    assert abs(thresholds[GOALS[0]] - best_threshold(scores, wanted, ONCE[:, None])) < 0.15


def test_texts_that_count_more_decide() -> None:
    easy, hard = SCORES.copy(), SCORES.copy() - 0.15
    scores, wanted = np.concatenate([easy, hard]), np.concatenate([WANTED, WANTED])
    counts = [np.repeat([a, b], len(WANTED))[:, None] for a, b in ((1.0, 0.0), (0.0, 1.0))]
    first, second = (best_threshold(scores, wanted, one) for one in counts)
    assert first > second


def test_what_accepting_from_a_score_on_gave_is_counted() -> None:
    points = accuracy(SCORES, WANTED)
    assert [point.score for point in points] == sorted(point.score for point in points)
    [half] = [point for point in points if point.score == 0.5]
    said = SCORES >= 0.5
    assert half.precision == round(float((said * WANTED).sum() / said.sum()), 3)
    assert half.coverage == round(float((said * WANTED).sum() / WANTED.sum()), 3)
