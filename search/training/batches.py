"""Token ids of every training text, and batches drawn from them.

A batch holds pairs of one group (one language pair, one register), so that a text's negatives are
in its partner's language and of its partner's kind: telling languages apart earns nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from search.training.corpus import Pair, read_pairs
from search.training.sources import TECHNICAL, pair_weight

MAX_TOKENS = 96
SMALLEST_GROUP = 256
# Groups are drawn by weight to this power: below 1 it lifts the scarce languages.
GROUP_POWER = 0.75
HARD_CLUSTERS = 8

Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bags:
    """Token ids of n texts, one after another: `tokens` flat, `offsets` (n) where each starts."""

    tokens: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]


@dataclass(frozen=True)
class EncodedPairs:
    """Training pairs as rows of text numbers, grouped; texts as ragged rows of token ids.

    `tokens` (t) and `bounds` (texts + 1) hold the texts, `pairs` (n, 2) numbers of texts,
    `group_bounds` (groups + 1) the rows of each group, `weights` (n) how often a pair is drawn.
    """

    tokens: Ids
    bounds: npt.NDArray[np.int64]
    pairs: Ids
    group_bounds: npt.NDArray[np.int64]
    weights: Floats
    groups: list[str]

    def save(self, path: Path) -> None:
        """Write everything into one .npz file."""
        np.savez(
            path,
            tokens=self.tokens,
            bounds=self.bounds,
            pairs=self.pairs,
            group_bounds=self.group_bounds,
            weights=self.weights,
            groups=np.array(self.groups),
        )

    @classmethod
    def load(cls, path: Path) -> EncodedPairs:
        """Read what `save` wrote."""
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files if name != "groups"}
            return cls(groups=[str(name) for name in file["groups"]], **arrays)

    def joined(self, other: EncodedPairs) -> EncodedPairs:
        """These pairs and another set's, whose groups stay groups of their own."""
        return EncodedPairs(
            np.concatenate((self.tokens, other.tokens)),
            np.concatenate((self.bounds, other.bounds[1:] + self.bounds[-1])),
            np.concatenate((self.pairs, other.pairs + np.int32(len(self.bounds) - 1))),
            np.concatenate((self.group_bounds, other.group_bounds[1:] + self.group_bounds[-1])),
            np.concatenate((self.weights, other.weights)),
            [*self.groups, *other.groups],
        )

    def bags(self, texts: Ids) -> Bags:
        """The token ids of the numbered texts, ready for an embedding bag."""
        starts = self.bounds[texts]
        lengths = self.bounds[texts + 1] - starts
        offsets = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        within = np.arange(int(lengths.sum())) - np.repeat(offsets, lengths)
        return Bags(self.tokens[np.repeat(starts, lengths) + within].astype(np.int64), offsets)

    def token_probabilities(self, vocabulary: int) -> Floats:
        """How likely each token is in a text as training draws them, shape (vocabulary,)."""
        shares = np.repeat(group_shares(self, GROUP_POWER), np.diff(self.group_bounds))
        sums = np.add.reduceat(self.weights, self.group_bounds[:-1])
        draws = shares * self.weights / np.repeat(sums, np.diff(self.group_bounds))
        text_draws = np.bincount(
            self.pairs.ravel(), weights=np.repeat(draws, 2), minlength=len(self.bounds) - 1
        )
        per_token = np.repeat(text_draws, np.diff(self.bounds))
        counts = np.bincount(self.tokens, weights=per_token, minlength=vocabulary)
        return np.asarray(counts / counts.sum(), dtype=np.float64)


def group_name(pair: Pair) -> str:
    """The group whose pairs are one another's negatives: register and the two languages."""
    if pair.source.removesuffix("+pivot") in TECHNICAL:
        register = "technical"
    elif pair.kind == "synonym":
        register = "synonym"
    elif pair.kind in ("title-body", "question-passage"):
        register = pair.kind
    elif pair.kind.startswith("concept"):
        register, _, number = pair.kind.partition(" ")
        return f"{register} {pair.lang1} {pair.lang2} {number}"
    else:
        register = "sentence"
    return f"{register} {pair.lang1} {pair.lang2}"


def _oriented(pair: Pair) -> Pair:
    if pair.lang1 <= pair.lang2:
        return pair
    return Pair(pair.source, pair.lang2, pair.lang1, pair.text2, pair.text1, pair.kind)


def numbered(pairs: Iterable[Pair], numbers: dict[str, int]) -> Iterator[tuple[Pair, int, int]]:
    """Each pair, its languages in order, with the numbers of its texts: by first appearance."""
    for pair in map(_oriented, pairs):
        first = numbers.setdefault(pair.text1, len(numbers))
        yield pair, first, numbers.setdefault(pair.text2, len(numbers))


