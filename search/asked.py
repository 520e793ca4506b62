"""A question as it was typed and as it is compared, and the places where names may stand."""

from functools import cached_property

from search.analysis import Folded, dashed, fold, script
from search.question import plain_digits


class Asked:
    """A question folded, with the way back to what was typed."""

    def __init__(self, question: str) -> None:
        self._question = dashed(question)
        self._folded: Folded = fold(self._question)
        self.text = plain_digits(self._folded.text)

    def typed(self, start: int, end: int) -> str:
        """What was typed between two places of the folded text."""
        return self._question[self._folded.starts[start] : self._folded.ends[end - 1]].strip()

    @cached_property
    def letters(self) -> tuple[str, list[int]]:
        """The text as `spaced` makes it, and where each of its characters stands."""
        kept: list[str] = []
        places: list[int] = []
        gap = False
        for place, character in enumerate(self.text):
            kind = script(character)
            if kind == "none":
                gap = True
                continue
            if gap and kept and kind == "spaced" and script(kept[-1]) == "spaced":
                kept.append(" ")
                places.append(place)
            kept.append(character)
            places.append(place)
            gap = False
        return "".join(kept), places
