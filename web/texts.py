"""Every text of the site in Japanese and English; knows no HTTP."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.message import Language

LANGUAGES: tuple[Language, ...] = ("ja", "en")
TEXTS_FILE = Path(__file__).parent / "texts.toml"


class Texts:
    """The UI texts of one TOML file or several: dotted key -> text per language."""

    def __init__(self, *files: Path) -> None:
        self.by_key: dict[str, dict[str, str]] = {}
        for file in files or (TEXTS_FILE,):
            with file.open("rb") as stream:
                self._read("", tomllib.load(stream))

    def _read(self, prefix: str, table: Mapping[str, Any]) -> None:
        for name, value in table.items():
            if all(isinstance(text, str) for text in value.values()):
                self.by_key[prefix + name] = value
            else:
                self._read(f"{prefix}{name}.", value)

    def text(self, key: str, language: Language, **values: object) -> str:
        """One text with its `{placeholders}` filled; raises `KeyError` for an unknown key."""
        return self.by_key[key][language].format(**values)

    def under(self, table: str, language: Language) -> dict[str, str]:
        """All texts of one table, by the rest of their keys, with their placeholders in them."""
        start = table + "."
        return {
            key.removeprefix(start): text[language]
            for key, text in self.by_key.items()
            if key.startswith(start)
        }
