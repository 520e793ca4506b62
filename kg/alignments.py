"""The SDG alignments of a plan: a CSV, `sdg.csv`, that people read and correct.

Columns: code, sdg, score, method, evidence, state, note_ja, note_en and, where wanted, created (an
ISO date), wording (what of the SDGs was met), reviewer and reviewed (who, and when: a date or a
time). One row is one judgement: the thing `code` serves the goal or target `sdg`. A row that a
person has added has the method `review`, and no score.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox

from kg.encodings import guess_encoding
from kg.message import UserError
from kg.plan import Plan
from kg.reviews import ADDED, HOLDING, moment
from ontology import SDG, SDG_CONCEPTS, SDGO

COLUMNS = ("code", "sdg", "score", "method", "evidence", "state", "note_ja", "note_en")
OPTIONAL = ("created", "wording", "reviewer", "reviewed")
STATES = ("unreviewed", "accepted", "corrected", "rejected")
MAX_BYTES = 10_000_000
_SCORE = re.compile(r"[0-9](\.[0-9]{1,12})?")
_BROKEN = ("Cc", "Cn", "Co", "Cs")  # Unicode's categories of what no text has
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AlignmentRow:
    """One judged link, as the file says it; `score` in 0..1, `note` by language.

    `reviewed` is a moment in UTC as `kg.reviews.moment` writes it, empty where nobody has signed.
    """

    code: str
    sdg: str
    score: Decimal | None
    method: str
    evidence: str
    state: str
    note: Mapping[str, str] = field(default_factory=dict)
    created: date | None = None
    wording: str = ""
    reviewer: str = ""
    reviewed: str = ""

    @property
    def holds(self) -> bool:
        """True when a reader has let it stand (accepted or corrected)."""
        return self.state in HOLDING


class AlignmentError(UserError):
    """A row and column of the alignments that cannot be taken as they are."""


@cache
def goals_and_targets() -> frozenset[str]:
    """The codes that an alignment may name: 17 goals and 169 targets."""
    quads = ox.parse(path=str(SDG_CONCEPTS), format=ox.RdfFormat.TURTLE)
    kinds = {ox.NamedNode(SDGO.Goal), ox.NamedNode(SDGO.Target)}
    concepts = (q.subject for q in quads if q.object in kinds)
    return frozenset(c.value.removeprefix(SDG) for c in concepts if isinstance(c, ox.NamedNode))


def read_alignments(path: Path, plan: Plan) -> list[AlignmentRow]:
    """The rows of `path` in their order.

    Raises AlignmentError, naming row (the header is 1), column and expectation, for anything
    that is not a judgement about a thing of `plan` and a goal or target of the SDGs.
    """
    known = {code for code, _, _ in plan.texts()}
    rows: list[AlignmentRow] = []
    seen: dict[tuple[str, str], int] = {}
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = next(reader, [])
        _check_header(path, header)
        for number, cells in enumerate(reader, start=2):
            if not any(cells):
                continue
            row = _Row(path, number, header, cells).read(known)
            first = seen.setdefault((row.code, row.sdg), number)
            if first != number:
                raise AlignmentError(
                    f"{path.name} {number}行目: {row.code} と {row.sdg} の組は"
                    f"{first}行目にもあります。どちらかを消してください。",
                    f"{path.name} row {number}: {row.code} with {row.sdg} is already in "
                    f"row {first}; remove one of them.",
                )
            rows.append(row)
    except csv.Error as error:
        raise AlignmentError(
            f"{path.name} テキストの{reader.line_num}行目: CSVとして読めません（{error}）。",
            f"{path.name} line {reader.line_num}: not readable as CSV ({error}).",
        ) from error
    return rows


def _text(path: Path) -> str:
    """The file's text; a byte order mark, which spreadsheets write, is dropped."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise AlignmentError(
                f"{path.name} が大きすぎます（上限 {MAX_BYTES // 1_000_000} MB）。",
                f"{path.name} is too large (at most {MAX_BYTES // 1_000_000} MB).",
            )
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise AlignmentError(
            f"{path} を読めません（{error.strerror}）。",
            f"cannot read {path} ({error.strerror}).",
        ) from error
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        guess = guess_encoding(error.object)
        looks_ja = f"({guess} のようです)" if guess else ""
        looks_en = f" (it looks like {guess})" if guess else ""
        raise AlignmentError(
            f"{path.name} {row}行目: UTF-8ではありません{looks_ja}。UTF-8で保存し直してください。",
            f"{path.name} row {row}: not UTF-8{looks_en}; save the file as UTF-8.",
        ) from error


