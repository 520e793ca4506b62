"""The terminals of SPARQL 1.1, and those of 1.2 that Oxigraph reads (section 19.8 of the standard).

A real lexer, because everything we promise about users' queries is decided on tokens: what a
string, a comment or an IRI contains is never mistaken for a keyword, nor a keyword for them.
Every pattern is possessive or bounded, so that the time taken is linear in the text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from kg.sparql_errors import SparqlError

TokenKind: TypeAlias = Literal[
    "IRIREF", "STRING", "LANGTAG", "PNAME", "BNODE", "VAR", "NUMBER", "WORD", "PUNCTUATION"
]

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = _BASE + "_0-9\u00b7\u0300-\u036f\u203f-\u2040"  # VARNAME after its first character
_CHARS = _NAME + r"\-"  # PN_CHARS
_UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_ECHAR = r"\\[tbnrf\"'\\]|" + _UCHAR
_LOCAL = rf"(?:[{_CHARS}:]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?#@%])"
_LOCAL_START = rf"(?!-|[\u00b7\u0300-\u036f\u203f-\u2040]){_LOCAL}"

# Groups repeat inside atomic groups, not possessively: a possessive group that fails halfway keeps
# what it has taken, in Python before 3.11.5 (CPython gh-106052): in Debian 12's, for one.
_TERMINALS: dict[TokenKind, str] = {
    "IRIREF": rf"<(?>(?:[^<>\"{{}}|^`\\\x00-\x20]++|{_UCHAR})*)>",
    "STRING": (
        rf"'''(?>(?:(?:'{{1,2}})?(?:[^'\\]++|{_ECHAR}))*)'''"
        rf'|"""(?>(?:(?:"{{1,2}})?(?:[^"\\]++|{_ECHAR}))*)"""'
        # Three quotes never are an empty string and a quote: they are a long string left open.
        rf"|(?!''')'(?>(?:[^'\\\n\r]++|{_ECHAR})*)'"
        rf'|(?!""")"(?>(?:[^"\\\n\r]++|{_ECHAR})*)"'
    ),
    "LANGTAG": r"@[A-Za-z]++(?>(?:-[A-Za-z0-9]++)*)(?:--[A-Za-z]++)?",
    # At most 50 dots in a prefix: without a bound, `a.a.a.a…` would be scanned again at each dot.
    "PNAME": (
        rf"(?:[{_BASE}][{_CHARS}]*+(?>(?:\.++[{_CHARS}]++){{0,50}}))?:"
        rf"(?:{_LOCAL_START}(?>{_LOCAL}*)(?>(?:\.++(?>{_LOCAL}+))*))?"
    ),
    "BNODE": rf"_:[{_BASE}_0-9][{_CHARS}]*+(?>(?:\.++[{_CHARS}]++)*)",
    "VAR": rf"[?$][{_BASE}_0-9][{_NAME}]*+",
    "NUMBER": r"(?:[0-9]++\.[0-9]*+|\.[0-9]++|[0-9]++)[eE][+-]?[0-9]++|[0-9]*\.[0-9]++|[0-9]++",
    "WORD": rf"[{_BASE}_][{_NAME}]*+",
    "PUNCTUATION": (r"\^\^|&&|\|\||!=|<=|>=|<<\(|\)>>|<<|>>|\{\||\|\}|[{}()\[\].,;=<>+\-*/|^!?~]"),
}
_SKIP = r"(?>(?:[ \t\r\n]++|#[^\r\n]*+)+)"
_SCANNER = re.compile(
    f"(?P<SKIP>{_SKIP})|" + "|".join(f"(?P<{kind}>{p})" for kind, p in _TERMINALS.items())
)
_NAME_CHARACTER = re.compile(f"[{_CHARS}]")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|[\s\S])")


class Token(NamedTuple):
    """One terminal: its text, where it starts in the source, whether a gap went before it."""

    kind: TokenKind
    text: str
    start: int
    spaced: bool

    def is_word(self, *words: str) -> bool:
        """True for one of these keywords (given in capitals)."""
        return self.kind == "WORD" and self.text.upper() in words


