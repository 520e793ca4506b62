"""Who asks, and how often one may: by the address that a request comes from."""

import ipaddress
import time
from functools import lru_cache

from flask import Flask, Response, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from kg.message import Language, UserError
from kg.turns import CLIENT
from web.language import page_language
from web.problem import problem
from web.texts import Texts

_LIMITED = ("/sparql", "/api/", "/graph-store", "/shacl")
_UNITS_JA = {
    "second": "秒",
    "minute": "分",
    "hour": "時間",
    "day": "日",
    "month": "か月",
    "year": "年",
}
_PREFIX = 64  # bits of an IPv6 address that name a client, who has all the rest


class RateLimitError(UserError):
    """A rate limit that is not written as it should be."""


def rate_limit(text: str, source: str) -> RateLimitItem:
    """Read `600 per minute` or `10/second`; RateLimitError, naming `source`, for anything else."""
    try:
        return parse(text)
    except ValueError:
        raise RateLimitError(
            f"{source}={text!r} は「600 per minute」「10 per second」のように書いてください。",
            f"{source}={text!r}: write it like “600 per minute” or “10 per second”.",
        ) from None


def install(app: Flask, limit: RateLimitItem | None) -> None:
    """Tell clients apart, and refuse those past `limit` (429) where there is one.

    Only programs' addresses are limited: pages are cheap, and a reader follows links quickly.
    """
    limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
    texts = Texts()

    @app.before_request
    def keep_to_the_limit() -> Response | None:
        client = client_of(request.remote_addr)
        CLIENT.set(client)
        is_limited = f"{request.path}/".startswith(_LIMITED) and request.method != "OPTIONS"
        if limit is None or not is_limited or limiter.hit(limit, client):
            return None
        title, detail = (
            texts.text(f"error.429.{part}", page_language(), limit=in_words(limit, page_language()))
            for part in ("title", "text")
        )
        response = problem(429, title, detail, members={"limit": str(limit)})
        wait = limiter.get_window_stats(limit, client).reset_time - time.time()
        response.headers["Retry-After"] = str(max(1, round(wait + 0.5)))
        return response


def in_words(limit: RateLimitItem, language: Language) -> str:
    """A rate limit as a sentence has it: `600 per minute`, `10 分に 600 回`."""
    unit, count = limit.GRANULARITY.name, limit.multiples
    if language == "ja":
        return f"{count} {_UNITS_JA[unit]}に {limit.amount:,} 回"
    return f"{limit.amount:,} per {unit if count == 1 else f'{count} {unit}s'}"


@lru_cache(maxsize=256)
def client_of(address: str | None) -> str:
    """What tells one client from another: an IPv4 address, or the network of an IPv6 one."""
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, _PREFIX), strict=False))
