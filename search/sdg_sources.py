"""The texts that the judge is trained on: each with what it serves, and how much it counts.

Never among them: the public benchmark SDGClassification/benchmark and the OSDG community's rows,
which others judge this by.
"""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.catalog import SdgConcept
from kg.codes import goal_of
from search.sdg_concepts import wordings
from search.sdg_queries import read_aurora

EXAMPLES = Path(__file__).parent / "sdg_examples.csv"
"""Sentences and words written and labelled by this project, Japanese and English; unofficial."""

RESEARCH = ("aurora_survey/aurora_survey_final.tsv", "zora/zora_preproc.tsv")
MEASURED = "oro_gold/oro_gold_dataset.tsv"
_KEY = re.compile(r"(\d+)(?:-(\w+?))?(?:-\w+)?-(?:title|short)")
_COUNTS = {
    "sentence": 6.0,
    "words": 2.0,
    "wording": 0.3,  # the same few texts in 27 languages
    "query": 0.5,
    "research": 1.0,
    "gold": 6.0,
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and the goals and targets it serves (none: an empty set); `source` says its kind."""

    text: str
    sdgs: frozenset[str]
    source: str

    @property
    def goals(self) -> frozenset[str]:
        """The goals alone, `4` for `4.4`."""
        return frozenset(goal_of(code) for code in self.sdgs)

    @property
    def targets(self) -> frozenset[str]:
        """The targets alone."""
        return frozenset(code for code in self.sdgs if "." in code)

    @property
    def counts(self) -> float:
        """How much it counts in training."""
        return _COUNTS[self.source]


def examples(path: Path = EXAMPLES) -> list[Labelled]:
    """The texts of this project; columns sdgs (codes, may be empty), language, kind, text."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Labelled(row["text"], frozenset(row["sdgs"].split()), row["kind"]) for row in rows]


def gold(path: Path, split: str) -> list[Labelled]:
    """One half (`development`, `final`) of the gold set, title and text as one."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Labelled(
            f"{row['title']}\n{row['text']}",
            frozenset([*map(str, row["goals"]), *row["targets"]]),
            "gold",
        )
        for row in rows
        if row["split"] == split
    ]


def research(path: Path) -> list[Labelled]:
    """Titles and abstracts with goals, in the form of aurora_survey, zora and oro_gold."""
    return [Labelled(text, goals, "research") for text, goals in read_labelled(path)]


def read_labelled(path: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """(text, goals) of one of the source tables; a text is its title and abstract."""
    csv.field_size_limit(1_000_000)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            labels = (row.get("labels") or row.get("sdg") or "").strip("[]").replace("'", "")
            goals = frozenset(
                str(int(label.removeprefix("SDG"))) for label in labels.split(", ") if label
            )
            text = ". ".join(part for part in (row.get("title"), row.get("abstract")) if part)
            if goals and text:
                yield text, goals


def reference(concepts: Sequence[SdgConcept], sources: Path) -> list[Labelled]:
    """What speaks for a goal or target by itself: its wordings in all languages, its queries."""
    found = [Labelled(one.text, frozenset({one.sdg}), "wording") for one in wordings(concepts)]
    for folder in sorted((sources / "un_translations" / "translations").iterdir()):
        for file in sorted(folder.glob("global_*.yml")):
            found += _translations(file)
    for code, query in read_aurora(sources / "aurora_queries"):
        found += [Labelled(text, frozenset({code}), "query") for text in query.spelt()]
    return list(dict.fromkeys(found))


def _translations(file: Path) -> Iterator[Labelled]:
    import yaml

    for key, text in yaml.safe_load(file.read_text(encoding="utf-8")).items():
        match = _KEY.fullmatch(key)
        if match and isinstance(text, str):
            code = f"{match[1]}.{match[2]}" if match[2] else match[1]
            yield Labelled(text, frozenset({code}), "wording")
