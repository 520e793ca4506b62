"""Many questions from a JSONL file: one JSON answer a line, in the order of the questions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from kg.encodings import guess_encoding
from kg.message import UserError
from search.searcher import Searcher
from web.answers import Answering
from web.search_request import SearchRequest
from web.view import search_answer

if TYPE_CHECKING:
    from search.encoder import Encoder, Vectors

Role = Literal["query", "passage"]

TEXTS_AT_ONCE = 64
"""How many texts the judge or the encoder gets in one call."""


class BatchError(UserError):
    """A line of a batch file that cannot be answered."""


def answer_lines(
    searcher: Searcher, file: Path, answering: Answering | None = None
) -> Iterator[str]:
    """Answer `{"q": …}` lines, with the API's other parameters; raises `BatchError`.

    A file named `-` is the standard input.
    """
    for where, given in _objects(file, "q", set(SearchRequest.PARAMETERS) - {"q"}):
        try:
            answer = search_answer(searcher, SearchRequest.parse(**given), answering)
        except UserError as error:
            raise BatchError(f"{where}: {error.ja}", f"{where}: {error.en}") from error
        yield json.dumps(answer, ensure_ascii=False)


def lots(file: Path) -> Iterator[list[str]]:
    """The texts of `{"text": …}` lines, some at a time; raises `BatchError` after those before.

    A file named `-` is the standard input.
    """
    yield from _chunks(given["text"] for _, given in _objects(file, "text", set()))


def embed_lines(encoder: "Encoder", file: Path, role: Role) -> "Vectors":
    """The unit rows (lines, dimensions) of `{"text": …}` lines; raises `BatchError`.

    `role` says whether they are questions or passages, which some models tell apart. A file named
    `-` is the standard input.
    """
    import numpy as np

    encode = encoder.encode_query if role == "query" else encoder.encode_document
    rows = [encode(texts) for texts in lots(file)]
    return np.concatenate([encode([]), *rows])


def save_vectors(vectors: "Vectors", out: Path) -> None:
    """Write an .npy file, whole or not at all; raises `BatchError` where it cannot be written."""
    import numpy as np

    partial = out.with_name(f".{out.name}.partial")
    try:
        with partial.open("wb") as file:
            np.save(file, vectors, allow_pickle=False)
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise BatchError(
            ja=f"{out} に書けません({reason})。書き込めるファイルを --out で指定してください。",
            en=f"Cannot write {out} ({reason}). Name a file that can be written with --out.",
        ) from error


def _chunks(texts: Iterator[str]) -> Iterator[list[str]]:
    """Up to `TEXTS_AT_ONCE` texts; an error waits until those before it are handed on."""
    chunk: list[str] = []
    failure: BatchError | None = None
    try:
        for text in texts:
            chunk.append(text)
            if len(chunk) == TEXTS_AT_ONCE:
                yield chunk
                chunk = []
    except BatchError as error:
        failure = error
    if chunk:
        yield chunk
    if failure is not None:
        raise failure


def _objects(file: Path, needed: str, others: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line's object, with where it stands (`FILE:LINE`); blank lines are passed over."""
    try:
        # Bytes that are not UTF-8 come through as lone surrogates, so that their line is known.
        with click.open_file(str(file), encoding="utf-8-sig", errors="surrogateescape") as lines:
            for number, text in enumerate(lines, start=1):
                if text.strip():
                    where = f"{file}:{number}"
                    _check_encoding(text, where)
                    yield where, _object(text, where, needed, others)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BatchError(
            ja=f"{file} を読めません({reason})。"
            "JSONL のファイルか、標準入力の - を指定してください。",
            en=f"Cannot read {file} ({reason}). Name a JSONL file, or - for standard input.",
        ) from error


def _check_encoding(text: str, where: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        guess = guess_encoding(text.encode("utf-8", "surrogateescape"))
        looks_ja, looks_en = (
            (f"({guess} のようです)", f" (it looks like {guess})") if guess else ("",) * 2
        )
        raise BatchError(
            ja=f"{where}: UTF-8 として読めません{looks_ja}。UTF-8 で保存し直してください。",
            en=f"{where}: is not UTF-8{looks_en}; save it as UTF-8.",
        ) from error


def _object(text: str, where: str, needed: str, others: set[str]) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers too long, lists too deep
        column = getattr(error, "colno", 1)
        reason = getattr(error, "msg", str(error))
        raise BatchError(
            ja=f"{where}:{column}: JSON として読めません({reason})。"
            "一行に一つの JSON を書いてください。",
            en=f"{where}:{column}: is not JSON ({reason}). Write one JSON object a line.",
        ) from error
    fields = {needed} | others
    if not isinstance(given, dict) or not {needed} <= given.keys() <= fields:
        listed = ", ".join(sorted(fields))
        raise BatchError(
            ja=f"{where}: 使える項目は {listed}、必須は {needed} です。",
            en=f"{where}: the fields are {listed}; needed: {needed}.",
        )
    if not isinstance(given[needed], str):
        raise BatchError(
            ja=f"{where}: {needed} は文字列にしてください。",
            en=f"{where}: {needed} must be a string.",
        )
    return given
