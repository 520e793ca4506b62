"""Give a row of their own to adjacent pieces that mean more together than apart.

    python -m search.training.joins --work .shirube-training --run first --joins 8000

A bag of pieces cannot tell what `thanh` + `niên` or `公` + `園` mean together. As in the model
BorisTM/loss-guided-static-multi (2026), neighbours are chosen by how much the loss suffers without
them: by the gradient that a row for the two would get in RUN, summed over where they stand and
squared, per occurrence. They join the vocabulary as pieces whose row begins as the sum of the two,
so that nothing changes until training goes on. Writes `NAME.json`, the tokeniser, and the run
`NAME` to start from.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from tqdm import tqdm

from search.training.batches import EncodedPairs, Ids, load_encoded
from search.training.corpus import DEFAULT_WORK
from search.training.export import load_run
from search.training.train import Settings, Trainer

CANDIDATES = 300_000
BATCHES = 300
FIRST_BATCH = 1_000_000  # far from the batches that RUN was trained on
MAX_CHARACTERS = 24
# Added to the two pieces' own scores, so that the joined one is always the better way to cut.
PREFERENCE = 0.5

Keys = npt.NDArray[np.int64]


def neighbours(encoded: EncodedPairs, texts: Ids, vocabulary: int) -> tuple[Keys, Keys]:
    """Every two adjacent pieces of some texts as one key, and which of `texts` each stands in."""
    bags = encoded.bags(texts)
    owner = np.repeat(np.arange(len(texts)), np.diff(np.append(bags.offsets, len(bags.tokens))))
    inside = owner[:-1] == owner[1:]
    keys = bags.tokens[:-1] * vocabulary + bags.tokens[1:]
    return keys[inside], owner[:-1][inside]


def most_wanted(
    trainer: Trainer, encoded: EncodedPairs, vocabulary: int, batches: int, candidates: int
) -> Keys:
    """The keys of adjacent pieces (see `neighbours`), those that would help the loss most first."""
    seen: dict[int, int] = {}
    drawn = [trainer.gradients(FIRST_BATCH + n) for n in tqdm(range(batches), unit="batch")]
    for texts, _ in drawn:
        keys, counts = np.unique(neighbours(encoded, texts, vocabulary)[0], return_counts=True)
        for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
            seen[key] = seen.get(key, 0) + count
    kept = np.array(sorted(sorted(seen, key=lambda k: (-seen[k], k))[:candidates]), dtype=np.int64)
    sums = np.zeros((len(kept), trainer.settings.dims), dtype=np.float32)
    for texts, gradients in drawn:
        keys, owners = neighbours(encoded, texts, vocabulary)
        place = np.minimum(np.searchsorted(kept, keys), len(kept) - 1)
        known = kept[place] == keys
        np.add.at(sums, place[known], gradients[owners[known]])
    counts = np.array([seen[key] for key in kept.tolist()])
    gain = (sums**2).sum(axis=1) / counts
    order: Keys = kept[np.argsort(-gain, kind="stable")]
    return order


def join(
    tokenizer: Path, wanted: Keys, rows: npt.NDArray[np.float32], joins: int
) -> tuple[dict[str, Any], npt.NDArray[np.float32]]:
    """The tokeniser's JSON and the rows with the first `joins` pairs that can be pieces added."""
    content = json.loads(tokenizer.read_text(encoding="utf-8"))
    pieces: list[list[Any]] = content["model"]["vocab"]
    size = len(pieces)
    known = {piece for piece, _ in pieces}
    added: list[npt.NDArray[np.float32]] = []
    for key in wanted.tolist():
        if len(added) == joins:
            break
        (left, low), (right, high) = pieces[key // size], pieces[key % size]
        if left + right in known or len(left + right) > MAX_CHARACTERS:
            continue
        known.add(left + right)
        pieces.append([left + right, low + high + PREFERENCE])
        added.append(rows[key // size] + rows[key % size])
    content["pre_tokenizer"]["split"] = False  # pieces may now reach over a space
    return content, np.concatenate((rows, np.array(added, dtype=np.float32)))


def main() -> None:
    """Command line of this step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    parser.add_argument("--run", default="first", help="the run to add rows to")
    parser.add_argument("--name", default="joined", help="name of the new vocabulary and run")
    parser.add_argument("--joins", type=int, default=8000)
    parser.add_argument("--batches", type=int, default=BATCHES)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    rows, vocabulary = load_run(arguments.work, arguments.run)
    encoded = load_encoded(arguments.work, vocabulary, glossary=False)
    trainer = Trainer(encoded, len(rows), Settings(dims=rows.shape[1], batch=1024))
    trainer.start_from(rows)
    wanted = most_wanted(trainer, encoded, len(rows), arguments.batches, CANDIDATES)
    content, joined = join(vocabulary, wanted, rows, arguments.joins)
    path = arguments.work / f"{arguments.name}.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    Tokenizer.from_file(str(path))  # fails here rather than in training
    folder = arguments.work / arguments.name
    folder.mkdir(exist_ok=True)
    np.save(folder / "embeddings.npy", joined)
    record = json.dumps({"vocabulary": path.name, "run": arguments.run})
    (folder / "arguments.json").write_text(record + "\n", encoding="utf-8")
    print(" ".join(piece for piece, _ in content["model"]["vocab"][len(rows) :][:60]))


if __name__ == "__main__":
    main()
