"""Why a hit is a hit, for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kg.message import Language
from web.texts import Texts


def explanation(
    hit: Mapping[str, Any], languages: Sequence[str], language: Language
) -> Iterator[str]:
    """Lines on a hit as the API has it: words that met, the path and source, the score's parts.

    Labels are in the first of `languages` that there is, the rest in `language`.
    """
    texts, evidence = Texts(), hit["evidence"]
    pairs = {
        (one["question"], one["text"]): one["by"]
        for marks in (
            evidence,
            *(evidence["labels"].get(tag, {"related": ()}) for tag in languages),
        )
        for one in marks["related"]
    }
    for (asked, met), by in pairs.items():
        yield f"{asked} ↔ {met} ({texts.text(f'related.{by}', language)})"
    if above := evidence["path"][1:-1]:
        yield " › ".join(f"{step['code']} {_label(step, languages)}" for step in above)
    if source := evidence["source"]:
        where = texts.text("search.source_line", language, line=source["line"])
        yield f"{source['document']}: {where} {source['exact']}"
    parts = [
        f"{one['value']:+.2f} {texts.text('score.' + one['part'], language)}"
        for one in evidence["contributions"]
    ]
    total = sum(one["value"] for one in evidence["contributions"])
    yield f"{'; '.join(parts)} = {total:+.2f} → {hit['score']:.3f}"


def _label(step: Mapping[str, Any], languages: Sequence[str]) -> str:
    return next(str(step["label"][tag]) for tag in languages if tag in step["label"])
