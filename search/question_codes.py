"""Codes and numbers in a question, read with the word beside them: 施策4-2, policy 2, SDG 4."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kg.codes import GOALS
from kg.things import Thing
from search.analysis import fold
from search.asked import Asked
from search.question_labels import Mention
from search.question_words import Piece, question_words

TYPES = frozenset({"policy", "measure", "initiative", "component", "kpi", "topic"})

_CODE = re.compile(r"(?<![0-9a-z.-])[0-9a-z]+(?:-[0-9a-z]+)*(?![0-9a-z-]|\.[0-9])")
_LIKE_A_CODE = re.compile(r"[0-9]+(?:-[a-z]*[0-9]+)+")
# Between 基本方針 and its number, or a number and 基本方針 (第2の基本方針, 2番目の施策).
_BEFORE_NUMBER = frozenset({"の", "第", "number", "no.", "code", "số", "thứ", "제"})
_AFTER_NUMBER = frozenset({"番目", "番", "の", "项", "項", "个", "個", "번", "번째"})
_COUNTED = frozenset(
    {"の", "个", "個", "개", "项", "項"}
)  # between 17 and 目標, where all are meant
_NUMBERS = {
    word: str(n)
    for words in (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen",
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth",
        "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七",
        "một hai ba bốn năm sáu bảy tám chín mười",
    )
    for n, word in enumerate(words.split(), start=1)
}


class Codes:
    """The codes of some things; safe to use from many threads."""

    def __init__(self, things: Iterable[Thing]) -> None:
        self._codes: dict[str, list[Thing]] = defaultdict(list)
        for thing in things:
            self._codes[fold(thing.code).text].append(thing)

    def take_apart(
        self, asked: Asked, named: dict[int, tuple[Piece, Mention]]
    ) -> list[Piece] | None:
        """The pieces, numbers and codes joined with the word beside them, and added to `named`.

        None where a code is not there.
        """
        taken = {start: piece for start, (piece, _) in named.items()}
        covered = {n for piece in taken.values() for n in range(piece.start, piece.end)}
        for code in _CODE.finditer(asked.text):
            text = code.group()
            known = text in self._codes and any(map(str.isdigit, text))
            if code.start() in covered or not (known or text.isdigit() or "-" in text):
                continue
            if known or text.isdigit() or _LIKE_A_CODE.fullmatch(text):
                taken[code.start()] = Piece("code", *code.span(), text)
        pieces = question_words().take_apart(asked.text, taken)
        return self._with_numbers(asked, pieces, named)

    def _with_numbers(
        self, asked: Asked, pieces: list[Piece], named: dict[int, tuple[Piece, Mention]]
    ) -> list[Piece] | None:
        joined: list[Piece] = []
        rest = list(pieces)
        while rest:
            piece = rest.pop(0)
            code = _NUMBERS.get(piece.text) if piece.kind == "other" else piece.text
            if piece.kind not in ("code", "other") or code is None:
                joined.append(piece)
                continue
            if _counts_goals(code, rest):  # "the 17 goals" are all of them
                continue
            before = _cue_before(joined)
            after = None if before else _cue_after(rest)
            cue = before or after
            if not cue:
                if "-" not in code:
                    joined.append(replace(piece, kind="other"))
                    continue
                if code not in self._codes:
                    return None
                cue_ideas: frozenset[str] = frozenset()
            else:
                cue_ideas = cue.ideas
            mention, keeps_cue = self._coded(code, cue_ideas)
            if mention is None:
                return None
            start, end = piece.start, piece.end
            if cue and not keeps_cue:
                if before:
                    while joined[-1] is not before:
                        joined.pop()
                    joined.pop()
                else:
                    while rest[0] is not after:
                        rest.pop(0)
                    rest.pop(0)
                start, end = min(start, cue.start), max(end, cue.end)
            slot = Piece("slot", start, end, "…")
            named[start] = slot, replace(mention, text=asked.typed(start, end))
            joined.append(slot)
        return joined

    def _coded(self, code: str, ideas: frozenset[str]) -> tuple[Mention | None, bool]:
        """What a code after such a word names, and whether the word still says something."""
        if "goal" in ideas:
            exists = code.isdigit() and str(int(code)) in GOALS
            return (Mention("goal", code, goal=str(int(code))) if exists else None), False
        things = tuple(self._codes.get(code, ()))
        fitting = tuple(thing for thing in things if not ideas or thing.type in ideas)
        if fitting:
            return Mention("code", code, fitting), False
        # 「KPI 4-2」: those of measure 4-2. A single number is nothing without its word.
        return (Mention("code", code, things), True) if things and "-" in code else (None, False)


def _counts_goals(code: str, rest: Sequence[Piece]) -> bool:
    after = [piece for piece in rest[:2] if piece.text not in _COUNTED]
    return code == GOALS[-1] and bool(after) and "goal" in after[0].ideas


def _cue_before(joined: Sequence[Piece]) -> Piece | None:
    between = False
    for piece in reversed(joined):
        if piece.kind == "idea" and piece.ideas & (TYPES | {"goal"}):
            return None if between and "goal" not in piece.ideas else piece
        between = between or piece.text == "の"  # SDGsの4番, but not 施策の4つ
        if piece.text not in _BEFORE_NUMBER:
            return None
    return None


def _cue_after(rest: Sequence[Piece]) -> Piece | None:
    for number, piece in enumerate(rest):
        if piece.kind == "idea" and piece.ideas & (TYPES | {"goal"}):
            return piece if number else None
        if piece.text not in _AFTER_NUMBER:
            return None
    return None
