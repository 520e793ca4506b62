"""Many questions from a JSONL file: one JSON answer a line, in the order of the questions."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kg.message import UserError
from search.sdg import Judge
from search.searcher import Searcher
from web.view import SearchRequest, judgement_answer, search_answer


class BatchError(UserError):
    """A line of a batch file that cannot be answered."""


def answer_lines(searcher: Searcher, file: Path) -> Iterator[str]:
    """Answer `{"q": …, "type": …, "lang": …, "limit": …}` lines; raises `BatchError`."""

    def answer(question: dict[str, Any]) -> object:
        return search_answer(searcher, SearchRequest.parse(**question))

    return _lines(file, {"q"}, {"type", "lang", "limit"}, answer)


def judge_lines(judge: Judge, file: Path) -> Iterator[str]:
    """Answer `{"text": …}` lines with goals and targets; raises `BatchError`."""

    def answer(line: dict[str, Any]) -> object:
        [judgements] = judge.judge([str(line["text"])])
        return judgement_answer(judgements)

    return _lines(file, {"text"}, set(), answer)


def _lines(
    file: Path, needed: set[str], allowed: set[str], answer: Callable[[dict[str, Any]], object]
) -> Iterator[str]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, text in enumerate(_decoded(lines, file), start=1):
            if text.strip():
                given = _object(text, f"{file}:{number}", needed, allowed)
                try:
                    yield json.dumps(answer(given), ensure_ascii=False)
                except UserError as error:
                    raise BatchError(
                        ja=f"{file}:{number}: {error.ja}", en=f"{file}:{number}: {error.en}"
                    ) from error


def _decoded(lines: Iterator[str], file: Path) -> Iterator[str]:
    try:
        yield from lines
    except UnicodeDecodeError as error:
        raise BatchError(
            ja=f"{file}: UTF-8 として読めません。UTF-8 で保存してください。",
            en=f"{file}: is not UTF-8; save it as UTF-8.",
        ) from error


def _object(text: str, where: str, needed: set[str], allowed: set[str]) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise BatchError(
            ja=f"{where}:{error.colno}: JSON として読めません({error.msg})。",
            en=f"{where}:{error.colno}: is not JSON ({error.msg}).",
        ) from error
    if not isinstance(given, dict) or not needed <= given.keys() <= needed | allowed:
        fields = ", ".join(sorted(needed | allowed))
        raise BatchError(
            ja=f"{where}: 使える項目は {fields}、必須は {', '.join(sorted(needed))} です。",
            en=f"{where}: the fields are {fields}; needed: {', '.join(sorted(needed))}.",
        )
    return given
