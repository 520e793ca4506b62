"""Files that are not a plan: each error says where, and what was expected, in ja and en."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.readers import PlanSourceError, read_plan
from kg.readers.source import MAX_BYTES, normalise
from ontology import BUNDLED_PLAN
from tests.plan_copies import LABELS, SUMMARY, TOML, Edit, change, copy_plan, replace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the bundled plan to break."""
    return copy_plan(tmp_path / "plan")


def without_line(number: int) -> Edit:
    return lambda text: "\n".join(
        line for at, line in enumerate(text.split("\n"), 1) if at != number
    )


def inserted(number: int, line: str) -> Edit:
    """The text with `line` as its line `number`."""

    def edit(text: str) -> str:
        lines = text.split("\n")
        return "\n".join([*lines[: number - 1], line, *lines[number - 1 :]])

    return edit


def refused(folder: Path) -> PlanSourceError:
    """The error of reading a folder, after checking that reading changed nothing there."""
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    with pytest.raises(PlanSourceError) as caught:
        read_plan(folder)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    error = caught.value
    assert error.ja.startswith(error.file)
    assert error.en.startswith(error.file)
    if error.line is not None:
        assert f"{error.line}行目" in error.ja
        assert f"line {error.line}" in error.en
    return error


# Bad sources: (edit, line of the error, words of the message in ja, and in en)

BAD_SOURCES: dict[str, tuple[Edit, int, str, str]] = {
    "no title": (without_line(3), 4, "表題", "title"),
    "other title": (
        replace("「新しいくまもと創造に向けた基本方針」及び", "「別の方針」及び"),
        3,
        "document.title",
        "document.title",
    ),
    "no period": (without_line(5), 6, "期間", "period"),
    "period without era": (replace("R5年度", "5年度"), 5, "R5年度まで", "fiscal year"),
    "no principle heading": (without_line(7), 8, "基本理念", "基本理念"),
    "no principle": (lambda t: without_line(9)(without_line(10)(t)), 10, "基本理念", "基本理念"),
    "principle broken apart": (inserted(10, ""), 11, "SDGs", "SDGs"),
    "no SDG statement": (without_line(12), 13, "SDGs", "SDGs"),
    "no policies heading": (without_line(14), 15, "基本方針", "基本方針"),
    "other name": (
        lambda t: without_line(16)(inserted(17, "新しいくまもと")(t)),
        16,
        "新しいくまもと創造に向けた基本方針",
        "heading",
    ),
    "no first policy": (without_line(18), 19, "基本方針「1 …」", "policy 「1 …」"),
    "no second policy": (without_line(28), 29, "次の施策か基本方針", "next measure or policy"),
    "policy skipped": (replace("\n3 熊本", "\n4 熊本"), 40, "「3 …」", "「3 …」"),
    "policy twice": (replace("\n2 新型", "\n1 新型"), 28, "「2 …」", "「2 …」"),
    "policy without space": (replace("\n2 新型", "\n2新型"), 28, "次の施策か基本方針", "next"),
    "no direction heading": (without_line(30), 31, "【取組みの方向性】", "【取組みの方向性】"),
    "no direction": (without_line(32), 33, "方向性の文", "text of"),
    "policy without measures": (
        lambda t: without_line(46)(without_line(47)(without_line(48)(t))),
        47,
        "「施策1 …」",
        "「施策1 …」",
    ),
    "measure skipped": (replace("施策3 持続", "施策4 持続"), 38, "「施策3 …」", "「施策3 …」"),
    "measure twice": (replace("施策2 持続", "施策1 持続"), 36, "「施策2 …」", "「施策2 …」"),
    "measure without number": (
        replace("施策2 持続", "施策 持続"),
        36,
        "「施策2 …」",
        "「施策2 …」",
    ),
    "text between measures": (inserted(37, "追加の説明"), 37, "次の施策", "next measure"),
    "bullet among topics": (inserted(67, "・流域治水"), 67, "横断的なテーマ", "topic"),
    "tab in a topic": (inserted(67, "流域\t治水"), 67, "横断的なテーマ", "topic"),
    "no strategy heading": (without_line(68), 69, "「総合戦略」", "「総合戦略」"),
    "no strategy name": (without_line(70), 71, "第2期", "第2期"),
    "no table heading": (without_line(72), 72, "主な取組み<TAB>主なKPI", "主な取組み<TAB>主なKPI"),
    "table heading without tab": (replace("取組み\t主な", "取組み 主な"), 72, "<TAB>", "<TAB>"),
    "row missing within": (without_line(77), 77, "施策3", "measure 2-3"),
    "last row missing": (without_line(83), 82, "4-4", "measure 4-4"),
    "row too many": (lambda t: t + "\n施策5 ・追加\t—", 84, "11行", "11 measures"),
    "row number": (replace("施策2 ・益城", "施策3 ・益城"), 79, "施策2", "measure 3-2"),
    "row without number": (replace("施策2 ・益城", "・益城"), 79, "施策2", "measure 3-2"),
    "missing tab": (replace("再建\t—", "再建 —"), 78, "タブ", "one tab"),
    "tab too many": (replace("再建\t—", "再建\t\t—"), 78, "2個", "found 2"),
    "no KPI mark": (replace("再建\t—", "再建\t"), 78, "「—」", "「—」"),
    "no bullet": (replace("施策1 ・きめ", "施策1 きめ"), 80, "「・」", "「・」"),
    "unknown bullet": (replace("・幹線道路の整備\t", "○幹線道路の整備\t"), 74, "「○」", "「○」"),
    "empty item": (replace("・幹線道路の整備\t", "・ ・幹線道路の整備\t"), 74, "2番目", "number 2"),
    "unclosed": (replace("移住定住)", "移住定住"), 76, "閉じ括弧", "closing bracket"),
    "unopened": (replace("(関係人口", "関係人口"), 76, "開き括弧", "opening bracket"),
    "crossed": (replace("「大空港構想」", "「大空港(構想」)"), 79, "開き括弧", "opening bracket"),
    "only a parenthesis": (replace("熊本への人の流れの創出(", "("), 76, "名前", "name"),
    "empty parenthesis": (
        replace("(熊本城、震災ミュージアム)", "()"),
        79,
        "内訳が必要",
        "both sides",
    ),
    "empty detail": (replace("熊本城、", "熊本城、、"), 79, "内訳が必要", "both sides"),
    "control character": (replace("水俣病", "水俣\x07病"), 66, "U+0007", "U+0007"),
    "invisible character": (replace("\n基本理念", "\n基本\u200b理念"), 7, "U+200B", "U+200B"),
    "kept together no more": (
        replace("道路、河川等の", "道路・河川等の"),
        74,
        "道路、河川等",
        "道路、",
    ),
    "moved words gone": (replace("交通渋滞解消、", ""), 83, "「交通渋滞解消」", "「交通渋滞解消」"),
    "owner renamed": (
        replace("・持続可能な地域づくり", "・地域づくり"),
        83,
        "持続可能な",
        "持続可能な",
    ),
}


