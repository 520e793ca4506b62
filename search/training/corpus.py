"""Read the bundle of text pairs, keep what may be trained on, hold out a development slice.

    python -m search.training.corpus CORPORA --work .shirube-training

CORPORA is a folder with `train_bundle.tsv.zst` (or `.tsv`): source, lang1, lang2, text1, text2,
kind; and `eval/`, whose texts never enter training. Writes `train.tsv` and `dev.tsv` of the same
columns.
"""

from __future__ import annotations

import argparse
import io
import sys
import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from search.training.eval_texts import evaluation_texts
from search.training.sources import JAPANESE, PIVOT, TECHNICAL

DEFAULT_WORK = Path(".shirube-training")
BUNDLE_NAMES = ("train_bundle.tsv.zst", "train_bundle.tsv")
MAX_CHARACTERS = 600
DEV_PER_GROUP = 300
DEV_SHARE = 0.1
PIVOT_MIN_CHARACTERS = 12
PIVOT_TARGETS = ("ko", "vi", "zh-Hans", "zh-Hant", "id", "tl", "th", "ne", "es", "pt", "fr", "de")


class CorpusError(Exception):
    """The corpora folder lacks its bundle, or a line of it is not six columns."""


class Pair(NamedTuple):
    """Two texts that mean the same or answer each other; languages as BCP 47, plain text."""

    source: str
    lang1: str
    lang2: str
    text1: str
    text2: str
    kind: str


_DROPPED = dict.fromkeys(
    point for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point))[0] in "PZCS"
)


def comparison_key(text: str) -> str:
    """The form in which two texts count as the same: NFKC, casefolded, letters and digits only."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_DROPPED)


def find_bundle(corpora: Path) -> Path:
    """The bundle in `corpora` (or `corpora` itself if it is the file); raises CorpusError."""
    if corpora.is_file():
        return corpora
    for name in BUNDLE_NAMES:
        if (corpora / name).is_file():
            return corpora / name
    raise CorpusError(f"no {' or '.join(BUNDLE_NAMES)} in {corpora}")


def _lines(path: Path) -> Iterator[str]:
    if path.suffix != ".zst":
        with path.open(encoding="utf-8", newline="\n") as file:
            yield from file
        return
    import zstandard

    # The bundle is compressed with a 128 MiB window (zstd --long=27); the default refuses it.
    reader = zstandard.ZstdDecompressor(max_window_size=2**27)
    with path.open("rb") as raw, reader.stream_reader(raw) as stream:
        yield from io.TextIOWrapper(stream, encoding="utf-8", newline="\n")


def read_pairs(path: Path) -> Iterator[Pair]:
    """Every pair of a bundle, plain or zstd-compressed; raises CorpusError naming a broken line."""
    for number, line in enumerate(_lines(path), 1):
        columns = line.rstrip("\n").split("\t")
        if len(columns) != 6:
            raise CorpusError(
                f"{path.name}, line {number}: 6 columns expected, {len(columns)} found"
            )
        yield Pair(*columns)


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Write pairs as the tab-separated columns that `read_pairs` reads."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines("\t".join(pair) + "\n" for pair in pairs)


def clean(pairs: Iterable[Pair], banned: set[str]) -> tuple[list[Pair], Counter[str]]:
    """The pairs worth training on, in their order, and counts of why others were dropped.

    `banned` holds comparison keys (see `comparison_key`) of texts that may not be learnt from:
    a pair goes if either of its texts is one. Duplicates and untranslated copies go too.
    """
    kept: list[Pair] = []
    seen: set[int] = set()
    reasons: Counter[str] = Counter()
    for pair in pairs:
        key1, key2 = comparison_key(pair.text1), comparison_key(pair.text2)
        identity = hash((pair.lang1, pair.lang2, key1, key2))
        if not key1 or not key2:
            reasons["no letters"] += 1
        elif key1 in banned or key2 in banned:
            reasons["in the evaluation or development texts"] += 1
        elif key1 == key2 and pair.kind != "synonym":
            reasons["both texts the same"] += 1
        elif identity in seen:
            reasons["duplicate"] += 1
        else:
            seen.add(identity)
            text1, text2 = pair.text1[:MAX_CHARACTERS], pair.text2[:MAX_CHARACTERS]
            kept.append(pair._replace(text1=text1, text2=text2))
    return kept, reasons


def pivoted(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Japanese pairs made by way of a shared English sentence of the same source.

    Only full translations pivot: through a single English word ("bank") unlike meanings would meet.
    """
    japanese: dict[tuple[str, str], str] = {}
    others: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for pair in pairs:
        if pair.kind != "translation" or PIVOT not in (pair.lang1, pair.lang2):
            continue
        forward = pair.lang1 == PIVOT
        english, text = (pair.text1, pair.text2) if forward else (pair.text2, pair.text1)
        lang = pair.lang2 if forward else pair.lang1
        if len(english) < PIVOT_MIN_CHARACTERS:
            continue
        key = (pair.source, comparison_key(english))
        if lang == JAPANESE:
            japanese.setdefault(key, text)
        elif lang in PIVOT_TARGETS:
            others[key].append((lang, text))
    for (source, english), text in japanese.items():
        for lang, other in others.get((source, english), ()):
            yield Pair(f"{source}+pivot", JAPANESE, lang, text, other, "translation")


