"""Where the next page of hits begins, as a text that only means something to us.

A cursor holds a place and a check over the question it belongs to, keyed by the index: it cannot
be carried to another question, other filters or another index, nor made up.
"""

import base64
import binascii
import json
from hashlib import blake2b

from web.search_request import RequestError, SearchRequest

_CHECK = 9  # bytes, so that with the other two parts the text needs no padding
_PLACE = 3
_INDEX = 6


class CursorError(RequestError):
    """A cursor that was not given out for this question."""


class ExpiredCursorError(RequestError):
    """A cursor of an index that has been replaced since."""

    status = 410


def cursor_at(place: int, request: SearchRequest, index: str) -> str:
    """The cursor for the hits from `place` on; `index` names what the hits were found in."""
    where = place.to_bytes(_PLACE, "big")
    data = _name(index) + where + _check(where, request, index)
    return base64.urlsafe_b64encode(data).decode("ascii")


def place_of(request: SearchRequest, index: str) -> int:
    """The place that the request's cursor names; 0 without one.

    Raises ExpiredCursorError where the index is another now, CursorError on any other mismatch.
    """
    if request.cursor is None:
        return 0
    try:
        data = base64.b64decode(request.cursor, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        data = b""
    name, where, check = data[:_INDEX], data[_INDEX:-_CHECK], data[-_CHECK:]
    if len(data) == _INDEX + _PLACE + _CHECK and name != _name(index):
        raise ExpiredCursorError(
            ja="続きの位置 cursor は、データが新しくなったため使えません。"
            "cursor なしで、もう一度さがしてください。",
            en="The cursor is of data that has been replaced since. Search again without cursor.",
        )
    if len(where) != _PLACE or check != _check(where, request, index):
        raise CursorError(
            ja="続きの位置 cursor が、この質問としぼりこみのものではありません。答えの next を、"
            "同じ質問としぼりこみにそのまま添えるか、cursor なしでさがしてください。",
            en="The cursor is not of this question with these filters. Send the `next` of an "
            "answer unchanged with the same question and filters, or leave it out.",
        )
    return int.from_bytes(where, "big")


def _name(index: str) -> bytes:
    return blake2b(index.encode(), digest_size=_INDEX).digest()


def _check(where: bytes, request: SearchRequest, index: str) -> bytes:
    asked = json.dumps(request.parameters() | {"q": request.question}, sort_keys=True).encode()
    key = blake2b(index.encode(), digest_size=32).digest()
    return blake2b(where + asked, key=key, digest_size=_CHECK).digest()