@pytest.mark.parametrize("case", BAD_SOURCES)
def test_bad_source(folder: Path, case: str) -> None:
    edit, line, ja, en = BAD_SOURCES[case]
    change(folder, SUMMARY, edit)
    error = refused(folder)
    assert (error.file, error.line) == (SUMMARY, line)
    assert ja in error.ja
    assert en in error.en


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("cp932", "Shift_JIS"),
        ("euc_jp", "EUC-JP"),
        ("iso2022_jp", "ISO-2022-JP"),
        ("utf-16", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
@pytest.mark.parametrize("name", [SUMMARY, LABELS, TOML])
def test_other_encodings_are_named(folder: Path, name: str, encoding: str, named: str) -> None:
    text = (folder / name).read_text("utf-8")
    (folder / name).write_bytes(text.encode(encoding, errors="ignore"))
    error = refused(folder)
    assert error.file == name
    assert error.line is not None
    assert f"{named} のようです" in error.ja
    assert f"looks like {named}" in error.en
    assert "UTF-8 を選んで" in error.ja


def test_bytes_of_no_encoding(folder: Path) -> None:
    source = (folder / SUMMARY).read_bytes()
    (folder / SUMMARY).write_bytes(source[:300] + b"\xff\xff\x80" + source[300:])
    assert "分かりません" in refused(folder).ja


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", " \u3000\n"])
@pytest.mark.parametrize("name", [SUMMARY, LABELS, TOML])
def test_empty_files(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content, "utf-8")
    error = refused(folder)
    assert (error.file, error.line) == (name, 1)
    assert "空のファイル" in error.ja
    assert "empty" in error.en


@pytest.mark.parametrize("name", [SUMMARY, LABELS, TOML])
def test_a_file_of_50_mb_is_refused_unread(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (folder / name).open("r+b") as file:
        file.truncate(50_000_000)
    read_bytes = Path.read_bytes

    def guarded(path: Path) -> bytes:
        assert path.name != name
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", guarded)
    error = refused(folder)
    assert error.file == name
    for message in (error.ja, error.en):
        assert "50,000,000" in message
        assert f"{MAX_BYTES:,}" in message


@pytest.mark.parametrize("name", [SUMMARY, LABELS, TOML])
def test_missing_files(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert "ありません" in refused(folder).ja
    (folder / name).mkdir()
    error = refused(folder)
    assert (error.file, error.line) == (name, None)
    assert str(folder) in error.en


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(PlanSourceError, match="no such file"):
        read_plan(tmp_path / "nowhere")


# plan.toml

BAD_TOML: dict[str, tuple[Edit, str, str, str]] = {
    # (edit, what the line of the error holds, words in ja, words in en)
    "syntax": (replace('id = "', "id = "), "id = kumamoto", "TOML", "TOML"),
    "huge number": (lambda t: t + f"\nx = {'9' * 5000}", "x = 9", "TOML", "TOML"),
    "deep nesting": (lambda t: f"x = {'[' * 9999}\n{t}", "", "TOML", "TOML"),
    "no id": (replace('id = "kumamoto-2"', ""), "# What", "`id`: このキーが必要", "required"),
    "id with spaces": (replace("kumamoto-2", "Kumamoto 2"), "id =", "`id`", "`id`"),
    "unknown key": (replace("reader =", "raeder ="), "raeder =", "`raeder`", "spelling"),
    "unknown reader": (replace("kumamoto-summary", "pdf"), "reader =", "「pdf」", "kumamoto-sum"),
    "title empty": (
        lambda t: "\n".join('title = ""' if x.startswith("title") else x for x in t.split("\n")),
        "title =",
        "空でない文字列",
        "not empty",
    ),
    "file elsewhere": (
        replace('"summary', '"../summary'),
        "file =",
        "document.file",
        "same folder",
    ),
    "jurisdiction": (replace('"http://', '"'), "jurisdiction =", "IRI", "an IRI"),
    "no publisher in English": (
        replace('en = "Kumamoto Prefecture"', ""),
        "[document.publisher]",
        "document.publisher.en",
        "required",
    ),
    "publisher a string": (
        lambda t: t.replace(
            '[document.publisher]\nja = "熊本県"\nen = "Kumamoto Prefecture"\n', ""
        ).replace("[document]", '[document]\npublisher = "熊本県"'),
        "publisher =",
        "テーブル",
        "table",
    ),
    "words a string": (
        replace('words = ["交通渋滞解消"]', 'words = "交通渋滞解消"'),
        'words = "交通',
        "interpretation.1.words",
        "array",
    ),
    "no words": (replace('words = ["交通渋滞解消"]', "words = []"), "words = []", "配列", "array"),
    "a number": (replace('"交通渋滞解消"]', "5]"), "words = [5]", "文字列", "string"),
    "no reason": (
        replace('ja = "「道路', '# "「道路'),
        "[[inter",
        "interpretation.0.ja",
        "missing",
    ),
    "no such measure": (replace('"4-4"', '"5-1"'), 'measure = "5-1"', "1-1, 1-2", "4-4"),
    "two readings": (
        replace('words = ["CO ₂ 排出実質ゼロ"', 'words = ["交通渋滞解消"'),
        'words = ["交通渋滞解消", "海洋',
        "読み方が2つ",
        "second reading",
    ),
    "measure's form": (
        replace('"4-4"', '"施策4"'),
        'measure = "施策4"',
        "4-2 のような",
        "as in 4-2",
    ),
    "language": (
        replace("translations.en", "translations.ENGLISH"),
        "[tra",
        "言語タグ",
        "language tag",
    ),
}


@pytest.mark.parametrize("case", BAD_TOML)
def test_bad_plan_file(folder: Path, case: str) -> None:
    edit, holds, ja, en = BAD_TOML[case]
    change(folder, TOML, edit)
    error = refused(folder)
    assert error.file == TOML
    assert error.line is not None
    assert (folder / TOML).read_text("utf-8").split("\n")[error.line - 1].startswith(holds)
    assert ja in error.ja
    assert en in error.en


def test_an_interpretation_of_an_initiative_without_parenthesis(folder: Path) -> None:
    change(
        folder,
        TOML,
        replace('after = "スポーツ・文化による地域活性化"', 'after = "交通体系の最適化"'),
    )
    error = refused(folder)
    assert (error.file, error.line) == (SUMMARY, 83)
    assert "括弧なし" in error.ja
    assert "no parenthesis" in error.en


# labels.en.csv

BAD_LABELS: dict[str, tuple[Edit, str, str | None, str, str]] = {
    # (edit, what the line of the error holds, column, words in ja, words in en)
    "header": (replace("code,field,ja,en", "code,ja,en"), "code,ja", None, "列名", "column names"),
    "other language": (replace("ja,en\n", "ja,fr\n"), "code,field", None, "列名", "column names"),
    "unknown code": (replace("4-2,label", "4-9,label"), "4-9,", "code", "4-9", "a code of"),
    "unknown field": (replace("4-2,label", "4-2,name"), "4-2,name", "field", "label", "label"),
    "missing row": (without_line(60), "X-2", "code", "行が必要", "expected a row"),
    "twice": (lambda t: t + t.split("\n")[1], "S,label", "code", "2つ", "second row"),
    "other words": (
        replace("水俣病問題", "水俣病"),
        "X-2",
        "ja",
        "「水俣病問題」",
        "「水俣病問題」",
    ),
    "no English": (replace("The Minamata disease issue", " "), "X-2", "en", "空です", "empty"),
    "no code": (replace("X-2,", ","), ",label", "code", "空です", "empty"),
    "a column too few": (replace("X-2,label,", "X-2,"), "X-2", None, "3列", "found 3"),
    "a comma unquoted": (
        replace("The Minamata disease issue", "The issue, Minamata"),
        "X-2",
        None,
        "5列",
        "found 5",
    ),
    "quote not closed": (replace("The Minamata", '"The Minamata'), "", None, "CSV", "CSV"),
}


@pytest.mark.parametrize("case", BAD_LABELS)
def test_bad_labels(folder: Path, case: str) -> None:
    edit, holds, column, ja, en = BAD_LABELS[case]
    change(folder, LABELS, edit)
    error = refused(folder)
    assert (error.file, error.column) == (LABELS, column)
    assert error.line is not None
    lines = (folder / LABELS).read_text("utf-8").rstrip("\n").split("\n")
    assert lines[min(error.line, len(lines)) - 1].startswith(holds)
    assert ja in error.ja
    assert en in error.en


# Any file at all

MARKS = (
    *("", "\n", "\r", "\t", " ", "\u2003", "\x00", "\ufeff", "・", " ・", "、", "—"),
    *("(", ")", "（", "「", "」", "1 ", "施策1 ", "施策2 ・", "SDGs"),
    *("【取組みの方向性】", "基本方針", "総合戦略"),
)
PIECES = st.sampled_from(MARKS) | st.text(max_size=4)
MUTATIONS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), PIECES), min_size=1, max_size=3)
PROPERTY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def place_is_known(folder: Path, error: PlanSourceError) -> None:
    if not (folder / error.file).exists():  # the mutation changed the name of a file
        assert error.line is None
        return
    lines = (folder / error.file).read_bytes().decode("utf-8", "replace")
    count = lines.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert error.line is None or 1 <= error.line <= count


