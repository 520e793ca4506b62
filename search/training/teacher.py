"""Embed the corpus's English texts with an English teacher: what distillation aims at.

    python -m search.training.teacher TEACHER --work .shirube-training

TEACHER is a sentence-transformers folder (the recipe used all-MiniLM-L6-v2, see the README for the
package that carries it). Reads `train.tsv`; writes `teacher/00000.npy` and so on, each a shard of
float16 unit rows in the order of `english_texts`, so that an interrupted run goes on where it was.
Texts come in order of use: stopping early (`--texts`) leaves out technical documentation first.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from search.training.corpus import DEFAULT_WORK, Pair, read_pairs
from search.training.sources import PIVOT, TECHNICAL

SHARD = 10_000
FOLDER = "teacher"
MAX_TOKENS = 128


def english_texts(pairs: Iterable[Pair]) -> list[str]:
    """The distinct English texts: sentences, then dictionary glosses, passages, technical texts.

    Within a kind the order is that of a checksum, so that the first n are a fair sample.
    """
    ranks: dict[str, int] = {}
    for pair in pairs:
        for lang, text in ((pair.lang1, pair.text1), (pair.lang2, pair.text2)):
            if lang == PIVOT:
                ranks[text] = min(_rank(pair), ranks.get(text, 9))
    return sorted(ranks, key=lambda text: (ranks[text], zlib.crc32(text.encode()), text))


def _rank(pair: Pair) -> int:
    if pair.source.removesuffix("+pivot") in TECHNICAL:
        return 2 if pair.source.startswith("ms_iot") else 3
    if pair.source == "omw_multilingual" or pair.kind == "question-passage":
        return 2
    return 1 if pair.kind == "synonym" else 0


def teacher_rows(work: Path) -> npt.NDArray[np.float16]:
    """The teacher's rows of the first texts of `english_texts`, as many as were embedded."""
    shards: list[npt.NDArray[np.float16]] = []
    while (path := _shard(work, len(shards))).is_file():
        shards.append(np.load(path))
    if not shards:
        raise FileNotFoundError(f"no shard in {work / FOLDER}: run search.training.teacher")
    return np.concatenate(shards)


def _shard(work: Path, number: int) -> Path:
    return work / FOLDER / f"{number:05}.npy"


def main() -> None:
    """Command line of this step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("teacher", help="a sentence-transformers model folder")
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    parser.add_argument("--texts", type=int, help="embed only the first so many")
    parser.add_argument("--part", default="0/1", help="i/n: every n-th shard, for n processes")
    parser.add_argument("--batch", type=int, default=64, help="texts at once; 1024 for a GPU")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(arguments.threads)
    model = SentenceTransformer(arguments.teacher, local_files_only=True)
    model.max_seq_length = MAX_TOKENS
    if model.device.type == "cuda":
        model.half()
    texts = english_texts(read_pairs(arguments.work / "train.tsv"))[: arguments.texts]
    (arguments.work / FOLDER).mkdir(exist_ok=True)
    part, parts = map(int, arguments.part.split("/"))
    for number in tqdm(range(part, -(-len(texts) // SHARD), parts), unit="shard"):
        path = _shard(arguments.work, number)
        if path.is_file():
            continue
        chunk = texts[number * SHARD : (number + 1) * SHARD]
        rows = model.encode(chunk, batch_size=arguments.batch, normalize_embeddings=True)
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.save(file, rows.astype(np.float16))
        partial.replace(path)


if __name__ == "__main__":
    main()
