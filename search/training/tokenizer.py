"""Train the vocabulary with SentencePiece and convert it to a `tokenizers` JSON.

    python -m search.training.tokenizer --work .shirube-training

Reads `train.tsv` of the work folder; writes `spm.model` and `tokenizer.json` there. SentencePiece
(Kudo 2018, Unigram) learns the pieces, since the tokenizers library's own Unigram trainer does not
finish on this much unspaced text; the JSON is what both serving libraries read.
"""

from __future__ import annotations

import argparse
import io
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import Unigram

from search.training.corpus import DEFAULT_WORK, Pair, read_pairs
from search.training.sources import TOKENIZER_SHARES, pair_weight

PIECES = 48_000
LINES = 400_000
LINE_CHARACTERS = 200
# 1 - 2e-5 keeps every Han character that a government text is likely to use as a piece of its own.
CHARACTER_COVERAGE = 0.99998
UNKNOWN = 0


def make_normalizer() -> normalizers.Normalizer:
    """NFKC, lower case, single spaces: applied to every text before it is cut into pieces."""
    return normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(),
        ]
    )


def balanced_lines(
    pairs: Iterable[Pair], count: int, shares: Mapping[str, float], seed: int
) -> Iterator[str]:
    """About `count` distinct texts, split over languages by `shares`, favouring weighty sources.

    Weighted sampling without replacement (Efraimidis & Spirakis 2006): the largest u^(1/w) win.
    """
    rng = random.Random(seed)
    drawn: dict[str, dict[str, float]] = defaultdict(dict)
    for pair in pairs:
        weight = pair_weight(pair.source, pair.lang1, pair.lang2)
        for lang, text in ((pair.lang1, pair.text1), (pair.lang2, pair.text2)):
            pool = drawn[lang]
            if text not in pool:
                # Long texts show more words; a line's weight grows with the square root of it.
                pool[text] = rng.random() ** (1.0 / (weight * len(text) ** 0.5))
    for lang, share in shares.items():
        pool = drawn.get(lang, {})
        for text in sorted(pool, key=pool.__getitem__, reverse=True)[: int(count * share)]:
            yield text[:LINE_CHARACTERS]


def train_sentencepiece(lines: Iterable[str], pieces: int, threads: int = 2) -> bytes:
    """A serialised SentencePiece Unigram model over `lines`, without control pieces."""
    import sentencepiece

    normalizer = make_normalizer()
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(normalizer.normalize_str(line) for line in lines),
        model_writer=model,
        model_type="unigram",
        vocab_size=pieces,
        character_coverage=CHARACTER_COVERAGE,
        # The normaliser above has done it, and the JSON must do exactly the same.
        normalization_rule_name="identity",
        hard_vocab_limit=False,
        max_sentencepiece_length=14,
        unk_id=UNKNOWN,
        bos_id=-1,
        eos_id=-1,
        pad_id=-1,
        num_threads=threads,
        minloglevel=1,
    )
    return model.getvalue()


def convert(model: bytes) -> Tokenizer:
    """The `tokenizers` equivalent of a SentencePiece Unigram model: same pieces, same scores."""
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    size = processor.get_piece_size()
    vocabulary = [(processor.id_to_piece(i), processor.get_score(i)) for i in range(size)]
    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=processor.unk_id(), byte_fallback=False))
    tokenizer.normalizer = make_normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    return tokenizer


def main() -> None:
    """Command line of this step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    parser.add_argument("--pieces", type=int, default=PIECES)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    pairs = read_pairs(arguments.work / "train.tsv")
    lines = balanced_lines(pairs, arguments.lines, TOKENIZER_SHARES, arguments.seed)
    model = train_sentencepiece(lines, arguments.pieces, arguments.threads)
    (arguments.work / "spm.model").write_bytes(model)
    tokenizer = convert(model)
    tokenizer.save(str(arguments.work / "tokenizer.json"), pretty=False)
    print(f"{tokenizer.get_vocab_size():,} pieces")


if __name__ == "__main__":
    main()
