"""One exchange over HTTP with somebody else's SPARQL endpoint: credentials, time, size."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit, urlunsplit
from urllib.request import (
    HTTPBasicAuthHandler,
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    HTTPRedirectHandler,
    OpenerDirector,
    Request,
    build_opener,
)

from kg.http_deadline import Deadline

_CHUNK = 64 * 1024
_WORDS = 64 * 1024  # bytes of an error that are read


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are to an endpoint; never shown.

    `token` goes with every request as `Authorization: Bearer`. `user` and `password` answer a
    Basic or Digest challenge (RFC 7617, RFC 7616) of the endpoint's own address, and no other.
    """

    token: str | None = field(default=None, repr=False)
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


ANONYMOUS = Credentials()


class OversizeError(Exception):
    """The answer is larger than the caller takes."""


class CutShortError(Exception):
    """The connection ended before the answer did."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer, whole: its media type without parameters, its headers, its body."""

    media_type: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class EndpointClient:
    """Posts forms to one address.

    Raises ValueError for an address that is not http(s) or that has a password in it.
    """

    def __init__(self, url: str, credentials: Credentials = ANONYMOUS) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url} is not an http or https URL")
        if parts.username is not None or parts.password is not None:
            raise ValueError("a URL must not contain a user or password")
        self._url = _as_uri(url)
        self._credentials = credentials
        # What may be told to anybody: some services take a key in the query part.
        self.name = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))

    def post(
        self, form: list[tuple[str, str]], accept: str, deadline: float, max_bytes: int
    ) -> Answer:
        """Send a form and read the whole answer before `deadline` (of `time.monotonic`).

        Raises HTTPError for a status that is not 2xx, redirects included: a form and credentials
        go where they were meant to and nowhere else. TimeoutError, OversizeError, CutShortError;
        OSError, HTTPException and ValueError for what else goes wrong on the way.
        """
        request = Request(self._url, urlencode(form).encode(), {"Accept": accept})
        if self._credentials.token:
            request.add_header("Authorization", f"Bearer {self._credentials.token}")
        try:
            with Deadline(deadline) as limit:
                try:
                    opened = self._opener(limit).open(request, timeout=_left(deadline))
                except HTTPError as error:
                    raise _as_far_as_read(error) from None
                with opened as response:
                    body = _read(response, deadline, max_bytes)
                    return Answer(response.headers.get_content_type(), dict(response.headers), body)
        except HTTPError:
            raise
        except URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise error.reason from None
            raise

    def _opener(self, limit: Deadline) -> OpenerDirector:
        """One for each exchange: the standard library's count attempts within themselves."""
        handlers: list[Any] = [_NoRedirects(), *limit.handlers()]
        if self._credentials.user is not None:
            passwords = HTTPPasswordMgrWithDefaultRealm()
            passwords.add_password(
                None, self._url, self._credentials.user, self._credentials.password or ""
            )
            handlers += HTTPBasicAuthHandler(passwords), HTTPDigestAuthHandler(passwords)
        return build_opener(*handlers)


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _as_far_as_read(error: HTTPError) -> HTTPError:
    """The error with what its server says of it, read while there is time."""
    words = b""
    with error, suppress(HTTPException, OSError):
        words = error.read(_WORDS)
    return HTTPError(error.url, error.code, error.reason, error.headers, BytesIO(words))


def _read(response: HTTPResponse, deadline: float, max_bytes: int) -> bytes:
    body = bytearray()
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise OversizeError
        _left(deadline)
    _left(deadline)  # the end of a connection at the deadline is not the answer's
    expected = response.headers.get("Content-Length")
    if expected is not None and int(expected) != len(body):
        raise CutShortError(f"{len(body)} of {expected} bytes")
    return bytes(body)


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _as_uri(iri: str) -> str:
    """The address in ASCII (RFC 3987, section 3.1), which is what HTTP carries."""
    parts = urlsplit(iri)
    host = parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc
    safe = "%/:=&?~#+!$,;'@()*[]"
    return urlunsplit(
        (parts.scheme, host, quote(parts.path, safe), quote(parts.query, safe), parts.fragment)
    )