def _check_header(path: Path, header: list[str]) -> None:
    expected, more = tuple(header[: len(COLUMNS)]), header[len(COLUMNS) :]
    if expected != COLUMNS or len(set(more)) != len(more) or not set(more) <= set(OPTIONAL):
        needed, allowed = ",".join(COLUMNS), ",".join(OPTIONAL)
        raise AlignmentError(
            f"{path.name} 1行目: 見出しは「{needed}」で、その後に {allowed} を加えられます。",
            f"{path.name} row 1: the header must be {needed}; {allowed} may follow.",
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """One row while it is being read."""

    path: Path
    number: int
    header: list[str]
    cells: list[str]

    def read(self, known: Collection[str]) -> AlignmentRow:
        if len(self.cells) != len(self.header):
            raise self._error(
                "列",
                "columns",
                f"{len(self.header)}列のはずですが{len(self.cells)}列です",
                f"{len(self.header)} expected, {len(self.cells)} found",
            )
        for column in self.header:
            self._refuse_broken_characters(column)
        return AlignmentRow(
            code=self._one_of("code", known, "計画にあるコード", "a code of the plan"),
            sdg=self._one_of(
                "sdg", goals_and_targets(), "SDGsのゴールかターゲット", "an SDG goal or target"
            ),
            score=(
                None
                if self._cell("method") == ADDED and not self._cell("score")
                else self._parsed("score", _score, "0から1までの数", "a number from 0 to 1")
            ),
            method=self._needed("method"),
            evidence=self._needed("evidence"),
            state=self._one_of("state", STATES, "・".join(STATES), "one of " + ", ".join(STATES)),
            note={tag: note for tag in ("ja", "en") if (note := self._cell(f"note_{tag}"))},
            created=(
                self._parsed(
                    "created", date.fromisoformat, "日付（2026-01-31）", "a date 2026-01-31"
                )
                if self._cell("created")
                else None
            ),
            wording=self._cell("wording"),
            reviewer=self._needed("reviewer") if self._cell("reviewed") else self._cell("reviewer"),
            reviewed=(
                self._parsed("reviewed", moment, "日付か時刻", "a date or a time")
                if self._cell("reviewer")
                else ""
            ),
        )

    def _refuse_broken_characters(self, column: str) -> None:
        for character in self._cell(column):
            if unicodedata.category(character) in _BROKEN and character not in "\r\n\t":
                name = f"U+{ord(character):04X}"
                raise self._error(
                    column,
                    column,
                    f"{name} は見えない文字か文字化けです。取り除いてください",
                    f"{name} is an invisible or broken character; remove it",
                )

    def _cell(self, column: str) -> str:
        return self.cells[self.header.index(column)].strip() if column in self.header else ""

    def _needed(self, column: str) -> str:
        if not (text := self._cell(column)):
            raise self._error(column, column, "空です", "is empty")
        return text

    def _one_of(self, column: str, allowed: Collection[str], ja: str, en: str) -> str:
        if (text := self._needed(column)) not in allowed:
            raise self._error(
                column, column, f"{ja}のはずですが「{text}」です", f"expected {en}, found {text!r}"
            )
        return text

    def _parsed(self, column: str, parse: Callable[[str], T], ja: str, en: str) -> T:
        text = self._needed(column)
        try:
            return parse(text)
        except (ValueError, InvalidOperation):
            raise self._error(
                column, column, f"{ja}のはずですが「{text}」です", f"expected {en}, found {text!r}"
            ) from None

    def _error(self, column_ja: str, column_en: str, ja: str, en: str) -> AlignmentError:
        return AlignmentError(
            f"{self.path.name} {self.number}行目 {column_ja}: {ja}。",
            f"{self.path.name} row {self.number}, {column_en}: {en}.",
        )


def _score(text: str) -> Decimal:
    """A decimal in one spelling (`0.50` is `0.5`): stores normalise numbers, digests must not."""
    if not _SCORE.fullmatch(text):
        raise ValueError(text)
    score = Decimal(text)
    if not 0 <= score <= 1:
        raise ValueError(text)
    return Decimal(format(score.normalize(), "f"))