def hold_out(pairs: Iterable[Pair]) -> list[Pair]:
    """The development slice: up to 300 pairs (at most a tenth) per language pair and kind.

    Translations between Japanese or English and another language, and Japanese title -> body and
    question -> passage, of non-technical sources; chosen by a checksum of the text, so that the
    choice does not move when other lines of the bundle do.
    """
    groups: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        languages = {pair.lang1, pair.lang2}
        if pair.source.removesuffix("+pivot") in TECHNICAL or pair.kind in (
            "synonym",
            "paraphrase",
        ):
            continue
        if pair.kind == "translation" and not languages & {JAPANESE, PIVOT}:
            continue
        if pair.kind != "translation" and languages != {JAPANESE}:
            continue
        first, second = sorted((pair.lang1, pair.lang2))
        groups[first, second, pair.kind].append(pair)
    held: list[Pair] = []
    for group in groups.values():
        count = min(DEV_PER_GROUP, int(len(group) * DEV_SHARE))
        group.sort(key=lambda pair: zlib.crc32(f"{pair.text1}\t{pair.text2}".encode()))
        held.extend(group[:count])
    return held


def prepare(corpora: Path, work: Path) -> Counter[str]:
    """Write `train.tsv`, `glossary.tsv` and `dev.tsv` into `work`; counts what was kept."""
    from search.training.glossary import concept_pairs, glossary_pairs

    work.mkdir(parents=True, exist_ok=True)
    banned = {comparison_key(text) for text in evaluation_texts(corpora / "eval")} - {""}
    pairs, reasons = clean(read_pairs(find_bundle(corpora)), banned)
    extra, extra_reasons = clean(pivoted(pairs), banned)
    dev = hold_out([*pairs, *extra])
    dev_keys = {comparison_key(text) for pair in dev for text in (pair.text1, pair.text2)}
    train, dev_reasons = clean([*pairs, *extra], dev_keys)
    write_pairs(work / "train.tsv", train)
    kept_out = banned | dev_keys
    glossary, _ = clean(glossary_pairs(), kept_out)
    # A round may have a pair that another round has: these are not cleaned of duplicates.
    concepts = [
        pair
        for pair in concept_pairs()
        if not {comparison_key(pair.text1), comparison_key(pair.text2)} & kept_out
    ]
    write_pairs(work / "glossary.tsv", [*glossary, *concepts])
    write_pairs(work / "dev.tsv", dev)
    counts = reasons + extra_reasons + dev_reasons
    counts.update({"evaluation texts": len(banned), "kept for training": len(train)})
    counts.update({"pivot pairs": len(extra), "development": len(dev)})
    counts["glossary pairs"] = len(glossary)
    return counts


def main() -> None:
    """Command line of this step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("corpora", type=Path, help="folder with the bundle and eval/")
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    arguments = parser.parse_args()
    for name, count in prepare(arguments.corpora, arguments.work).most_common():
        print(f"{count:>9,}  {name}")


if __name__ == "__main__":
    main()
