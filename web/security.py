"""What keeps a page to itself: nothing is loaded from, sent to, or named after another host."""

from flask import Flask, Response, abort, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

_OTHERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)


def install(app: Flask) -> None:
    """Send the headers with every answer; a view may set its own content policy.

    A Host header that names no host is refused (RFC 9112, section 3.2): the addresses in our
    descriptions are made of it.
    """

    @app.before_request
    def know_the_host() -> None:
        if not request.host:
            abort(400)

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        if response.status_code == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="shirube"'
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.extend(_OTHERS)
        return response
