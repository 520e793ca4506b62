"""Which representation a request wants, by its Accept header (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence
from functools import lru_cache

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

_SHORT = 256  # characters: what is kept of more would weigh too much


def choose(accept: str | None, offered: Sequence[str]) -> str | None:
    """The best of `offered` (media types, the server's favourite first); None if none will do.

    The most specific range decides how much a type is wanted, so `text/html;q=0, */*` excludes
    HTML; between equally wanted types the order of `offered` decides. No header, or an empty one,
    accepts everything. Parameters of a range other than q are ignored.
    """
    if not accept or not accept.strip():
        return offered[0] if offered else None
    return (_choose_again if len(accept) <= _SHORT else _choose)(accept, tuple(offered))


def _choose(accept: str, offered: tuple[str, ...]) -> str | None:
    ranges = parse_accept_header(accept, MIMEAccept)
    wanted = {media_type: _quality(media_type, ranges) for media_type in offered}
    best = max(offered, key=lambda media_type: wanted[media_type], default=None)
    return best if best is not None and wanted[best] > 0 else None


_choose_again = lru_cache(maxsize=256)(_choose)  # programs send the same few


def _quality(media_type: str, ranges: MIMEAccept) -> float:
    kind = media_type.split("/", 1)[0]
    precedence = {media_type: 3, f"{kind}/*": 2, "*/*": 1}
    found, quality = 0, 0.0
    for value, q in ranges:
        rank = precedence.get(value.split(";", 1)[0].strip().lower(), 0)
        if rank > found:
            found, quality = rank, q
    return quality
