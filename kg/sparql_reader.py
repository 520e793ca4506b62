"""One pass over the tokens of a query or update: its shape, its mistakes, and its rendering."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, TypeAlias, cast

from kg.prefixes import declaration
from kg.sparql_errors import SparqlError, syntax_error, too_deep, too_long
from kg.sparql_rendering import is_relative, render, resolve
from kg.sparql_tokens import Source, Token, tokenise, value

Form: TypeAlias = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "UPDATE"]

MAX_DEPTH = 100
# Without the rows of VALUES and the members of IN. Oxigraph's stack, at 8 MiB, bears 3,000.
MAX_TOKENS = 2_000
_SHORT = 8 * 1024  # characters: what is kept of more would weigh too much

_QUERY_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATE_FORMS = (
    "INSERT",
    "DELETE",
    "LOAD",
    "CLEAR",
    "DROP",
    "CREATE",
    "ADD",
    "MOVE",
    "COPY",
    "WITH",
)
_CLOSERS = {"{": "}", "(": ")", "[": "]", "<<": ">>", "<<(": ")>>", "{|": "|}"}


@dataclass(frozen=True, slots=True)
class QueryShape:
    """What a text is: its form, how deep it nests, how long it is, what it uses.

    `tokens` leaves out the rows of VALUES and the members of IN. `features` holds those of
    SERVICE, LOAD and FROM that occur. `prefixes` are the declared ones.
    """

    form: Form
    depth: int
    tokens: int
    features: frozenset[str]
    prefixes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as read: source, shape, tokens, and for each token its rendering for an engine.

    `base` is the IRI that its relative IRIs are read against, empty where it declares none.
    """

    source: Source
    shape: QueryShape
    tokens: list[Token]
    pieces: list[str]
    base: str = ""

    def iri(self, number: int) -> str | None:
        """The IRI that a token names, whole; None for a token of another kind."""
        token = self.tokens[number]
        if token.kind not in ("IRIREF", "PNAME"):
            return None
        return resolve(value(Token("IRIREF", self.pieces[number], 0, False)), self.base)

    def against(self, base: str) -> "Reading":
        """The same, told what its relative IRIs are relative to (RFC 3986, section 5.1.3)."""
        if not any(is_relative(piece) for piece in self.pieces):
            return self
        return replace(self, pieces=[f"BASE <{base}> {self.pieces[0]}", *self.pieces[1:]])

    def apart(self) -> list[bool]:
        """For each token, whether it is kept from the one before it.

        Oxigraph wants `CONCAT` or `ASC` joined to its parenthesis, which the standard does not.
        """
        return [
            token.kind != "LANGTAG"
            and not (token.text == "(" and before is not None and before.kind == "WORD")
            and (token.spaced or token.kind in ("STRING", "PNAME"))
            for before, token in zip([None, *self.tokens], self.tokens, strict=False)
        ]


def feature(token: Token) -> str | None:
    """SERVICE, LOAD or FROM, the first two also where they are only part of a word.

    Oxigraph takes `trueSERVICE` for two words, and no other keyword of SPARQL contains them.
    """
    if token.kind != "WORD":
        return None
    word = token.text.casefold()
    return next((name for name in ("SERVICE", "LOAD") if name.casefold() in word), None) or (
        "FROM" if word == "from" else None
    )


def read(text: str, empty: Form | None = None) -> Reading:
    """Read a query or update; `empty` is the form of a text that holds neither.

    Raises SparqlError: syntax (a stray character, an unmatched bracket, an undeclared prefix, no
    known form) or too_deep (nested or repeated past what the engine's stack bears).
    """
    return (_read_again if len(text) <= _SHORT else _read)(text, empty)


@lru_cache(maxsize=128)
def _read_again(text: str, empty: Form | None) -> Reading:
    """A query is read by each that has a say in it, in turn; nobody changes a reading."""
    return _read(text, empty)


def _read(text: str, empty: Form | None) -> Reading:
    return _Reader(Source(text), empty).reading()


