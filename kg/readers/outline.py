"""The lines of a source in order, each taken against an expectation."""

import re
from dataclasses import dataclass

from kg.readers.source import SPACES, PlanSourceError, SourceText, excerpt, normalise


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its 1-based number, its text, and the spaces around that."""

    number: int
    text: str
    head: str
    tail: str


def _line(number: int, raw: str) -> Line:
    text = raw.strip(SPACES)
    start = raw.index(text)
    return Line(number, text, raw[:start], raw[start + len(text) :])


class Outline:
    """Walks a source's non-blank lines; whatever is not expected raises PlanSourceError."""

    def __init__(self, source: SourceText) -> None:
        self.file = source.file
        self._end = len(source.lines)
        self._lines = [
            _line(number, raw) for number, raw in enumerate(source.lines, 1) if raw.strip()
        ]
        self._next = 0

    def peek(self) -> Line | None:
        """The next line, or None at the end."""
        return self._lines[self._next] if self._next < len(self._lines) else None

    def take(self, ja: str, en: str) -> Line:
        """The next line; `ja` and `en` name what the end of the file would be missing."""
        line = self.peek()
        if line is None:
            raise PlanSourceError(
                self.file,
                self._end,
                f"{ja}が必要ですが、ファイルが終わっています。",
                f"expected {en}; found the end of the file.",
            )
        self._next += 1
        return line

    def heading(self, text: str) -> Line:
        """Take the line that says exactly `text` (spaces and tabs apart)."""
        shown = text.replace("\t", "<TAB>")
        line = self.take(f"見出し「{shown}」", f"the heading 「{shown}」")
        tabs = (line.text.count("\t"), text.count("\t"))
        if normalise(line.text) != normalise(text) or tabs[0] != tabs[1]:
            raise self.unexpected(line, f"見出し「{shown}」", f"the heading 「{shown}」")
        return line

    def match(
        self, pattern: re.Pattern[str], ja: str, en: str, number: int | None = None
    ) -> tuple[Line, re.Match[str]]:
        """Take a line without tabs that matches; with `number`, group 1 must be that number."""
        line = self.take(ja, en)
        match = pattern.match(line.text)
        if match is None or "\t" in line.text or (number is not None and int(match[1]) != number):
            raise self.unexpected(line, ja, en)
        return line, match

    def unexpected(self, line: Line, ja: str, en: str) -> PlanSourceError:
        """The error for a line that stands where something else was expected."""
        found = excerpt(line.text.replace("\t", "<TAB>"))
        return PlanSourceError(
            self.file,
            line.number,
            f"{ja}が必要ですが、「{found}」があります。",
            f"expected {en}; found 「{found}」.",
        )
