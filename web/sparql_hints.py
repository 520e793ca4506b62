"""Hints to a query's author, beside an answer that stays as the standards have it.

For programs they go into the header `Shirube-Hint`, a list of structured fields (RFC 9651): each
the kind of a hint, with line, column, token and text in the reader's language.
"""

import logging
from collections.abc import Sequence

from kg import empty_results
from kg.empty_results import is_empty, why_empty
from kg.message import Language
from kg.sparql_hints import MAX_HINTS, Hint, unknown_terms
from kg.sparql_reader import read
from kg.store import Dataset, Result, Store

HINT_HEADER = "Shirube-Hint"
_MAX_HEADER = 4_000  # bytes; servers and proxies refuse more than 8 KiB of headers

logger = logging.getLogger(__name__)


def hints_on(
    store: Store, text: str, dataset: Dataset, result: Result, seconds: float
) -> list[Hint]:
    """What to say of an answered query; `seconds` is how long its answer took.

    Of any query, which terms its vocabularies do not have; of one without a result, what matched
    nothing, unless it was slow: its parts would be, too. Never raises, the answer is there.
    """
    try:
        hints = unknown_terms(read(text))
        if seconds < empty_results.BUDGET and is_empty(result):
            hints += why_empty(store, text, dataset, empty_results.BUDGET)
        return hints[:MAX_HINTS]
    except Exception:
        logger.exception("no hints on %r", text)
        return []


def header_of(hints: Sequence[Hint], language: Language) -> str:
    """The value of the header, as many hints as it has room for."""
    fields: list[str] = []
    for hint in hints:
        field = (
            f"{hint.kind};line={hint.line};column={hint.column}"
            f";token={_display_string(hint.token)};text={_display_string(hint.text(language))}"
        )
        if sum(map(len, fields)) + len(field) <= _MAX_HEADER:
            fields.append(field)
    return ", ".join(fields)


def _display_string(text: str) -> str:
    """A string of any characters in ASCII (RFC 9651, section 4.1.11)."""
    encoded = "".join(
        chr(byte) if 0x20 <= byte <= 0x7E and byte not in b'%"' else f"%{byte:02x}"
        for byte in text.encode("utf-8", "replace")
    )
    return f'%"{encoded}"'
