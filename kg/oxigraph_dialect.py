"""What Oxigraph gets where it reads SPARQL otherwise than the standard, or its readers, do.

It sorts the columns of SELECT * by name, and gives what GROUP_CONCAT joins their language, as
SPARQL 1.2 will have it (1.1, section 18.5.1.7: a simple literal).
"""

from collections.abc import Sequence
from dataclasses import replace

import pyoxigraph as ox

from kg.sparql_reader import Reading
from kg.sparql_rendering import joined


def in_order(reading: Reading) -> Reading:
    """A query, where it is a SELECT *, with its variables in the order in which they appear.

    The standard leaves it open; no reader of a table expects the alphabet's.
    """
    if (star := _star(reading)) is None:
        return reading
    try:
        found = ox.Store().query(joined(reading.pieces, reading.apart())[0])
    except (SyntaxError, RuntimeError):  # a mistake, a function that is not there
        return reading
    assert isinstance(found, ox.QuerySolutions)
    return _selecting(reading, star, [variable.value for variable in found.variables])


def plainly_joined(reading: Reading) -> Reading:
    """A query or update with every GROUP_CONCAT in a STR."""
    pieces = list(reading.pieces)
    is_ours: list[bool] = []  # of each parenthesis that is open: whether it is a GROUP_CONCAT's
    for number, token in enumerate(reading.tokens):
        if token.is_word("GROUP_CONCAT"):
            pieces[number] = f"STR({token.text}"
        elif token.text == "(" and token.kind == "PUNCTUATION":
            is_ours.append(number > 0 and reading.tokens[number - 1].is_word("GROUP_CONCAT"))
        elif token.text == ")" and token.kind == "PUNCTUATION" and is_ours.pop():
            pieces[number] = "))"
    return replace(reading, pieces=pieces) if pieces != reading.pieces else reading


def _star(reading: Reading) -> int | None:
    """The token that is the * of a SELECT *; None where its variables are named."""
    if reading.shape.form != "SELECT":
        return None
    tokens = reading.tokens
    after = next(n for n, token in enumerate(tokens, 1) if token.is_word("SELECT"))
    if after < len(tokens) and tokens[after].is_word("DISTINCT", "REDUCED"):
        after += 1
    return after if after < len(tokens) and tokens[after].text == "*" else None


def _selecting(reading: Reading, star: int, names: Sequence[str]) -> Reading:
    seen = dict.fromkeys(t.text[1:] for t in reading.tokens if t.kind == "VAR")
    if not names or not seen.keys() >= set(names):
        return reading
    pieces = list(reading.pieces)
    pieces[star] = " " + " ".join(f"?{name}" for name in seen if name in names) + " "
    return replace(reading, pieces=pieces)
