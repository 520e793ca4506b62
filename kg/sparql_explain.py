"""Oxigraph's syntax errors as a person needs them: the place, the word, and what is wrong there.

Oxigraph's positions cannot be used as they are: a keyword it tried counts as read to the keyword's
length, so the position lies up to 14 characters (`ENCODE_FOR_URI`) behind the mistake. Parsing the
tokens once more with wide gaps between them lets every position fall to one token.
"""

import re
import unicodedata
from bisect import bisect_right
from difflib import get_close_matches

import pyoxigraph as ox

from kg.sparql_errors import SparqlError, syntax_error, unknown_function
from kg.sparql_reader import Reading
from kg.sparql_rendering import joined
from kg.sparql_tokens import Token

_GAP = " " * 24
_POSITION = re.compile(r"error at 1:(\d+)")

# What Oxigraph says about a text whose grammar is right: (its words, ja, en, blames a token).
_MEANINGS: tuple[tuple[str, str, str, bool], ...] = (
    ("IRI parsing failed", "IRI として正しくありません", "this is not a valid absolute IRI", True),
    ("language tag parsing failed", "言語タグが正しくありません", "invalid language tag", True),
    (
        "The SELECT contains a variable that is unbound",
        "GROUP BY にも集約関数にもない変数が SELECT にあります",
        "SELECT names a variable that is neither grouped by nor aggregated",
        False,
    ),
    (
        "SELECT * is not authorized with GROUP BY",
        "GROUP BY と SELECT * は一緒に使えません",
        "SELECT * cannot be used with GROUP BY",
        False,
    ),
    (
        "Duplicated variable name in SELECT",
        "SELECT に同じ変数が二度あります",
        "SELECT names the same variable twice",
        False,
    ),
    (
        "BIND is overriding an existing variable",
        "BIND の変数がすでに使われています",
        "BIND assigns a variable that already has a value",
        False,
    ),
    (
        "An existing variable is overridden in the right side of LATERAL",
        "LATERAL の中で既存の変数に値を入れています",
        "a variable is assigned again inside LATERAL",
        False,
    ),
    (
        "Repeated variables are not allowed in VALUES",
        "VALUES に同じ変数が二度あります",
        "VALUES names the same variable twice",
        False,
    ),
    (
        "The VALUES clause rows should have exactly",
        "VALUES の行の値の数が変数の数と合いません（値がないときは UNDEF）",
        "a row of VALUES has not as many values as there are variables (UNDEF stands for none)",
        False,
    ),
    (
        "Already used blank node id",
        "同じ空白ノードのラベルが別のグループで使われています",
        "a blank node label is used in two groups",
        True,
    ),
    (
        "Reifiers are not allowed on property paths",
        "プロパティパスに注釈は付けられません",
        "a property path cannot be annotated",
        False,
    ),
    (
        "non negative integer",
        "LIMIT と OFFSET には 0 以上の整数を書いてください",
        "LIMIT and OFFSET take a whole number",
        False,
    ),
)


# Keywords and functions as the standard spells them, to tell a slip of the pen.
_WORDS = re.findall(
    r"\w+",
    """
    SELECT ASK CONSTRUCT DESCRIBE DISTINCT REDUCED WHERE FROM NAMED FILTER OPTIONAL UNION MINUS
    GRAPH BIND VALUES UNDEF EXISTS NOT IN AS GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET PREFIX
    BASE COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT SEPARATOR STR LANG LANGMATCHES DATATYPE BOUND
    IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN SUBSTR UCASE LCASE ENCODE_FOR_URI
    CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE
    TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI
    ISURI ISBLANK ISLITERAL ISNUMERIC REGEX REPLACE TRUE FALSE
""",
)


_WHOLE_IRI = (
    "IRI は http:// などから始まる全体を書くか、BASE を宣言してください。",
    "Write the whole IRI, from http:// or the like, or declare a BASE.",
)
# `?x<?a&&?b>?y` has an IRI in it (section 19.8: the longest terminal wins).
_COMPARED = re.compile(r"[?$&(),]")
_LESS_THAN = (
    "大小の比較なら、< と > の前後を空けてください。",
    "If this compares values, put spaces around < and >.",
)
_NEW_NAME = ("AS には新しい変数名を書いてください。", "AS takes the name of a new variable.")


