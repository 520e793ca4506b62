"""Our own translations of a plan's texts: a CSV with the columns code, field, ja, LANGUAGE."""

import csv
from collections.abc import Iterator
from pathlib import Path

from kg.plan import Plan, Translation
from kg.readers.plan_file import TranslationTable
from kg.readers.source import PlanSourceError, SourceText, excerpt, load_text, normalise


def read_translation(
    folder: Path, language: str, table: TranslationTable, plan: Plan
) -> Translation:
    """The translation of every text of the plan into one language (a BCP 47 tag).

    Raises PlanSourceError, with line and column, unless there is exactly one row for each text of
    `plan`, its `ja` says what the plan says, and no cell is empty.
    """
    source = load_text(folder / table.file)
    expected = {(code, field): quoted.text for code, field, quoted in plan.texts()}
    texts: dict[tuple[str, str], str] = {}
    for line, (code, field, ja, text) in _rows(source, language):
        _check(source.file, line, (code, field), ja, expected)
        if (code, field) in texts:
            raise PlanSourceError(
                source.file,
                line,
                f"{code} の {field} の行が2つあります。1つにしてください。",
                f"a second row for {field} of {code}; expected one.",
                "code",
            )
        texts[code, field] = text
    for code, field in expected:
        if (code, field) not in texts:
            words = excerpt(expected[code, field], 30)
            raise PlanSourceError(
                source.file,
                len(source.lines),
                f"{code} の {field}「{words}」の行が必要ですが、ありません。",
                f"expected a row for {field} of {code} 「{words}」; there is none.",
                "code",
            )
    status = {"ja": table.status_ja, "en": table.status_en}
    return Translation(language, texts, table.status_en, status)


def _rows(source: SourceText, language: str) -> Iterator[tuple[int, list[str]]]:
    """Each row's last line and its four cells, none of them empty."""
    header = ["code", "field", "ja", language]
    reader = csv.reader([f"{line}\n" for line in source.lines], strict=True)
    try:
        for order, cells in enumerate(reader):
            line = reader.line_num
            if order == 0 and cells != header:
                raise PlanSourceError(
                    source.file,
                    line,
                    f"1行目に列名「{','.join(header)}」が必要ですが、「{','.join(cells)}」です。",
                    f"expected the column names {','.join(header)!r}; found {','.join(cells)!r}.",
                )
            if order == 0 or not cells:
                continue
            if len(cells) != len(header):
                raise PlanSourceError(
                    source.file,
                    line,
                    f"{len(header)}列が必要ですが、{len(cells)}列です。",
                    f"expected {len(header)} columns; found {len(cells)}.",
                )
            stripped = [cell.strip() for cell in cells]
            if "" in stripped:
                raise PlanSourceError(
                    source.file,
                    line,
                    "空です。値を入れてください。",
                    "empty; expected a value.",
                    header[stripped.index("")],
                )
            yield line, stripped
    except csv.Error as error:
        raise PlanSourceError(
            source.file,
            reader.line_num,
            f"CSV として読めません({error})。引用符の対応を確かめてください。",
            f"not valid CSV ({error}); check that each quote is closed.",
        ) from None


def _check(
    file: str, line: int, key: tuple[str, str], ja: str, expected: dict[tuple[str, str], str]
) -> None:
    code, field = key
    if key not in expected:
        known = [other for owner, other in expected if owner == code]
        if known:
            column, ja_needed, en_needed = "field", "、".join(known), ", ".join(known)
        else:
            column, ja_needed, en_needed = "code", "計画にあるコード", "a code of the plan"
        raise PlanSourceError(
            file,
            line,
            f"計画に {code} の {field} はありません。{ja_needed}が必要です。",
            f"the plan has no {field} of {code}; expected {en_needed}.",
            column,
        )
    if normalise(ja) != expected[key]:
        raise PlanSourceError(
            file,
            line,
            f"計画では「{excerpt(expected[key])}」ですが、「{excerpt(ja)}」とあります。"
            "原文に合わせ、訳も見直してください。",
            f"the plan says 「{excerpt(expected[key])}」, this row 「{excerpt(ja)}」; "
            "copy the plan's words and look at the translation again.",
            "ja",
        )