class _Reader:
    def __init__(self, source: Source, empty: Form | None) -> None:
        self._source = source
        self._empty = empty
        self._tokens: list[Token] = []
        self._pieces: list[str] = []
        self._open: list[tuple[Token, bool]] = []  # brackets, and whether a plain list is in them
        self._list_opener = ""  # the bracket that would open VALUES' rows or IN's members
        self._prefixes: dict[str, str] = {}
        self._base = ""
        self._features: set[str] = set()
        self._depth = self._counted = 0
        self._form: Form | None = None
        self._in_prologue = True

    def reading(self) -> Reading:
        waiting = tokenise(self._source)
        for token in waiting:
            if self._in_prologue and token.is_word("PREFIX"):
                self._declare(token, waiting)
            else:
                self._take(token)
        if self._open:
            token = self._open[-1][0]
            ja, en = f"「{token.text}」が閉じられていません", f"“{token.text}” is never closed"
            raise self._wrong(token, ja, en)
        self._form = self._form or self._empty
        if self._form is None:
            raise SparqlError(
                "syntax",
                "問い合わせがありません。SELECT、ASK、CONSTRUCT、DESCRIBE のいずれかが必要です。",
                "There is no query here: it takes a SELECT, ASK, CONSTRUCT or DESCRIBE.",
            )
        features = frozenset(self._features)
        shape = QueryShape(self._form, self._depth, self._counted, features, self._prefixes)
        return Reading(self._source, shape, self._tokens, self._pieces, self._base)

    def _take(self, token: Token) -> None:
        if self._in_prologue:
            self._prologue(token)
        if found := feature(token):
            self._features.add(found)
        if token.kind == "PUNCTUATION":
            self._punctuation(token)
        elif token.is_word("VALUES", "IN"):
            self._list_opener = "{" if token.text.upper() == "VALUES" else "("
        if not (self._open and self._open[-1][1]):
            self._counted += 1
        if self._counted > MAX_TOKENS and self._form != "UPDATE":
            raise too_long(MAX_TOKENS)
        self._tokens.append(token)
        self._pieces.append(self._render(token))

    def _prologue(self, token: Token) -> None:
        """Find the form; BASE and VERSION go to the engine as they are."""
        before = self._tokens[-1] if self._tokens else None
        if before is not None and before.is_word("BASE") and token.kind == "IRIREF":
            self._base = resolve(self._iri(token), self._base)
        elif token.is_word(*_QUERY_FORMS, *_UPDATE_FORMS):
            self._in_prologue = False
            name = token.text.upper()
            self._form = cast(Form, name) if name in _QUERY_FORMS else "UPDATE"
        elif token.kind == "WORD" and not token.is_word("BASE", "VERSION"):
            raise self._wrong(
                token,
                f"「{token.text}」で始まる問い合わせはありません",
                f"no query starts with “{token.text}”",
                "SELECT、ASK、CONSTRUCT、DESCRIBE のいずれかで始めてください。",
                "Start with SELECT, ASK, CONSTRUCT or DESCRIBE.",
            )

    def _declare(self, keyword: Token, waiting: Iterator[Token]) -> None:
        label = next(waiting, None)
        iri = next(waiting, None)
        if label is None or label.kind != "PNAME" or label.text.find(":") < len(label.text) - 1:
            wrong = label or keyword
        elif iri is None or iri.kind != "IRIREF":
            wrong = iri or label
        else:
            self._prefixes[label.text[:-1]] = resolve(self._iri(iri), self._base)
            return
        raise self._wrong(
            wrong,
            f"PREFIX の宣言が「{wrong.text}」のところで崩れています",
            f"the PREFIX declaration goes wrong at “{wrong.text}”",
            f"例: {declaration('skos')}",
            f"Example: {declaration('skos')}",
        )

    def _punctuation(self, token: Token) -> None:
        if token.text in _CLOSERS:
            is_list = token.text == self._list_opener or bool(self._open and self._open[-1][1])
            self._open.append((token, is_list))
            if token.text == self._list_opener:
                self._list_opener = ""
            self._depth = max(self._depth, len(self._open))
            if self._depth > MAX_DEPTH:
                raise too_deep(MAX_DEPTH)
        elif token.text in _CLOSERS.values():
            if not self._open or _CLOSERS[self._open[-1][0].text] != token.text:
                ja = f"「{token.text}」に対応する開き括弧がありません"
                raise self._wrong(token, ja, f"“{token.text}” closes nothing that is open")
            self._open.pop()
        elif token.text == ";" and self._form == "UPDATE" and not self._open:
            self._in_prologue = True  # the next operation may declare prefixes of its own

    def _render(self, token: Token) -> str:
        try:
            return render(token, self._prefixes)
        except KeyError as missing:
            raise self._undeclared(token, str(missing.args[0])) from None
        except ValueError as error:
            raise self._escape_error(token, error) from None

    def _undeclared(self, token: Token, prefix: str) -> SparqlError:
        line = declaration(prefix)
        hint = f"先頭に次の行を加えてください: {line}", f"Add this line at the top: {line}"
        if prefix in ("http", "https", "urn"):
            hint = (
                "IRI は空白を含めずに < と > で囲んでください。",
                "Put an IRI between < and >, without spaces.",
            )
        ja = f"接頭辞「{prefix}:」が宣言されていません"
        return self._wrong(token, ja, f"the prefix “{prefix}:” is not declared", *hint)

    def _iri(self, token: Token) -> str:
        try:
            return value(token)
        except ValueError as error:
            raise self._escape_error(token, error) from None

    def _escape_error(self, token: Token, error: ValueError) -> SparqlError:
        return self._wrong(token, "文字のエスケープ（\\u…）が正しくありません", str(error))

    def _wrong(
        self, token: Token, ja: str, en: str, hint_ja: str = "", hint_en: str = ""
    ) -> SparqlError:
        place = self._source.place(token.start)
        return syntax_error(ja, en, place, token.text, (hint_ja, hint_en) if hint_ja else None)
