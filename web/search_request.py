"""A question as readers send it, checked: text of an address, options, or values of JSON."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar, get_args

from kg.codes import GOALS
from kg.message import UserError
from search.facets import FACETS, SEARCH_TYPES, Facet, Facets
from search.understanding import FilterKind

HAS_KPI = ("true", "false")
MAX_QUESTION = 1000
MAX_LIMIT = 100
SUGGESTED = 8  # unless a limit is asked for
SIMILAR = 5  # likewise
MAX_TAG = 35  # characters; RFC 5646, section 4.4.1
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

_FILTERS: Mapping[Facet, tuple[str, str]] = {
    "type": ("種類", "type"),
    "policy": ("基本方針", "policy"),
    "goal": ("SDGs の目標", "SDG goal"),
    "has_kpi": ("KPI の有無", "choice of has_kpi"),
    "plan": ("計画", "plan"),
}


class RequestError(UserError):
    """A question that cannot be asked so; the message says what is allowed."""

    status = 400


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One question: `q` as sent, `question` cleaned (NFKC); an empty filter means all.

    `ignore` are keys of what was understood and the reader takes back. `cursor` is where an earlier
    answer said that its next page begins.
    """

    PARAMETERS: ClassVar = ("q", *FACETS, "ignore", "lang", "limit", "cursor")

    q: str
    question: str
    type: tuple[str, ...] = ()
    policy: tuple[str, ...] = ()
    goal: tuple[str, ...] = ()
    has_kpi: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    lang: str | None = None
    limit: int = 10
    cursor: str | None = None

    @classmethod
    def parse(
        cls,
        q: object = None,
        type: object = None,
        lang: object = None,
        limit: object = None,
        policy: object = None,
        goal: object = None,
        has_kpi: object = None,
        plan: object = None,
        ignore: object = None,
        cursor: object = None,
    ) -> "SearchRequest":
        """Check what a reader sent (text or JSON values); raises `RequestError`."""
        question = _question(q)
        return cls(
            q=str(q).encode("utf-8", "replace").decode("utf-8"),
            question=question,
            type=_choices("type", type, SEARCH_TYPES),
            policy=_choices("policy", policy),
            goal=_choices("goal", goal, GOALS),
            has_kpi=_choices("has_kpi", has_kpi, HAS_KPI),
            plan=_choices("plan", plan),
            ignore=_keys(ignore),
            lang=_language(lang),
            limit=_limit(limit),
            cursor=_cursor(cursor),
        )

    @property
    def filters(self) -> dict[Facet, tuple[str, ...]]:
        """The values chosen of each facet that is filtered by."""
        return {facet: values for facet in FACETS if (values := getattr(self, facet))}

    def parameters(self) -> dict[str, str | list[str]]:
        """The question, its filters and `ignore`, without a place, as an address has them."""
        given: dict[str, str | list[str]] = {"q": self.q}
        given.update((facet, list(values)) for facet, values in self.filters.items())
        return given | ({"ignore": list(self.ignore)} if self.ignore else {})

    def check(self, facets: Facets) -> None:
        """Raise `RequestError` where a policy or plan is asked for that is not here."""
        here: tuple[Facet, ...] = ("policy", "plan")
        for facet in here:
            for value in getattr(self, facet):
                if value not in (known := facets.values(facet)):
                    raise _unknown(facet, value, known)


def _question(given: object) -> str:
    text = unicodedata.normalize("NFKC", given) if isinstance(given, str) else ""
    # Control characters and lone surrogates are no part of a question and break encoders.
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)
    text = " ".join(text.split())
    if not text:
        raise RequestError(
            ja="質問 q が空です。知りたいことを書いてください(例: 若者の定着)。",
            en="The question q is empty. Say what you want to know, e.g. youth retention.",
        )
    if len(text) > MAX_QUESTION:
        raise RequestError(
            ja=f"質問 q は{MAX_QUESTION}文字までです({len(text)}文字ありました)。",
            en=f"The question q may have {MAX_QUESTION} characters; it has {len(text)}.",
        )
    return text


def _choices(
    facet: Facet, given: object, allowed: Collection[str] | None = None
) -> tuple[str, ...]:
    """Values of one facet by comma, as a list, or (of JSON) one number or truth value."""
    if given is None or given == "":
        return ()
    values = given.split(",") if isinstance(given, str) else given
    if not isinstance(values, list | tuple):
        values = [values]
    asked = [_text(value) for value in values]
    for value, text in zip(values, asked, strict=True):
        if text is None or (text and allowed is not None and text not in allowed):
            raise _unknown(facet, value, allowed or ())
    return tuple(dict.fromkeys(text for text in asked if text))


def _keys(given: object) -> tuple[str, ...]:
    """Keys of `search.understanding.Filter`: one, or a list; phrases may have commas."""
    keys = [] if given is None or given == "" else [given] if isinstance(given, str) else given
    kinds = get_args(FilterKind)
    if not isinstance(keys, list | tuple):
        keys = [keys]
    for key in keys:
        kind, _, value = key.partition(":") if isinstance(key, str) else ("", "", "")
        if kind not in kinds or not value:
            listed = ", ".join(kinds)
            raise RequestError(
                ja=f"ignore={key!r} は使えません。答えの understood にある key を、そのまま添えて"
                f"ください(種類: {listed}、例: type:kpi)。",
                en=f"{key!r} cannot be ignored. Send a `key` of the answer's `understood` "
                f"unchanged (kinds: {listed}; e.g. type:kpi).",
            )
    return tuple(dict.fromkeys(keys))


def _text(value: object) -> str | None:
    """A value as an address has it; None for what cannot be one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() if isinstance(value, str | int) else None


def _unknown(facet: Facet, value: object, allowed: Collection[str]) -> RequestError:
    ja, en = _FILTERS[facet]
    listed = ", ".join(allowed) or "text"
    return RequestError(
        ja=f"{ja} {facet}={value!r} は使えません。使えるのは {listed} です"
        "(コンマ区切りか繰り返しで複数可)。",
        en=f"The {en} {value!r} is unknown ({facet}). Allowed, one or several by comma or "
        f"repeated: {listed}.",
    )


def _language(given: object) -> str | None:
    if given is None or given == "":
        return None
    if isinstance(given, str) and len(given) <= MAX_TAG and LANGUAGE_TAG.fullmatch(given):
        return given.lower()  # as a store keeps tags
    raise RequestError(
        ja=f"言語 lang={given!r} は言語タグ(ja, en, zh-Hans など)ではありません。",
        en=f"The language {given!r} is not a language tag such as ja, en or zh-Hans.",
    )


def _limit(given: object) -> int:
    if given is None:
        return 10
    if isinstance(given, str) and re.fullmatch(r"[0-9]{1,6}", given):
        given = int(given)
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= MAX_LIMIT:
        return given
    raise RequestError(
        ja=f"件数 limit={given!r} は1から{MAX_LIMIT}までの整数にしてください。",
        en=f"The limit {given!r} must be a whole number from 1 to {MAX_LIMIT}.",
    )


def _cursor(given: object) -> str | None:
    if given is None or given == "":
        return None
    return given if isinstance(given, str) else repr(given)
