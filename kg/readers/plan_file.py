"""`plan.toml`: what a plan's folder says about its document, checked key by key."""

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
)

from kg.readers.source import PlanSourceError, load_text

NAME = "plan.toml"
_ARRAY_HEADER = re.compile(r"\s*\[\[\s*([\w.-]+)\s*\]\]")
_HEADER = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"\s*([\w.-]+)\s*=")

Key: TypeAlias = tuple[str | int, ...]
"""Where a value stands in the file, e.g. `("interpretation", 0, "words")`."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[^/\\:\x00-\x1f.][^/\\:\x00-\x1f]*$")]
Iri = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"{}|\\^`]+$")]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
MeasureCode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*-[1-9][0-9]*$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Bilingual(_Table):
    """A statement in Japanese and English."""

    ja: Text
    en: Text


class DocumentTable(_Table):
    """`[document]`: the source text and whose it is."""

    file: FileName
    title: Text
    jurisdiction: Iri
    publisher: Bilingual
    attribution: Bilingual


class TranslationTable(_Table):
    """`[translations.LANGUAGE]`: a CSV of our labels and what they are worth."""

    file: FileName
    status_ja: Text
    status_en: Text


class InterpretationTable(_Table):
    """`[[interpretation]]`: where we read a parenthesis otherwise than its layout suggests.

    In the row of `measure` (a code), in the parenthesis that stands after the initiative `after`,
    each of `words` (exact) is one component, and it is a detail of the initiative `belongs_to`.
    `ja` and `en` say why.
    """

    measure: MeasureCode
    after: Text
    words: Annotated[list[Text], Field(min_length=1)]
    belongs_to: Text
    ja: Text
    en: Text


class StatedTable(_Table):
    """`[stated]`: a table of the SDGs that the document itself states (see `kg.readers.stated`)."""

    file: FileName


class PlanFile(_Table):
    """`plan.toml` as a whole."""

    id: Slug
    reader: Text
    document: DocumentTable
    translations: dict[LanguageTag, TranslationTable] = Field(default_factory=dict)
    interpretation: list[InterpretationTable] = Field(default_factory=list)
    stated: StatedTable | None = None
    _lines: tuple[str, ...] = PrivateAttr(())

    def error(self, key: Key, ja: str, en: str) -> PlanSourceError:
        """The error at a key of the file."""
        return _error(self._lines, key, ja, en)


def load_plan_file(folder: Path) -> PlanFile:
    """Read and check `folder/plan.toml`. Raises PlanSourceError, with the line of the problem."""
    lines = load_text(folder / NAME).lines
    try:
        table = tomllib.loads("\n".join(lines))
    except (ValueError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        raise PlanSourceError(
            NAME,
            int(found[1]) if found else len(lines),
            f"TOML の書き方が必要ですが、読めません({error})。",
            f"expected valid TOML: {error}.",
        ) from None
    try:
        plan_file = PlanFile.model_validate(table)
    except ValidationError as error:
        # A misspelt key is missing under its right name too: name the misspelling.
        errors: list[Any] = sorted(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
        raise _error(lines, errors[0]["loc"], *_problem(errors[0])) from None
    plan_file._lines = lines
    return plan_file


_PROBLEMS = {
    "missing": ("このキーが必要ですが、ありません。", "this key is required; it is missing."),
    "extra_forbidden": (
        "知らないキーです。綴りを確かめてください。",
        "unknown key; check its spelling.",
    ),
    "string_type": ("文字列が必要です。", "expected a string."),
    "string_too_short": ("空でない文字列が必要です。", "expected a string that is not empty."),
    "too_short": ("空でない配列が必要です。", "expected an array that is not empty."),
    "list_type": ("配列が必要です。", "expected an array."),
    "model_type": ("テーブルが必要です。", "expected a table."),
    "dict_type": ("テーブルが必要です。", "expected a table."),
}


_FORMS = {
    "id": ("kumamoto-2 のような小文字の英数字とハイフン", "lower-case letters, digits and hyphens"),
    "file": ("同じフォルダーにあるファイルの名前", "the name of a file in the same folder"),
    "jurisdiction": (
        "http:// か https:// で始まる IRI",
        "an IRI beginning with http:// or https://",
    ),
    "measure": ("4-2 のような施策のコード", "a measure's code, as in 4-2"),
    "[key]": ("en のような言語タグ", "a language tag, as in en"),
}


def _problem(error: dict[str, Any]) -> tuple[str, str]:
    if error["type"] == "string_pattern_mismatch":
        ja, en = _FORMS[error["loc"][-1]]
        return f"{ja}が必要です。", f"expected {en}."
    return _PROBLEMS.get(error["type"], (error["msg"], error["msg"]))


def _error(lines: Sequence[str], key: Key, ja: str, en: str) -> PlanSourceError:
    name = ".".join(str(part) for part in key if part != "[key]")
    return PlanSourceError(
        NAME, _line_of(lines, key), f"キー `{name}`: {ja}", f"key `{name}`: {en}"
    )


def _line_of(lines: Sequence[str], key: Key) -> int:
    """The line that holds a key, else the one of the nearest table around it, else the first.

    tomllib keeps no positions, so this looks for headers and `key =` at the start of lines.
    """
    tables: Counter[str] = Counter()
    header: Key = ()
    best, depth = 1, 0
    for number, line in enumerate(lines, 1):
        if match := _ARRAY_HEADER.match(line):
            header = here = (*match[1].split("."), tables[match[1]])
            tables[match[1]] += 1
        elif match := _HEADER.match(line):
            header = here = tuple(match[1].split("."))
        elif match := _KEY.match(line):
            here = (*header, *match[1].split("."))
        else:
            continue
        if here == key[: len(here)] and len(here) > depth:
            best, depth = number, len(here)
    return best
