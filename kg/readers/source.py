"""Plan files as text with line numbers, or an error that says how to mend the file."""

import codecs
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from kg.encodings import guess_encoding
from kg.message import UserError
from kg.plan import Quoted

MAX_BYTES = 2_000_000
"""Largest file a plan may consist of; the bundled summary has 6 kB."""

SPACES = (
    " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000"
)
"""Unicode's spaces (category Zs)."""

_LINE_END = re.compile(r"\r\n|\r|\n")
# Not to be seen in an editor, so that a heading which holds one looks right and is not; and
# U+FFFD, which an earlier conversion left in place of what it could not read.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffd]"
)


class PlanSourceError(UserError):
    """A plan's file cannot be read as a plan; nothing was written.

    `file` is the file's name, `line` its 1-based line (for a CSV: the line where the row ends),
    `column` the CSV column's name. Each is None where the error has no such place.
    """

    def __init__(
        self, file: str, line: int | None, ja: str, en: str, column: str | None = None
    ) -> None:
        place_ja = "" if line is None else f" {line}行目"
        place_en = "" if line is None else f", line {line}"
        if column is not None:
            place_ja += f"の列「{column}」"
            place_en += f", column {column!r}"
        super().__init__(f"{file}{place_ja}: {ja}", f"{file}{place_en}: {en}")
        self.file = file
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text file: its name, SHA-256 (hex, of its bytes) and lines without their ends."""

    file: str
    sha256: str
    lines: tuple[str, ...]


def load_text(path: Path) -> SourceText:
    """Read a UTF-8 file (with or without BOM; LF, CRLF or CR).

    Raises PlanSourceError for a file that is missing, too large (refused before reading), empty,
    in another encoding, or that holds invisible or broken characters.
    """
    data = _load_bytes(path)
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _wrong_encoding(path.name, line, guess_encoding(data)) from None
    if "\x1b$" in text:
        line = text[: text.index("\x1b$")].count("\n") + 1
        raise _wrong_encoding(path.name, line, "ISO-2022-JP")
    if text.count("\x00") * 4 > len(text):
        raise _wrong_encoding(path.name, 1, "UTF-16")
    lines = tuple(_LINE_END.split(text))
    if not text.strip():
        raise PlanSourceError(
            path.name, 1, "空のファイルです。本文が必要です。", "the file is empty; expected text."
        )
    _refuse_unseen_characters(path.name, lines)
    return SourceText(path.name, hashlib.sha256(data).hexdigest(), lines)


def _load_bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise PlanSourceError(
                path.name,
                None,
                f"ファイルがありません。{path.parent} に置いてください。",
                f"no such file; expected it in {path.parent}.",
            )
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise PlanSourceError(
                path.name,
                None,
                f"大きすぎます({size:,} バイト)。上限は {MAX_BYTES:,} バイトです。",
                f"too large ({size:,} bytes); the limit is {MAX_BYTES:,} bytes.",
            )
        return path.read_bytes()
    except OSError as error:
        raise PlanSourceError(
            path.name,
            None,
            f"読めません。読み取りの権限を確かめてください({error.strerror})。",
            f"cannot be read; check that you may read it ({error.strerror}).",
        ) from error


def _wrong_encoding(file: str, line: int, guess: str | None) -> PlanSourceError:
    looks_ja = f"{guess} のようです" if guess else "文字コードが分かりません"
    looks_en = f"it looks like {guess}" if guess else "its encoding is unknown"
    return PlanSourceError(
        file,
        line,
        f"UTF-8 として読めません({looks_ja})。"
        "エディタの「名前を付けて保存」で文字コードに UTF-8 を選んで保存し直してください。",
        f"not UTF-8 ({looks_en}). Open it in an editor and save it again with the encoding UTF-8.",
    )


def _refuse_unseen_characters(file: str, lines: tuple[str, ...]) -> None:
    for number, line in enumerate(lines, 1):
        if found := _UNSEEN.search(line):
            name = f"U+{ord(found.group()):04X}"
            raise PlanSourceError(
                file,
                number,
                f"{found.start() + 1}文字目の {name} は見えない文字か文字化けです。"
                "取り除くか、正しい文字に直してください。",
                f"character {found.start() + 1} is {name}, an invisible or broken character; "
                "remove it or put the right one.",
            )


def normalise(exact: str) -> str:
    """The words as shown: NFC, single spaces, lines joined, no space around a lone subscript.

    PDF extraction sets subscripts apart (`CO ₂ 排出` is `CO₂排出`) and breaks lines; Japanese is
    joined without a space. A space within a line that the document writes (`第2期 熊本県`) stays.
    """
    first, *others = (line.strip() for line in unicodedata.normalize("NFC", exact).split("\n"))
    text = first
    for line in others:
        text += (" " if text[-1:].isascii() and line[:1].isascii() else "") + line
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ([₀-₉]+) ?", r"\1", text)
    return text.strip()


def quote(line: int, exact: str) -> Quoted:
    """Words of the source with the line they begin on; `exact` may span lines (joined by LF)."""
    return Quoted(normalise(exact), line, exact)


def excerpt(text: str, length: int = 40) -> str:
    """The beginning of a text, for messages."""
    return text if len(text) <= length else text[:length] + "…"
