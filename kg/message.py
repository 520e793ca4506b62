"""Errors that tell a person what to do, in Japanese and English."""

from typing import Literal

Language = Literal["ja", "en"]


class UserError(Exception):
    """Something the user can mend. Carries one message per language.

    `ja` and `en` say where (file, line, row) and what to do about it; `str()` gives both, so
    that a log or a traceback is readable to whoever opens it.
    """

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(f"{en} / {ja}")
        self.ja = ja
        self.en = en

    def text(self, language: Language) -> str:
        """The message in one language."""
        return self.ja if language == "ja" else self.en
