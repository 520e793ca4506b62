"""What was found, as a sentence in Japanese and English, from a named query's own words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kg.iris import CLASSES
from kg.prefixes import PREFIXES

MOST_NAMED = 6  # of a list; the rest is counted

TYPE_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    # one, several
    "strategy": {"ja": ("総合戦略", "総合戦略"), "en": ("strategy", "strategies")},
    "policy": {"ja": ("基本方針", "基本方針"), "en": ("policy", "policies")},
    "measure": {"ja": ("施策", "施策"), "en": ("measure", "measures")},
    "initiative": {"ja": ("取組み", "取組み"), "en": ("initiative", "initiatives")},
    "component": {"ja": ("取組みの内容", "取組みの内容"), "en": ("component", "components")},
    "kpi": {"ja": ("KPI", "KPI"), "en": ("KPI", "KPIs")},
    "topic": {
        "ja": ("横断テーマ", "横断テーマ"),
        "en": ("cross-cutting topic", "cross-cutting topics"),
    },
}
ROLE_WORDS: Mapping[str, Mapping[str, str]] = {
    "baseline": {"ja": "基準値", "en": "baseline"},
    "target": {"ja": "目標値", "en": "target"},
    "actual": {"ja": "実績値", "en": "actual value"},
}
TYPE_OF_CLASS = {iri: kind for kind, iri in CLASSES.items()}

_SDG = PREFIXES["sdg"]
_PLACE = re.compile(r"\{(\w+)(?:@(\w+))?(?::([^{}|]*)\|([^{}]*))?\}")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of an answer: `value` as it is in RDF, and what people know it by.

    `type` is that of a thing, or goal or target; `label` is by language, and so is `plan`, whose
    thing it is where that is to be said.
    """

    value: str
    iri: str | None = None
    type: str | None = None
    code: str | None = None
    label: Mapping[str, str] = field(default_factory=dict)
    plan: Mapping[str, str] = field(default_factory=dict)

    def called(self, language: str) -> str:
        """Its label in the language, else in another, else its value."""
        return self.label.get(language) or next(iter(self.label.values()), self.value)

    def named(self, language: str, tongue: str | None = None) -> str:
        """As a sentence names it once: 基本方針2「…」, policy 2 “…”; its label in a `tongue`."""
        name = self.called(tongue or language)
        if self.type is None or self.type == "strategy":
            return name
        if language == "ja":
            word = {"goal": "目標", "target": "ターゲット"}.get(self.type) or _type(self.type, "ja")
            plan = f"（{self.plan['ja']}）" if self.plan else ""
            return f"{word}{' ' if word.isascii() else ''}{self.code}「{name}」{plan}"
        word = self.type if self.type in ("goal", "target") else _type(self.type, "en")
        plan = f" ({self.plan['en']})" if self.plan else ""
        return f"{word} {self.code} “{name}”{plan}"

    def listed(self, language: str) -> str:
        """As a list names it: by code and label."""
        name = self.called(language)
        if self.code is None or self.type == "strategy":
            return name
        return f"{self.code} {name}" if language == "ja" else f"{self.code} “{name}”"


Row = Mapping[str, Cell]


def sentence(template: str, language: str, named: Row, rows: Sequence[Row], answer: str) -> str:
    """A template with `named` parameters, what the rows hold, and `{n}`, how many there are.

    `{n:one|several}` chooses by n, `{name@ja}` has the label in Japanese. Of the answers a list
    names the first few.
    """

    def filled(place: re.Match[str]) -> str:
        name, tongue, one, several = place.groups()
        if one is not None:
            return one if len(rows) == 1 else several
        if name == "n":
            return str(len(rows))
        if name in named:
            cell = named[name]
            if cell.type == "type":
                return TYPE_WORDS[cell.value][language][len(rows) != 1]
            return cell.named(language, tongue)
        cells = list({row[name].value: row[name] for row in rows if name in row}.values())
        if name == answer and len(cells) > 1:
            return _list([cell.listed(language) for cell in cells], language)
        return _list([cell.named(language) for cell in cells], language)

    said = _PLACE.sub(filled, template)
    return said[:1].upper() + said[1:]


def _list(names: Sequence[str], language: str) -> str:
    left = len(names) - MOST_NAMED
    if left > 1:
        names = names[:MOST_NAMED]
    if language == "ja":
        return "、".join(names) + (f" ほか{left}件" if left > 1 else "")
    return "; ".join(names) + (f" and {left} more" if left > 1 else "")


def _type(kind: str, language: str) -> str:
    return TYPE_WORDS[kind][language][0]


def goal_code(iri: str) -> str | None:
    """The UN's code in the IRI of a goal or target."""
    return iri.removeprefix(_SDG) if iri.startswith(_SDG) else None
