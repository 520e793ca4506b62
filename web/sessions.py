"""Who has signed in on the site with a token: kept in memory, so that a restart ends it."""

import hmac
import secrets
import threading
import time
from dataclasses import dataclass

from flask import Response, request

COOKIE = "shirube_session"
LASTING = 8 * 60 * 60.0  # seconds after the last request: a working day
_MOST = 1_000


@dataclass(slots=True)
class Session:
    """Somebody who has signed in; `form_key` must come back with every form (against CSRF)."""

    id: str
    name: str
    form_key: str
    used: float


class Sessions:
    """The sessions of one application; safe to share between threads."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def sign_in(self, name: str) -> Session:
        """A new session; the oldest ends where there are too many."""
        session = Session(
            secrets.token_urlsafe(32), name, secrets.token_urlsafe(24), time.monotonic()
        )
        with self._lock:
            self._drop_old()
            while len(self._sessions) >= _MOST:
                del self._sessions[min(self._sessions.values(), key=lambda one: one.used).id]
            self._sessions[session.id] = session
        return session

    def sign_out(self, session: Session) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(session.id, None)

    def current(self) -> Session | None:
        """The session of the request's cookie, if it still lasts."""
        with self._lock:
            self._drop_old()
            session = self._sessions.get(request.cookies.get(COOKIE, ""))
            if session is not None:
                session.used = time.monotonic()
            return session

    def _drop_old(self) -> None:
        oldest = time.monotonic() - LASTING
        for id in [id for id, session in self._sessions.items() if session.used < oldest]:
            del self._sessions[id]


def set_cookie(response: Response, session: Session | None, path: str) -> None:
    """Give the browser its session, or take it away; no script sees it, no other site sends it."""
    response.set_cookie(
        COOKIE,
        session.id if session else "",
        max_age=None if session else 0,
        path=path,
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )


def is_own_form(session: Session) -> bool:
    """Whether the form that was sent is one that we gave this session."""
    given = request.form.get("form_key", "").encode("utf-8", "replace")
    return hmac.compare_digest(given, session.form_key.encode())


def comes_from_elsewhere() -> bool:
    """Whether a browser says that the form stood on another site."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    return site == "cross-site" or (
        origin is not None and origin.partition("://")[2] != request.host
    )