@pytest.mark.parametrize("name", [SUMMARY, LABELS, TOML])
@PROPERTY
@given(mutations=MUTATIONS)
def test_a_mutated_file_is_a_plan_or_a_plan_source_error(
    folder: Path, name: str, mutations: list[tuple[float, int, str]]
) -> None:
    text = (BUNDLED_PLAN / name).read_text("utf-8")
    for place, length, piece in mutations:
        at = round(place * len(text))
        text = text[:at] + piece + text[at + length :]
    (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    if name == SUMMARY:  # without labels that must match, more mutations leave a plan
        settings_text = (BUNDLED_PLAN / TOML).read_text("utf-8")
        start, end = settings_text.index("[translations.en]"), settings_text.index("# Each entry")
        (folder / TOML).write_text(settings_text[:start] + settings_text[end:], "utf-8")
    try:
        plan = read_plan(folder)
    except PlanSourceError as error:
        place_is_known(folder, error)
        return
    lines = (folder / SUMMARY).read_text("utf-8").split("\n")
    for _, _, quoted in plan.texts():
        rest = "\n".join(lines[quoted.line - 1 :])
        assert 0 <= rest.find(quoted.exact) < len(lines[quoted.line - 1])
        assert quoted.text == normalise(quoted.exact) != ""


@PROPERTY
@given(data=st.binary(max_size=200))
def test_bytes_are_never_another_error(folder: Path, data: bytes) -> None:
    for name in (LABELS, TOML, SUMMARY):
        (folder / name).write_bytes(data)
        with pytest.raises(PlanSourceError):
            read_plan(folder)
        shutil.copy(BUNDLED_PLAN / name, folder / name)