class Source:
    """A SPARQL text with the escapes of section 19.2 resolved where they stand for name letters.

    Escaped delimiters (a quote, a space, an angle bracket) are left for the string or IRI they are
    in: elsewhere the standard does not allow them, and the lexer stops at them.
    """

    def __init__(self, original: str) -> None:
        self.original = original
        parts: list[str] = []
        self._shifts: list[tuple[int, int]] = []  # (place in `text`, characters saved so far)
        taken = saved = 0
        for escape in _ESCAPE.finditer(original):
            digits = escape[1] or escape[2]
            if digits is None:
                continue
            character = chr(int(digits, 16)) if int(digits, 16) < 0x110000 else ""
            if not _NAME_CHARACTER.fullmatch(character):
                continue
            parts += original[taken : escape.start()], character
            taken = escape.end()
            saved += len(escape[0]) - 1
            self._shifts.append((taken - saved, saved))
        self.text = "".join(parts) + original[taken:]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column (1-based) in the original of an offset in `text`."""
        before = bisect_right(self._shifts, (offset, len(self.original)))
        offset += self._shifts[before - 1][1] if before else 0
        head = re.split(r"\r\n|\r|\n", self.original[:offset])
        return len(head), len(head[-1]) + 1


def tokenise(source: Source) -> Iterator[Token]:
    """The tokens of `source.text`, without white space and comments.

    Raises SparqlError (syntax) at a character that starts no token, such as an open quote.
    """
    text, offset, spaced = source.text, 0, False
    while offset < len(text):
        match = _SCANNER.match(text, offset)
        if match is None:
            raise _stray(source, offset)
        kind = match.lastgroup
        # `<<` before an IRI is "less than" and the IRI, unless it is the start of a triple term.
        if kind == "PUNCTUATION" and match[0] == "<<":
            following = _SCANNER.match(text, offset + 1)
            if following is not None and following.lastgroup == "IRIREF":
                yield Token("PUNCTUATION", "<", offset, spaced)
                offset, spaced = offset + 1, False
                continue
        if kind != "SKIP":
            yield Token(kind, match[0], offset, spaced)  # type: ignore[arg-type]
        spaced = kind == "SKIP"
        offset = match.end()


def value(token: Token) -> str:
    r"""The characters that a STRING or an IRIREF stands for, without quotes and escapes.

    Raises ValueError for an escape that is no Unicode character, such as `\uD800`.
    """
    edge = 3 if token.kind == "STRING" and token.text[:3] in ("'''", '"""') else 1
    inside = token.text[edge:-edge]
    return _ESCAPE.sub(_character, inside) if "\\" in inside else inside


def _character(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2]
    if digits is None:
        return {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}.get(
            escape[0][1], escape[0][1]
        )
    number = int(digits, 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise ValueError(f"{escape[0]} is not a Unicode character")
    return chr(number)


def _stray(source: Source, offset: int) -> SparqlError:
    line, column = source.place(offset)
    character = source.text[offset]
    if character in "\"'":
        ja = f"{line} 行 {column} 文字目の引用符が閉じられていません。"
        en = f"The string that starts at line {line}, column {column} is never closed."
        hint = (
            '同じ引用符で閉じてください。改行を含む文字列は """ で囲み、\\ は \\\\ と書きます。',
            'Close it with the same quote. Text over several lines goes in """, and \\ as \\\\.',
        )
    else:
        ja = f"{line} 行 {column} 文字目の「{character}」は SPARQL では使えません。"
        en = f"Line {line}, column {column}: “{character}” has no meaning in SPARQL here."
        hint = (
            "全角の記号や空白が混ざっていないか確かめてください。",
            "Look for a full-width symbol or space, or a stray character.",
        )
    return SparqlError("syntax", ja, en, line=line, column=column, token=character, hint=hint)
