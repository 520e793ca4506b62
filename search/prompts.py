"""What a model wants before a text: by the user's choice, its configuration, or its family's habit.

E5 (Wang et al. 2022, 2024) and BGE's English models were trained with a prefix that their
sentence-transformers configuration does not name; without it they rank worse.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_DOCUMENT_TASKS = ("document", "passage", "corpus")
_FAMILIES = (
    (re.compile(r"(^|[/_-])e5-(small|base|large)(-v2|-unsupervised)?$"), "query: ", "passage: "),
    (
        re.compile(r"(^|[/_-])bge-(small|base|large)-en(-v1\.5)?$"),
        "Represent this sentence for searching relevant passages: ",
        "",
    ),
)


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prefixes of questions and of passages; empty where there is none."""

    query: str = ""
    document: str = ""

    def items(self) -> tuple[tuple[str, str], ...]:
        """(task, prefix) of those that are not empty, sorted."""
        both = (("document", self.document), ("query", self.query))
        return tuple((task, prefix) for task, prefix in both if prefix)


def find_prompts(name: str, configured: Mapping[str, str], chosen: Prompts | None) -> Prompts:
    """The prompts of the model called `name` (a folder's name or a hub name).

    `chosen` goes before all; `configured` are those of the model's own configuration, by task; a
    family known to need some is the last resort.
    """
    if chosen is not None:
        return chosen
    document = next((configured[task] for task in _DOCUMENT_TASKS if configured.get(task)), "")
    if configured.get("query") or document:
        return Prompts(configured.get("query", ""), document)
    for family, query, passage in _FAMILIES:
        if family.search(name.lower()):
            return Prompts(query, passage)
    return Prompts()
