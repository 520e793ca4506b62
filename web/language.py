"""The page's language, and links that keep the choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlencode

from flask import Flask, Response, g, request, url_for

from kg.message import Language
from web.texts import LANGUAGES, Texts


@dataclass(frozen=True, slots=True)
class Tagged:
    """A text and the language tag it is in, for the `lang` attribute."""

    text: str
    language: str


def shown(texts: Mapping[str, str], language: str) -> Tagged:
    """A text in `language`, else in Japanese (the plan's language), else English, else any.

    Raises `KeyError` when there is no text at all.
    """
    for tag in (language, *LANGUAGES, *texts):
        if texts.get(tag):
            return Tagged(texts[tag], tag)
    raise KeyError("no text in any language")


def chosen_language() -> Language | None:
    """The language the address asks for (`?lang=ja` or `en`), None when it asks for none."""
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else None


def page_language() -> Language:
    """The language of this answer: `?lang=`, else Accept-Language, else Japanese."""
    if "language" not in g:
        best = request.accept_languages.best_match(LANGUAGES, default="ja")
        g.language = chosen_language() or best
    return cast(Language, g.language)


def link(endpoint: str, **values: Any) -> str:
    """`url_for` that keeps the language the reader has chosen by address."""
    return url_for(endpoint, **{"lang": chosen_language(), **values})


def this_page(language: Language | None) -> str:
    """The address of the page being shown, in `language` (None: without a choice)."""
    pairs = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    if language:
        pairs.append(("lang", language))
    # Quoted, or a backslash in it would make browsers read the link as one to another host.
    path = quote(request.script_root + request.path)
    return f"{path}?{urlencode(pairs)}" if pairs else path


def install(app: Flask) -> None:
    """Give templates `t`, `lang`, `link`, `this_page`, `shown`, and answers their language."""
    texts = Texts()

    def t(key: str, **values: object) -> str:
        return texts.text(key, page_language(), **values)

    @app.context_processor
    def for_templates() -> dict[str, object]:
        return {
            "t": t,
            "lang": page_language(),
            "languages": LANGUAGES,
            "chosen_language": chosen_language(),
            "link": link,
            "this_page": this_page,
            "shown": shown,
        }

    @app.after_request
    def say_language(response: Response) -> Response:
        if "language" in g:  # the answer has asked for it
            response.vary.add("Accept-Language")
            response.headers["Content-Language"] = page_language()
        return response
