"""ORDER BY for an engine that cannot sort numbers among texts.

Oxigraph compares two numbers by value, and a number with a text by their letters: 2 < 10, 10 < "1x"
and "1x" < 2. Where its sort comes upon such a circle, the whole process ends. The standard leaves
the order of texts and numbers open (SPARQL 1.1, section 15.1).
"""

from collections.abc import Iterator

from kg.sparql_reader import Reading, read

_TEXT = "<http://www.w3.org/2001/XMLSchema#string>"
# Numbers after all else; texts in all languages together, other literals by their datatypes.
_KEYS = (
    "ISNUMERIC({0})",
    f'IF(ISNUMERIC({{0}}) || LANG({{0}}) != "", {_TEXT}, DATATYPE({{0}}))',
)


def sorted_apart(text: str) -> str | None:
    """A proper query with the kinds of literals sorted apart; None where it sorts nothing."""
    reading = read(text)
    source, done, parts = reading.source.text, 0, list[str]()
    for first, stop in _conditions(reading):
        start, end = _start(reading, first), _end(reading, stop - 1)
        direction = reading.tokens[first]
        key, order = source[start:end], "ASC"
        if direction.is_word("ASC", "DESC"):
            key, order = source[_start(reading, first + 1) : end], direction.text
        parts += source[done:start], *(f"{order}({one.format(key)}) " for one in _KEYS)
        done = start
    return "".join([*parts, source[done:]]) if parts else None


def _conditions(reading: Reading) -> Iterator[tuple[int, int]]:
    """Of each condition of each ORDER BY: its first token, and the one after its last."""
    tokens, number = reading.tokens, 0
    while number < len(tokens):
        is_order = tokens[number].is_word("ORDER")
        number += 2 if is_order else 1
        while is_order and (stop := _condition(reading, number)) is not None:
            yield number, stop
            number = stop


def _condition(reading: Reading, first: int) -> int | None:
    """The token after a condition; None where there is none: a variable, or what has brackets."""
    tokens = reading.tokens
    if first < len(tokens) and tokens[first].kind == "VAR":
        return first + 1
    opening = first if first < len(tokens) and tokens[first].text == "(" else first + 1
    if opening >= len(tokens) or tokens[opening].text != "(":
        return None
    depth = 0
    for number in range(opening, len(tokens)):
        if tokens[number].kind == "PUNCTUATION":
            depth += (tokens[number].text == "(") - (tokens[number].text == ")")
        if depth == 0:
            return number + 1
    return None


def _start(reading: Reading, number: int) -> int:
    return reading.tokens[number].start


def _end(reading: Reading, number: int) -> int:
    return reading.tokens[number].start + len(reading.tokens[number].text)
