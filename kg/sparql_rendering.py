"""Query tokens as an engine gets them: so written that no reading of them calls a SERVICE.

Oxigraph reads without a lexer: `SERVICE:x {}` is a SERVICE call to it, `trueSERVICE <x> {}` is one
too, and in `?a<?b#>"…` it starts a comment where the standard sees an IRI. On the text as it came
no lexer could promise that it calls nobody. So engines never see that text. They get a rendering:

- there are no comments, and prefixed names are written out as IRIs;
- strings have one form; inside strings and IRIs the word "service" (in any case) has an escape for
  its first letter;
- a relative IRI has an escape for its first letter, so that `<` is never "less than";
- keywords that contain the word are refused before (`kg.sparql_reader`).

What is left of the word stands right behind `?`, `$`, `_:` or `@`, in tokens that no rule of the
grammar lets end early, and that no string, comment or IRI can end within. So no parser, however
it reads, comes upon the keyword SERVICE. LOAD, in updates, is treated alike.
"""

import re
from collections.abc import Mapping

import pyoxigraph as ox

from kg.sparql_tokens import Token, value

_GUARDED = re.compile(r"(?=service|load)[sl]", re.IGNORECASE)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_IN_IRI = re.compile(r"[<>\"{}|^`\\\x00-\x20]")
_NOT_IN_STRING = re.compile(r"[\"\\\x00-\x1f]")
_LOCAL_ESCAPE = re.compile(r"\\(.)")


def render(token: Token, prefixes: Mapping[str, str]) -> str:
    """The token for an engine.

    Raises KeyError for a prefix that is not in `prefixes`, ValueError for an impossible escape.
    """
    if token.kind == "STRING":
        return '"' + _escaped(value(token), _NOT_IN_STRING) + '"'
    if token.kind == "IRIREF":
        return _iri(value(token))
    if token.kind == "PNAME":
        prefix, _, local = token.text.partition(":")
        return _iri(prefixes[prefix] + _LOCAL_ESCAPE.sub(r"\1", local))
    if token.is_word("TRUE", "FALSE"):
        return token.text.lower()  # the only keywords whose case some engines mind
    return token.text


def is_relative(piece: str) -> bool:
    """Whether a rendered token is an IRI that is relative to another."""
    return piece[:1] == "<" and piece[-1:] == ">" and not _ABSOLUTE.match(piece, 1)


def resolve(iri: str, base: str) -> str:
    """The IRI against the base (RFC 3986), as the engine does it; unchanged where that fails.

    The standard library's urljoin loses an empty fragment, so `PREFIX : <#>` would be wrong.
    """
    if not base or _ABSOLUTE.match(iri):
        return iri
    turtle = f"<{_escaped(iri, _NOT_IN_IRI)}> a <> ."
    try:
        quad = next(iter(ox.parse(turtle, format=ox.RdfFormat.TURTLE, base_iri=base)))
    except (SyntaxError, ValueError):
        return iri
    return str(getattr(quad.subject, "value", iri))


def joined(pieces: list[str], apart: list[bool], gap: str = " ") -> tuple[str, list[int]]:
    """The pieces as one text, a gap before those that stand apart, and where each begins."""
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for piece, is_apart in zip(pieces, apart, strict=True):
        space = gap if is_apart else ""
        starts.append(length + len(space))
        length += len(space) + len(piece)
        parts += space, piece
    return "".join(parts), starts


def _iri(iri: str) -> str:
    """Between angle brackets; a relative one so that no reading takes the first for "less than"."""
    escaped = _escaped(iri, _NOT_IN_IRI)
    if iri and not _ABSOLUTE.match(iri) and not escaped.startswith("\\"):
        escaped = f"\\u{ord(iri[0]):04X}{escaped[1:]}"
    return f"<{escaped}>"


def _escaped(text: str, unwanted: re.Pattern[str]) -> str:
    return _GUARDED.sub(_escape, unwanted.sub(_escape, text))


def _escape(character: re.Match[str]) -> str:
    return f"\\u{ord(character[0]):04X}"
