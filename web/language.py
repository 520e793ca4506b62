"""The page's language, the one its plan is read in, and links that keep the choice."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast
from urllib.parse import quote, urlencode

from flask import Flask, Response, g, request, url_for

from kg.message import Language
from web.texts import LANGUAGES, Texts

Reading: TypeAlias = Literal["ja", "ja-simple", "en"]
EASY: Reading = "ja-simple"
"""Easy Japanese: texts of the plan are reworded in it, those of the site are not."""
CHOICES: Mapping[Reading, str] = {"ja": "日本語", EASY: "やさしい日本語", "en": "English"}
"""What a reader may choose, by the name it has in itself."""


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


def chosen_language() -> Reading | None:
    """The choice the address makes (`?lang=ja`, `ja-simple` or `en`), None when it makes none."""
    asked = request.args.get("lang")
    return next((one for one in CHOICES if one == asked), None)


def reading_language() -> Reading:
    """What the plan's texts are read in: `?lang=`, else Accept-Language, else Japanese."""
    if "language" not in g:
        best = request.accept_languages.best_match(CHOICES, default="ja")
        g.language = chosen_language() or best
    return cast(Reading, g.language)


def page_language() -> Language:
    """The language of this answer's own texts: Japanese for easy Japanese too."""
    return "en" if reading_language() == "en" else "ja"


def choices(said: Collection[str]) -> dict[Reading, str]:
    """What there is to choose where the plans are said in the languages `said`."""
    return {one: name for one, name in CHOICES.items() if one in LANGUAGES or one in said}


def link(endpoint: str, **values: Any) -> str:
    """`url_for` that keeps the language the reader has chosen by address."""
    return url_for(endpoint, **{"lang": chosen_language(), **values})


def this_page(language: Reading | None) -> str:
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
            "reading": reading_language(),
            "EASY": EASY,
            "chosen_language": chosen_language(),
            "link": link,
            "this_page": this_page,
            "shown": shown,
        }

    @app.after_request
    def say_language(response: Response) -> Response:
        if "language" in g:  # the answer has asked for it
            response.vary.add("Accept-Language")
            response.headers["Content-Language"] = reading_language()
        return response