def explain(error: SyntaxError, reading: Reading) -> SparqlError:
    """The mistake in the text whose rendering Oxigraph refused with `error`."""
    message, number = _locate(error, reading)
    for words, ja, en, has_place in _MEANINGS:
        if words in message:
            hint = _WHOLE_IRI if words.startswith("IRI") else None
            return _at(reading, number if has_place else None, ja, en, hint)
    at_end = number >= len(reading.tokens)
    if (at_end or reading.tokens[number].text == "}") and (twice := _assigned_twice(reading)):
        return twice
    return misplaced(reading, number)


def misplaced(reading: Reading, number: int) -> SparqlError:
    """That a token cannot stand where it does; past the last, that the text ends too early."""
    if number >= len(reading.tokens):
        return _at(reading, None, "問い合わせが途中で終わっています", "the query ends too early")
    token = reading.tokens[number]
    ja, en = f"ここに「{token.text}」は書けません", f"“{token.text}” cannot stand here"
    return _at(reading, number, ja, en, _hint(token))


def explain_failure(error: RuntimeError, reading: Reading) -> SparqlError | None:
    """The query's part in a refusal to run it, if it has any: a function that is not there."""
    if (iri := absent_function(error)) is None:
        return None
    name = f"<{iri}>"
    number = reading.pieces.index(name) if name in reading.pieces else None
    place = None if number is None else reading.source.place(reading.tokens[number].start)
    return unknown_function(iri, place)


def absent_function(error: RuntimeError) -> str | None:
    """The IRI of the function for want of which Oxigraph runs no query."""
    found = re.search(r"custom function <(.*)> is not supported", str(error))
    return found[1] if found else None


def _locate(error: SyntaxError, reading: Reading) -> tuple[str, int]:
    """Oxigraph's message, and the number of the token it stopped at (past the last: the end)."""
    apart = [
        wanted or not (token.kind == "LANGTAG" or _is_call(before, token))
        for wanted, before, token in zip(
            reading.apart(), [None, *reading.tokens], reading.tokens, strict=False
        )
    ]
    text, starts = joined(reading.pieces, apart, _GAP)
    text += _GAP
    try:
        _parse(text, is_update=reading.shape.form == "UPDATE")
    except SyntaxError as again:
        error = again
    message = str(error)
    found = _POSITION.match(message)
    offset = int(found[1]) - 1 if found else 0
    if offset >= len(text):
        return message, len(starts)
    number = max(0, bisect_right(starts, offset) - 1)
    # A name and its parenthesis stand together, so their positions cannot be told apart.
    while number and not apart[number]:
        number -= 1
    return message, number


def _assigned_twice(reading: Reading) -> SparqlError | None:
    """The AS whose variable has a value already: with a new name the query would be right.

    Oxigraph finds it only at the end of the group, and does not say which it is.
    """
    pieces = list(reading.pieces)
    for number in range(len(pieces) - 1, 0, -1):
        if not reading.tokens[number - 1].is_word("AS"):
            continue
        pieces[number] = "?shirube_another_name"
        try:
            _parse(joined(pieces, reading.apart())[0], is_update=reading.shape.form == "UPDATE")
        except (SyntaxError, RuntimeError):
            pieces[number] = reading.pieces[number]
            continue
        name = reading.tokens[number].text
        ja, en = f"「{name}」はすでに使われている変数です", f"“{name}” is already in use"
        return _at(reading, number, ja, en, _NEW_NAME)
    return None


def _is_call(before: Token | None, token: Token) -> bool:
    return token.text == "(" and before is not None and before.kind == "WORD"


def _parse(text: str, is_update: bool) -> None:
    empty = ox.Store()
    if is_update:
        empty.update(text)
    else:
        empty.query(text)


def _hint(token: Token) -> tuple[str, str] | None:
    if token.kind == "IRIREF":
        return _LESS_THAN if _COMPARED.search(token.text) else _WHOLE_IRI
    narrow = unicodedata.normalize("NFKC", token.text)
    if narrow != token.text and narrow.isascii():
        return (
            f"全角文字のようです。半角の「{narrow}」ではありませんか。",
            f"These are full-width characters: “{narrow}” is meant, perhaps.",
        )
    if token.kind != "WORD" or token.text.upper() in _WORDS:
        return None
    near = get_close_matches(token.text.upper(), _WORDS, n=1, cutoff=0.7)
    return (f"{near[0]} ではありませんか。", f"Did you mean {near[0]}?") if near else None


def _at(
    reading: Reading, number: int | None, ja: str, en: str, hint: tuple[str, str] | None = None
) -> SparqlError:
    if number is None:
        return syntax_error(ja, en, hint=hint)
    token = reading.tokens[min(number, len(reading.tokens) - 1)]
    return syntax_error(ja, en, reading.source.place(token.start), token.text, hint)
