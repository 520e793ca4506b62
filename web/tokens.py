"""Who may write: bearer tokens (RFC 6750), each with the name that the audit log gets."""

import hmac
import re
from collections.abc import Mapping

from kg.message import UserError

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750's b64token: no colon, no comma
_ANONYMOUS = "writer"


class TokenError(UserError):
    """Tokens that are not written as they should be; the message never shows one."""


class Tokens:
    """The tokens there are, `names` by token; none means that nobody writes."""

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self._names = {token.encode(): name for token, name in (names or {}).items()}

    def __bool__(self) -> bool:
        return bool(self._names)

    @classmethod
    def parse(cls, text: str, source: str) -> "Tokens":
        """Read `name:token`, or a bare token, separated by commas or lines; `#` starts a comment.

        Raises TokenError naming `source` and the place in it.
        """
        names: dict[str, str] = {}
        lines = [line.partition("#")[0] for line in text.splitlines()]
        parts = [part.strip() for line in lines for part in line.split(",")]
        for number, part in enumerate(filter(None, parts), start=1):
            name, colon, token = part.rpartition(":")
            if (colon and not name.strip()) or not _TOKEN.fullmatch(token.strip()):
                raise TokenError(
                    f"{source} の {number} 番目は「名前:トークン」の形ではありません"
                    "（トークンに使えるのは英数字と - . _ ~ + / で、末尾に = が付けられます）。",
                    f"{source}: number {number} is not name:token (a token has letters, digits and "
                    "- . _ ~ + /, with = at its end).",
                )
            if token.strip() in names:
                raise TokenError(
                    f"{source} の {number} 番目のトークンは、ほかの名前と同じです。",
                    f"{source}: token number {number} is another name's too.",
                )
            names[token.strip()] = name.strip() or _ANONYMOUS
        return cls(names)

    def holder(self, authorization: str | None) -> str | None:
        """Whose token an Authorization header carries; None where it carries none of ours.

        Every token is compared, and each in constant time, so that how long it takes tells nothing.
        """
        scheme, _, given = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        holder = None
        for token, name in self._names.items():
            if hmac.compare_digest(token, given.strip().encode("utf-8", "replace")):
                holder = name
        return holder


NO_TOKENS = Tokens()
