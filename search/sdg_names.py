"""Names in a text, of places, persons and companies: they say where and who, never what is done.

森 みどり plants no trees, 水産町通り has no fish. Japanese names of persons are those of Sudachi's
dictionary, where what stands around them says so too; elsewhere what comes before or after a name
tells: Dr, Street, Inc.
"""

import re
from collections.abc import Iterator

from search.analysis import fold, units

# Streets, stations and hotels are named after anything (水道町, 水産町通り, Fisher Road).
_PLACE = (
    r"[一-龠々ヶ]{1,6}?(?:町通り?|通り(?!に)|丁目|番地|番町|町駅|駅前?)"
    r"|\d+(?:丁目|番地|番)|[一-龠々ヶ]{2,4}?町(?!並|内|民|家|村)"
    r"|[一-龠々ァ-ヶー]{1,10}(?:バス停|停留所)|^[^、。]{1,10}(?:ホテル|旅館)$"
    r"|\b(?:[A-Z][\w'-]+ ){1,4}(?:Street|Avenue|Road|Station|Bridge|Square|Hotel|Inn)\b"
)
_FORM = r"(?:株式会社|有限会社|合同会社|合資会社|\((?:株|有)\))"
_FIRM = r"[一-龠々ァ-ヶーA-Za-z0-9&・]+(?:の[一-龠々ァ-ヶー]+)?"
_COMPANY = (
    rf"{_FORM}(?![をはがにのとでやへも])[ぁ-ん]{{0,4}}{_FIRM}|{_FIRM}{_FORM}"
    r"|\b(?:[A-ZÀ-Ý][\w'’&-]*,? ){1,4}(?:Inc|Ltd|LLC|Corp|Co|GmbH|PLC|Pty|S\.A|K\.K)\b\.?"
)
_ADDRESSED = (
    r"\b(?:Mrs?|Ms|Miss|Dr|Prof(?:essor)?|Mayor|Governor|Councillor|Sir|Herr|Frau|Madame|Mme"
    r"|Monsieur|Señora?|Sra?|Dra)\b\.? (?:[A-ZÀ-Ý][\w'’-]+ ?){1,3}"
)
_NAME = re.compile(f"{_COMPANY}|{_PLACE}|{_ADDRESSED}")

# A Japanese text as one letter a unit: f(amily name), g(iven name), s(hort given name), b(lank),
# t(itle), n(oun), o(ther). Alone, a name may be a word after all (めぐみ, 緑): two in a row, or a
# title, tell.
_PERSON = re.compile(
    r"[fg](?:b?[fgs])+(?:b?t)?"  # 森 みどり, 平和一郎 (平 和一郎)
    r"|[fg]b?t"  # 海野さん
    r"|(?<!n)nbg(?:b?t)?"  # 平和 太郎
    r"|^(?:fb[ns]|nbs)(?:b?t)?$"  # 海野 健康, 安全 進, and nothing else
)
_TITLES = re.compile(
    r"さん|様|氏|君|殿|先生|(?:委員|会|市|町|村|区|議|部|課|教育)長|知事|議員|教授"
)
_NO_GIVEN_NAMES = frozenset("等可要基")  # あり 等, 延長可, 25 基


def without_names(text: str) -> str:
    """A text (in NFKC) with a blank for each name of a place, a company or a person."""
    rest = _NAME.sub(" ", text)
    for start, end in reversed(list(_persons(rest))):
        rest = f"{rest[:start]} {rest[end:]}"
    return rest.strip()


def _persons(text: str) -> Iterator[tuple[int, int]]:
    folded = fold(text)
    found = units(folded.text)
    roles = "".join(_role(unit.surface, unit.part_of_speech) for _, unit in found)
    for person in _PERSON.finditer(roles):
        start, (last, unit) = found[person.start()][0], found[person.end() - 1]
        yield folded.starts[start], folded.ends[last + len(unit.surface) - 1]


def _role(surface: str, part_of_speech: tuple[str, ...]) -> str:
    if _TITLES.fullmatch(surface):
        return "t"
    if part_of_speech[0] == "空白":
        return "b"
    if part_of_speech[0] not in ("名詞", "形状詞") or surface in _NO_GIVEN_NAMES:
        return "o"
    if part_of_speech[2] != "人名":
        return "n"
    if part_of_speech[3] == "姓":
        return "f"
    return "g" if len(surface) > 1 else "s"
