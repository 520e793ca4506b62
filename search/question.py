"""A question as it is typed, made safe and reduced to what it asks about."""

import unicodedata
from dataclasses import dataclass

from search.analysis import Token, analyse
from search.marking import merged

MAX_LENGTH = 1_000  # characters; the rest of a longer question is not read


@dataclass(frozen=True, slots=True)
class Question:
    """`text` is the question cleaned and cut; `core` runs from its first telling word to its last.

    "which measures address youth retention" has the core "youth retention"; a question of
    nothing but question words has an empty core.
    """

    text: str
    core: str
    tokens: tuple[Token, ...]

    @property
    def telling(self) -> str:
        """Its telling words alone: of a language whose stop words are known, better than `core`."""
        words = merged((t.start, t.end) for t in self.tokens if t.kind == "word")
        return " ".join(self.text[start:end] for start, end in words)


def read_question(typed: str) -> Question:
    """Read any string: control characters and lone surrogates become spaces, nothing raises."""
    text = clean(typed)
    tokens = analyse(text)
    core = text[tokens[0].start : max(token.end for token in tokens)] if tokens else ""
    return Question(text, core, tokens)


def clean(typed: str) -> str:
    """A question's first `MAX_LENGTH` characters with single spaces, and none that break things."""
    return " ".join("".join(map(_safe, typed[:MAX_LENGTH])).split())


def plain_digits(text: str) -> str:
    """A text with ASCII's digits for those of any script, one character for one."""
    return "".join(map(_digit, text))


def _digit(character: str) -> str:
    if character.isascii():
        return character
    value = unicodedata.digit(character, None)
    return character if value is None else str(value)


def _safe(character: str) -> str:
    # Cc control, Cs surrogate, Co private use, Cn unassigned; Cf (zero-width joiner) stays.
    return " " if unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") else character
