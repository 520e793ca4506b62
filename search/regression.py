"""Logistic regression, of which the chances of hits and of SDG goals are made."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_PENALTY = 1e-3
_STEPS = 25


def regress(rows: Floats, wanted: Floats, counts: Floats | None = None) -> Floats:
    """The intercept and the weights of a logistic regression, by Newton's method.

    `rows` (n, features), `wanted` (n,) of 0 and 1, `counts` (n,): how much each row counts.
    """
    rows = np.column_stack([np.ones(len(rows)), rows])
    weights = np.zeros(rows.shape[1])
    counts = np.ones(len(rows)) if counts is None else counts
    penalty = _PENALTY * np.eye(rows.shape[1])
    for _ in range(_STEPS):
        expected = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (counts * (wanted - expected)) - penalty @ weights
        curvature = (rows * (counts * expected * (1 - expected))[:, None]).T @ rows + penalty
        weights += np.linalg.solve(curvature, gradient)
    return weights
