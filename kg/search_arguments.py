"""What a search in SPARQL is asked for: constants, each checked where it stands."""

import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal, TypeAlias, cast, get_args

from kg.iris import CLASSES
from kg.plan import ThingType
from kg.prefixes import PREFIXES
from kg.sparql_errors import SparqlError, syntax_error
from kg.sparql_groups import Span
from kg.sparql_reader import Reading
from kg.sparql_tokens import value

SEARCH = PREFIXES["shirube"] + "search"
DEFAULT_LIMIT = 10
MAX_LIMIT = 100
MAX_TEXT = 1_000  # characters
TYPES: tuple[ThingType, ...] = get_args(ThingType)
# What a search can be narrowed by, as `?thing shirube:search ("…" "policy:2")` names it.
Narrowing: TypeAlias = Literal["policy", "sdg", "plan"]
NARROWINGS: tuple[Narrowing, ...] = get_args(Narrowing)
_NARROWED: dict[Narrowing, tuple[str, str]] = {
    "policy": ("基本方針", "policy"),
    "sdg": ("SDGs の目標", "SDG goal"),
    "plan": ("計画", "plan"),
}
# Tells which values an option may have here.
Allowed: TypeAlias = Callable[[Literal["lang"] | Narrowing], Collection[str]]
_EXAMPLE = '?thing shirube:search ("子どもの貧困" 10 "lang:ja" "type:measure")'
_CONSTANTS = (
    f"検索は問い合わせより先に行われるので、変数は使えません。例: {_EXAMPLE}",
    f"The search runs before the query, so it takes no variables. Example: {_EXAMPLE}",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One search: `text` in any language, at most `limit` things, of `types` (none: all).

    `narrowed` names policies (codes), SDG goals (numbers) and plans (ids) that things belong to;
    none of a kind: all. `language` is that of the labels to answer with; None leaves it to what
    matched. `labelled` is False where no labels are wanted.
    """

    text: str
    limit: int = DEFAULT_LIMIT
    language: str | None = None
    types: tuple[ThingType, ...] = ()
    narrowed: tuple[tuple[Narrowing, str], ...] = ()
    labelled: bool = True

    def values(self, by: Narrowing) -> tuple[str, ...]:
        """The policies, goals or plans asked for."""
        return tuple(value for one, value in self.narrowed if one == by)


class Arguments:
    """Reads the terms of one call, one after another, into an `Asked`.

    Each method raises SparqlError (syntax), with its place and what is allowed there, for a term
    that does not fit or that says again what has been said.
    """

    def __init__(self, reading: Reading, allowed: Allowed) -> None:
        self._reading = reading
        self._allowed = allowed
        self._given: set[str] = set()
        self.asked = Asked("")

    def text(self, term: Span) -> None:
        """The text to search for."""
        text = unicodedata.normalize("NFKC", self._string(term)).strip()
        if not any(character.isalnum() for character in text):
            raise self.wrong(term, "検索する文が空です", "there is no text to search for")
        if len(text) > MAX_TEXT:
            raise self.wrong(
                term,
                f"検索する文は {MAX_TEXT:,} 文字までです（{len(text):,} 文字ありました）",
                f"the text to search for may have {MAX_TEXT:,} characters; it has {len(text):,}",
            )
        self._once(term, "text")
        self.asked = replace(self.asked, text=text)

    def limit(self, term: Span) -> None:
        """The most things to find."""
        written = self._written(term)
        if not (written.isascii() and written.isdigit() and 1 <= int(written[:9]) <= MAX_LIMIT):
            raise self.wrong(
                term,
                f"件数は 1 から {MAX_LIMIT} までの整数にしてください",
                f"the number of things must be a whole number from 1 to {MAX_LIMIT}",
            )
        self._once(term, "limit")
        self.asked = replace(self.asked, limit=int(written))

    def language(self, term: Span, prefix: str = "") -> None:
        """The language of the labels to answer with."""
        tag = self._string(term).removeprefix(prefix).strip().lower()
        allowed = sorted(self._allowed("lang"))
        if tag not in allowed:
            listed = ", ".join(allowed)
            raise self.wrong(
                term,
                f"言語「{tag}」の名前はありません。使えるのは {listed} です",
                f"nothing has labels in the language “{tag}”; there are {listed}",
            )
        self._once(term, "language")
        self.asked = replace(self.asked, language=tag)

    def types(self, term: Span, prefix: str = "") -> None:
        """One type, several by comma, or a class of the vocabulary; adds to those before."""
        iri = self._reading.iri(term[0]) if term[1] - term[0] == 1 else None
        if iri is not None:
            of_class = {one: name for name, one in CLASSES.items()}
            names = [of_class.get(iri, self._written(term))]
        else:
            names = [n.strip() for n in self._string(term).removeprefix(prefix).split(",")]
        for name in names:
            if name not in TYPES:
                near = get_close_matches(name.casefold(), TYPES, n=1)
                raise self.wrong(
                    term,
                    f"種類「{name}」はありません。使えるのは {', '.join(TYPES)} です",
                    f"there is no type “{name}”; there are {', '.join(TYPES)}",
                    (f"{near[0]} ではありませんか。", f"Did you mean {near[0]}?") if near else None,
                )
        types = dict.fromkeys([*self.asked.types, *cast(list[ThingType], names)])
        self.asked = replace(self.asked, types=tuple(types))

    def option(self, term: Span) -> None:
        """What may follow the text: a number, or a string that begins with its name."""
        token = self._reading.tokens[term[0]]
        if token.kind == "NUMBER" or token.text in ("+", "-"):
            return self.limit(term)
        text = self._string(term)
        name, colon, _ = text.partition(":")
        if colon and name in NARROWINGS:
            return self.narrowed(name, term, f"{name}:")
        for prefix, read in (("lang:", self.language), ("type:", self.types)):
            if text.startswith(prefix):
                return read(term, prefix)
        listed = ", ".join(f"{one}:" for one in ("lang", "type", *NARROWINGS))
        raise self.wrong(
            term,
            f"「{text}」という指定はありません。使えるのは件数（1〜{MAX_LIMIT}）と {listed} です",
            f"there is no option “{text}”; there are a number from 1 to {MAX_LIMIT} and {listed}",
            (f"例: {_EXAMPLE}", f"Example: {_EXAMPLE}"),
        )

    def narrowed(self, by: Narrowing, term: Span, prefix: str = "") -> None:
        """One policy, goal or plan, several by comma; adds to those before."""
        token = self._reading.tokens[term[0]]
        is_number = token.kind == "NUMBER" and term[1] - term[0] == 1
        text = token.text if is_number else self._string(term).removeprefix(prefix)
        values = [one.strip() for one in unicodedata.normalize("NFKC", text).split(",")]
        allowed = self._allowed(by)
        ja, en = _NARROWED[by]
        for one in values:
            if one not in allowed:
                listed = ", ".join(allowed)
                raise self.wrong(
                    term,
                    f"{ja}「{one}」はありません。使えるのは {listed} です",
                    f"there is no {en} “{one}”; there are {listed}",
                )
        narrowed = dict.fromkeys([*self.asked.narrowed, *((by, one) for one in values)])
        self.asked = replace(self.asked, narrowed=tuple(narrowed))

    def wrong(
        self, term: Span, ja: str, en: str, hint: tuple[str, str] | None = None
    ) -> SparqlError:
        """A mistake in a term, at its place."""
        place = self._reading.source.place(self._reading.tokens[term[0]].start)
        return syntax_error(ja, en, place, self._written(term), hint)

    def _once(self, term: Span, name: str) -> None:
        if name in self._given:
            written = self._written(term)
            raise self.wrong(
                term,
                f"「{written}」は二度目の指定です",
                f"“{written}” says a second time what to do",
            )
        self._given.add(name)

    def _string(self, term: Span) -> str:
        token = self._reading.tokens[term[0]]
        if token.kind == "VAR":
            ja, en = (
                "shirube:search の引数は定数です",
                "the arguments of shirube:search are constants",
            )
            raise self.wrong(term, ja, en, _CONSTANTS)
        if token.kind != "STRING" or term[1] - term[0] != 1:
            ja, en = (
                "ここには引用符で囲んだ文字列を書きます",
                "a plain string in quotes belongs here",
            )
            hint = (
                '言語タグや型は付けません。名前の言語は "lang:ja" のように選びます。',
                'It has no language tag or datatype: "lang:ja" chooses the language of labels.',
            )
            raise self.wrong(term, ja, en, hint if token.kind == "STRING" else None)
        return value(token)

    def _written(self, term: Span) -> str:
        return "".join(token.text for token in self._reading.tokens[slice(*term)])