def encode_pairs(pairs: Iterable[Pair], tokenizer: Tokenizer, chunk: int = 50_000) -> EncodedPairs:
    """Cut every distinct text into pieces once and sort the pairs into groups.

    Pairs with a text of no known piece are left out; groups too small for a batch join one
    "other" group, where at least their language mix is alike.
    """
    numbers: dict[str, int] = {}
    members: dict[str, list[tuple[int, int, float]]] = defaultdict(list)
    for pair, first, second in numbered(pairs, numbers):
        weight = pair_weight(pair.source, pair.lang1, pair.lang2)
        members[group_name(pair)].append((first, second, weight))
    small = [name for name in members if len(members[name]) < SMALLEST_GROUP]
    if len(small) < len(members):
        for name in small:
            members[f"{name.split()[0]} other"].extend(members.pop(name))
    lengths: list[int] = []
    pieces: list[Ids] = []
    texts = list(numbers)
    for start in range(0, len(texts), chunk):
        for encoding in tokenizer.encode_batch_fast(texts[start : start + chunk]):
            ids = np.array(encoding.ids[:MAX_TOKENS], dtype=np.int32)
            ids = ids[ids != 0]
            lengths.append(len(ids))
            pieces.append(ids)
    bounds = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    names, rows, weights, sizes = [], [], [], []
    for name in sorted(members):
        kept = [m for m in members[name] if lengths[m[0]] and lengths[m[1]]]
        if kept:
            names.append(name)
            sizes.append(len(kept))
            rows.append(np.array([m[:2] for m in kept], dtype=np.int32))
            weights.append(np.array([m[2] for m in kept], dtype=np.float64))
    group_bounds = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return EncodedPairs(
        np.concatenate(pieces),
        bounds,
        np.concatenate(rows),
        group_bounds,
        np.concatenate(weights),
        names,
    )


def group_shares(
    encoded: EncodedPairs, power: float, factors: Mapping[str, float] = MappingProxyType({})
) -> Floats:
    """The share of training pairs drawn from each group, shape (groups,), summing to 1.

    `factors` lift (above 1), lower or leave out (0) the groups of a register.
    """
    totals = np.add.reduceat(encoded.weights, encoded.group_bounds[:-1])
    registers = [name.split()[0] for name in encoded.groups]
    powered = totals**power * [factors.get(register, 1.0) for register in registers]
    return np.asarray(powered / powered.sum(), dtype=np.float64)


class BatchSampler:
    """Draws batch number `step` from (seed, step) alone: resuming needs no stored random state.

    With `clusters` (a number for each pair) half of a batch is drawn from HARD_CLUSTERS clusters of
    like pairs, one another's hardest negatives, and half from the whole group.
    """

    def __init__(
        self,
        encoded: EncodedPairs,
        size: int,
        seed: int,
        power: float = GROUP_POWER,
        factors: Mapping[str, float] = MappingProxyType({}),
        clusters: Ids | None = None,
    ) -> None:
        self._size = size
        self._seed = seed
        self._shares = group_shares(encoded, power, factors)
        self._bounds = encoded.group_bounds
        weights = encoded.weights
        self._pairs = encoded.pairs
        self._starts: npt.NDArray[np.int64] | None = None
        if clusters is not None:
            groups = np.repeat(np.arange(len(self._shares)), np.diff(self._bounds))
            order = np.lexsort((clusters, groups))
            self._pairs, weights = self._pairs[order], weights[order]
            keys = groups[order] * (int(clusters.max()) + 1) + clusters[order]
            self._starts = np.append(np.flatnonzero(np.diff(keys, prepend=-1)), len(keys))
        self._cumulated = np.concatenate(([0.0], np.cumsum(weights)))

    def draw(self, step: int) -> Ids:
        """Up to `size` distinct pairs of one group, as rows (b, 2) of text numbers."""
        rng = np.random.default_rng((self._seed, step))
        group = int(rng.choice(len(self._shares), p=self._shares))
        first, last = self._bounds[group : group + 2]
        if self._starts is None:
            rows = self._draw_from(first, last, self._size, rng)
        else:
            rows = self._draw_from(first, last, self._size // 2, rng)
            share = self._size // 2 // HARD_CLUSTERS
            for seed_row in rows[rng.permutation(len(rows))[:HARD_CLUSTERS]]:
                place = int(np.searchsorted(self._starts, seed_row, side="right"))
                start, end = self._starts[place - 1 : place + 1]
                rows = np.append(rows, self._draw_from(start, end, share, rng))
        batch: Ids = self._pairs[np.unique(rows)]
        return batch

    def _draw_from(
        self, first: int, last: int, count: int, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        low, high = self._cumulated[first], self._cumulated[last]
        points = low + rng.random(count) * (high - low)
        rows = np.searchsorted(self._cumulated, points, side="right") - 1
        return np.asarray(np.clip(rows, first, last - 1), dtype=np.int64)


def load_encoded(work: Path, vocabulary: Path, glossary: bool = True) -> EncodedPairs:
    """The tokenised pairs of a work folder (first call: minutes), with the glossary or not.

    `vocabulary` is the tokeniser's JSON; what it made is kept beside it.
    """
    tokenizer = Tokenizer.from_file(str(vocabulary))
    path = vocabulary.with_suffix(".encoded.npz")
    newest = max(file.stat().st_mtime for file in (work / "train.tsv", vocabulary))
    if not path.exists() or path.stat().st_mtime < newest:
        encode_pairs(read_pairs(work / "train.tsv"), tokenizer).save(path)
    encoded = EncodedPairs.load(path)
    if glossary and (work / "glossary.tsv").is_file():
        encoded = encoded.joined(encode_pairs(read_pairs(work / "glossary.tsv"), tokenizer))
    return encoded
