"""Set finished runs beside one another on the development slice, as one table.

    python -m search.training.compare --work .shirube-training RUN [RUN ...]

Choices are made by this table alone; the public tasks are for reporting (evaluate_encoder.py).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tokenizers import Tokenizer

from search.encoder import load_encoder
from search.training.corpus import DEFAULT_WORK, read_pairs
from search.training.development import Encode, development_table
from search.training.export import load_run, mean_encoder

SHOWN = (
    *("ja en", "ja ko", "ja vi", "ja zh-Hans", "ja zh-Hant", "en es", "en ko", "en id", "ja tl"),
    *("ja title-body", "ja question-passage", "focus", "all"),
)


def run_encoder(work: Path, run: str) -> Encode:
    """The encoding function of a finished run: a student's model, or a static run's rows."""
    model = work / run / "model"
    if model.is_dir():
        return load_encoder(str(model)).encode_document
    rows, vocabulary = load_run(work, run)
    return mean_encoder(rows, Tokenizer.from_file(str(vocabulary)))


def main() -> None:
    """Command line of this step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("runs", nargs="+", help="subfolders of finished runs")
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    arguments = parser.parse_args()
    dev = list(read_pairs(arguments.work / "dev.tsv"))
    print("| run | " + " | ".join(SHOWN) + " |")
    print("|---|" + "---:|" * len(SHOWN))
    for run in arguments.runs:
        table = development_table(dev, run_encoder(arguments.work, run))
        cells = (f"{100 * table[name]:.1f}" if name in table else "" for name in SHOWN)
        print(f"| {run} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
