"""What training minimises: finding a text's partner in the batch, comparing as the teacher does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from search.training.batches import Ids
from search.training.targets import NONE
from search.training.teacher import teacher_rows

SOFT_TEMPERATURE = 0.05
_SAMPLE = 50_000


def similarities(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Cosines of every row of `first` (b, d) with every row of `second`, over the temperature."""
    return functional.normalize(first) @ functional.normalize(second).T / temperature


def contrastive_loss(logits: Tensor, pairs: Tensor) -> Tensor:
    """Mean cross-entropy of finding each text's partner among the batch, in both directions.

    `logits` (b, b) are similarities; `pairs` (b, 2) are text numbers: where a text occurs twice in
    the batch, the other's partner is no negative.
    """
    same = (pairs[:, :1] == pairs[:, 0]) | (pairs[:, 1:] == pairs[:, 1])
    same.fill_diagonal_(False)
    logits = logits.masked_fill(same, -1e4)
    target = torch.arange(len(logits), device=logits.device)
    forward = functional.cross_entropy(logits, target)
    return (forward + functional.cross_entropy(logits.T, target)) / 2


class Teaching:
    """The teacher's rows of a work folder, by text: see `teacher.py` and `targets.py`."""

    def __init__(self, work: Path, device: torch.device) -> None:
        self._rows = teacher_rows(work)
        self._targets: Ids = np.load(work / "targets.npy")
        self._device = device

    def of(self, pairs: Ids) -> tuple[Tensor, Tensor]:
        """Places (t,) of the pairs (b, 2) that have a row, and the rows (t, 384) themselves."""
        known = pairs < len(self._targets)  # later texts are the glossary's, which has none
        found = np.where(known, self._targets[np.where(known, pairs, 0)], NONE)
        row = np.where(found[:, 0] != NONE, found[:, 0], found[:, 1])
        places = np.flatnonzero(row != NONE)
        rows = torch.from_numpy(self._rows[row[places]].astype(np.float32))
        return torch.from_numpy(places).to(self._device), rows.to(self._device)

    def projection(self, dims: int, seed: int) -> tuple[Tensor, Tensor]:
        """Mean (384,) and the `dims` principal directions (384, dims) of the teacher's rows."""
        rng = np.random.default_rng(seed)
        rows: npt.NDArray[np.float32] = self._rows[
            rng.choice(len(self._rows), min(_SAMPLE, len(self._rows)), replace=False)
        ].astype(np.float32)
        mean = rows.mean(axis=0)
        directions = np.linalg.eigh(np.cov((rows - mean).T))[1][:, ::-1][:, :dims]
        basis = np.ascontiguousarray(directions, dtype=np.float32)
        return torch.from_numpy(mean).to(self._device), torch.from_numpy(basis).to(self._device)


def soft_loss(logits: Tensor, taught: Tensor) -> Tensor:
    """Cross-entropy of `logits` (t, t) against the teacher's own similarities of rows (t, 384)."""
    wanted = similarities(taught, taught, SOFT_TEMPERATURE).softmax(dim=1)
    forward = functional.cross_entropy(logits, wanted)
    return (forward + functional.cross_entropy(logits.T, wanted)) / 2


def aim_loss(vectors: Tensor, aimed: Tensor) -> Tensor:
    """Mean cosine distance of `vectors` (t, d) from where the teacher would have them (t, d)."""
    return 1 - functional.cosine_similarity(vectors, aimed).mean()
