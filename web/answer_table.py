"""The answer to a question for a terminal: its sentence, a table, and how to ask on."""

from collections.abc import Mapping, Sequence
from typing import Any

from tabulate import tabulate

from kg.message import Language
from web.texts import Texts


def answer_text(answer: Mapping[str, Any], languages: Sequence[str]) -> str:
    """An answer in the first of the reader's languages that it has."""
    language: Language = "en" if "en" in languages and "ja" not in languages[:1] else "ja"
    said = [answer["sentence"][language]]
    if answer["rows"]:
        texts, names = Texts(), answer["columns"]
        headers = [texts.text(f"answer.column.{name}", language) for name in names]
        rows = [
            [_cell(row[name], languages) if name in row else "" for name in names]
            for row in answer["rows"]
        ]
        said.append(tabulate(rows, headers=headers, disable_numparse=True))
    return "\n\n".join(said)


def _cell(cell: Mapping[str, Any], languages: Sequence[str]) -> str:
    """A value by its code and its label in a language of the reader's."""
    label = next((cell["label"][one] for one in languages if one in cell["label"]), None)
    if label is None:
        return str(cell["value"])
    return f"{cell['code']} {label}" if cell["code"] else str(label)
