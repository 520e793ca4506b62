"""Items marked by ・ within one line, and the parenthesis that may end one."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from kg.readers.source import SPACES, PlanSourceError, excerpt

BULLET = "・"
OTHER_BULLETS = "○●◎◇◆□■▪•･＊*※▶➢①②③④⑤⑥⑦⑧⑨⑩"
_OTHER_BULLET = re.compile(rf"[{SPACES}]([{re.escape(OTHER_BULLETS)}])")
_CLOSED_BY = {"(": ")）", "（": ")）", "「": "」", "『": "』"}
_CLOSING = frozenset(")）」』")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the source that is being read, for its errors."""

    file: str
    line: int

    def error(self, ja: str, en: str) -> PlanSourceError:
        """The error at this line."""
        return PlanSourceError(self.file, self.line, ja, en)


def split_items(place: Place, cell: str) -> list[str]:
    """The items of a cell: each begins with ・ at its start or after a space, outside brackets.

    A ・ within words (`住まいの再建・確保`) does not begin an item.
    Raises PlanSourceError for a cell that begins otherwise, another bullet, or an empty item.
    """
    if not cell.startswith(BULLET):
        raise place.error(
            "「・」で始まる項目(KPIがなければ「—」)が必要ですが、"
            f"「{excerpt(cell, 30)}」とあります。",
            "expected items beginning with 「・」 (or 「—」 for no KPI); "
            f"found 「{excerpt(cell, 30)}」.",
        )
    if other := _OTHER_BULLET.search(cell):
        raise place.error(
            f"知らない項目記号「{other[1]}」があります。項目は「・」で始めてください。",
            f"unknown bullet 「{other[1]}」; expected each item to begin with 「・」.",
        )
    starts = [
        index
        for index, depth in enumerate(bracket_depths(place, cell))
        if depth == 0 and cell[index] == BULLET and (index == 0 or cell[index - 1] in SPACES)
    ]
    ends = [*starts[1:], len(cell)]
    items = [cell[start + 1 : end].strip(SPACES) for start, end in zip(starts, ends, strict=True)]
    if "" in items:
        order = items.index("") + 1
        raise place.error(
            f"欄の{order}番目の「・」の後に言葉が必要です。",
            f"expected words after 「・」 number {order} of the cell.",
        )
    return items


def split_parenthesis(place: Place, item: str) -> tuple[str, str | None]:
    """An item's name and the inside of the parenthesis that ends it (None without one).

    A parenthesis further in (`なりわい(生業)・産業の再生`) is part of the name.
    """
    if item[-1] not in ")）":
        return item, None
    outside = [index for index, depth in enumerate(bracket_depths(place, item)) if depth == 0]
    opening = outside[-1]
    name = item[:opening].strip(SPACES)
    if not name:
        raise place.error(
            f"括弧の前に取組みの名前が必要です:「{excerpt(item)}」。",
            f"expected an initiative's name before the parenthesis: 「{excerpt(item)}」.",
        )
    return name, item[opening + 1 : -1]


def split_details(place: Place, inside: str, whole: Collection[str]) -> list[str]:
    """The details in a parenthesis, split at each 、 outside inner brackets.

    A 、 within words of `whole` does not split; whether those words then are a detail of their own
    is for the caller to check.
    """
    kept = {
        index
        for words in whole
        if (start := inside.find(words)) >= 0
        for index in range(start, start + len(words))
    }
    commas = [
        index
        for index, depth in enumerate(bracket_depths(place, inside))
        if depth == 0 and inside[index] == "、" and index not in kept
    ]
    edges = pairwise([-1, *commas, len(inside)])
    details = [inside[before + 1 : after].strip(SPACES) for before, after in edges]
    if "" in details:
        raise place.error(
            f"括弧の中と、その「、」の前後には、内訳が必要です:「({excerpt(inside)})」。",
            "expected details in the parenthesis, on both sides of each 「、」: "
            f"「({excerpt(inside)})」.",
        )
    return details


def bracket_depths(place: Place, text: str) -> list[int]:
    """How many brackets are open before each character; raises PlanSourceError if unbalanced."""
    open_at: list[int] = []
    depths = []
    for index, character in enumerate(text):
        depths.append(len(open_at))
        if character in _CLOSED_BY:
            open_at.append(index)
        elif character in _CLOSING:
            if not open_at or character not in _CLOSED_BY[text[open_at[-1]]]:
                near = text[max(0, index - 20) : index + 1]
                raise place.error(
                    f"「{character}」に対応する開き括弧が必要です:「{near}」。",
                    f"expected an opening bracket for 「{character}」: 「{near}」.",
                )
            open_at.pop()
    if open_at:
        unclosed = excerpt(text[open_at[-1] :])
        raise place.error(
            f"閉じ括弧が必要です:「{unclosed}」。",
            f"expected a closing bracket: 「{unclosed}」.",
        )
    return depths
