"""What a user may choose: the only file that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from kg.message import Language, UserError
from ontology import BUNDLED_PLAN
from search.prompts import Prompts
from web.endpoint import endpoint_of
from web.thresholds import USUAL_THRESHOLDS, Thresholds
from web.tokens import NO_TOKENS, Tokens

if TYPE_CHECKING:
    from kg.remote import Endpoint


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may choose; each field has an environment variable `SHIRUBE_<FIELD>`.

    `plans` are plan folders, `model` a folder or hub name (None: the bundled encoder),
    `prompts` what is put before its texts (None: what it asks for), `network` lets a model come
    from a hub, `query_seconds` limits one SPARQL query. `endpoint` is another SPARQL endpoint,
    which then answers queries in place of the live graph. Those who hold one of `write_tokens`
    (also in a file, `SHIRUBE_WRITE_TOKEN_FILE`) may write to the live graph, each change in at
    most `write_seconds`. `sdg_thresholds` say from which score on an SDG alignment that nobody has
    reviewed is likely, goal by goal. `rate_limit` is how often one address may ask as a program
    does (such as `600 per minute`; None: as often as it likes), `proxies` how many reverse proxies
    stand before us, whose word on addresses is taken.
    """

    data: Path
    plans: tuple[Path, ...] = (BUNDLED_PLAN,)
    model: str | None = None
    prompts: Prompts | None = None
    network: bool = False
    language: Language = "en"
    query_seconds: float = 10.0
    query_workers: int = 3
    endpoint: "Endpoint | None" = None
    write_tokens: Tokens = NO_TOKENS
    write_seconds: float = 60.0
    sdg_thresholds: Thresholds = USUAL_THRESHOLDS
    rate_limit: str | None = None
    proxies: int = 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raises `UserError` naming the variable that does not fit."""
        data = environment.get("SHIRUBE_DATA")
        plans = environment.get("SHIRUBE_PLANS")
        settings = cls(
            data=Path(data) if data else platformdirs.user_data_path("shirube", appauthor=False),
            model=environment.get("SHIRUBE_MODEL") or None,
            prompts=_prompts(environment),
            network=environment.get("SHIRUBE_NETWORK", "") == "1",
            language=_language(environment),
            query_seconds=_positive(environment, "SHIRUBE_QUERY_SECONDS", 10.0),
            query_workers=ceil(_positive(environment, "SHIRUBE_QUERY_WORKERS", 3.0)),
            endpoint=endpoint_of(environment),
            write_tokens=_tokens(environment),
            write_seconds=_positive(environment, "SHIRUBE_WRITE_SECONDS", 60.0),
            sdg_thresholds=Thresholds.parse(
                environment.get("SHIRUBE_SDG_THRESHOLDS", ""), "SHIRUBE_SDG_THRESHOLDS"
            ),
            rate_limit=environment.get("SHIRUBE_RATE_LIMIT") or None,
            proxies=ceil(_positive(environment, "SHIRUBE_PROXIES", 0)),
        )
        if plans:
            settings = replace(settings, plans=_folders(plans))
        return settings


def _prompts(environment: Mapping[str, str]) -> Prompts | None:
    query = environment.get("SHIRUBE_QUERY_PROMPT")
    passage = environment.get("SHIRUBE_PASSAGE_PROMPT")
    return None if query is None and passage is None else Prompts(query or "", passage or "")


def _folders(plans: str) -> tuple[Path, ...]:
    folders = tuple(Path(folder) for folder in plans.split(os.pathsep) if folder)
    if not folders:
        raise UserError(
            ja=f"環境変数 SHIRUBE_PLANS={plans!r} に計画のフォルダーがありません。"
            f"フォルダーを「{os.pathsep}」で区切って並べてください。",
            en=f"The environment variable SHIRUBE_PLANS={plans!r} names no plan folder; "
            f"list folders with {os.pathsep!r} between them.",
        )
    return folders


def _tokens(environment: Mapping[str, str]) -> Tokens:
    """The tokens of SHIRUBE_WRITE_TOKEN, or of the file that SHIRUBE_WRITE_TOKEN_FILE names."""
    name = "SHIRUBE_WRITE_TOKEN_FILE"
    if not (file := environment.get(name)):
        return Tokens.parse(environment.get("SHIRUBE_WRITE_TOKEN", ""), "SHIRUBE_WRITE_TOKEN")
    try:
        return Tokens.parse(Path(file).read_text("utf-8"), file)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            ja=f"環境変数 {name} のファイル {file} を読めません（{reason}）。",
            en=f"The file {file} of the environment variable {name} cannot be read ({reason}).",
        ) from error


def _language(environment: Mapping[str, str]) -> Language:
    names = ("SHIRUBE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((environment[name] for name in names if environment.get(name)), "")
    return "ja" if chosen.startswith("ja") else "en"


def _positive(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise UserError(
            ja=f"環境変数 {name}={text!r} は正の数にしてください(例: {default:g})。",
            en=f"The environment variable {name}={text!r} must be a positive number, "
            f"e.g. {default:g}.",
        )
    return number
