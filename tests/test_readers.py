"""The bundled plan as read from its source, and other files in its layout."""

import csv
from pathlib import Path
from unicodedata import name, normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.plan import Component, Initiative, Plan
from kg.readers import read_plan
from kg.readers.source import normalise
from ontology import BUNDLED_PLAN
from tests.plan_copies import LABELS, SUMMARY, TOML, Edit, change, copy_plan, replace

SOURCE = (BUNDLED_PLAN / SUMMARY).read_text("utf-8")
LINES = SOURCE.split("\n")


@pytest.fixture(scope="module")
def bundled() -> Plan:
    return read_plan(BUNDLED_PLAN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the bundled plan to break."""
    return copy_plan(tmp_path / "plan")


def said(plan: Plan) -> list[tuple[str, str, str]]:
    return [(code, field, quoted.text) for code, field, quoted in plan.texts()]


def initiatives(plan: Plan) -> list[Initiative]:
    return [
        initiative
        for policy in plan.policies
        for measure in policy.measures
        for initiative in measure.initiatives
    ]


def components(plan: Plan) -> dict[str, Component]:
    return {
        component.code: component
        for initiative in initiatives(plan)
        for component in initiative.components
    }


# The bundled plan


def test_counts_are_those_of_the_document(bundled: Plan) -> None:
    measures = [measure for policy in bundled.policies for measure in policy.measures]
    assert len(bundled.policies) == 4
    assert [len(policy.measures) for policy in bundled.policies] == [2, 3, 2, 4]
    assert len(initiatives(bundled)) == 31
    assert [len(measure.kpis) for measure in measures] == [3, 2, 1, 3, 5, 0, 3, 2, 2, 2, 2]
    assert len(components(bundled)) == 34
    assert [topic.label.text for topic in bundled.topics] == [
        "球磨川流域における緑の流域治水の推進",
        "水俣病問題",
    ]


def test_strategy(bundled: Plan) -> None:
    strategy = bundled.strategy
    assert strategy.label.text == "第2期 熊本県まち・ひと・しごと創生総合戦略"
    assert strategy.alternative.text == "新しいくまもと創造に向けた基本方針"
    assert (strategy.period.text, strategy.end_fiscal_year) == ("R5年度まで", 2023)
    assert strategy.principle.line == 9
    assert strategy.principle.text == (
        "熊本地震と令和2年7月豪雨からの社会的変容の復興を両輪に、"
        "持続可能な「新しいくまもと」を創造する。"
    )
    assert strategy.sdg_statement.text == "SDGsの理念に沿った取組みの推進"
    assert bundled.document.publisher == {"ja": "熊本県", "en": "Kumamoto Prefecture"}
    assert bundled.document.jurisdiction == "http://data.e-stat.go.jp/lod/sac/C43000"


def test_codes_follow_the_order_of_the_source(bundled: Plan) -> None:
    texts = {code: quoted.text for code, field, quoted in bundled.texts() if field == "label"}
    assert texts["4"] == "将来に向けた地方創生の取組み"
    assert texts["4-2"] == "若者の地元定着と人材育成"
    assert texts["4-2-1"] == "若者の地元定着"
    assert texts["4-2-1-C2"] == "奨学金返還等サポート"
    assert texts["4-2-K1"] == "新規学卒者県内就職率"
    assert texts["X-2"] == "水俣病問題"
    keys = [(code, field) for code, field, _ in bundled.texts()]
    assert len(set(keys)) == len(keys) == 116


def test_every_text_is_verbatim_on_its_line(bundled: Plan) -> None:
    """`exact` begins on its line; one that spans lines is joined by LF, as in the source."""
    for code, field, quoted in bundled.texts():
        rest = "\n".join(LINES[quoted.line - 1 :])
        assert 0 <= rest.find(quoted.exact) < len(LINES[quoted.line - 1]), (code, field)
        assert normalise(quoted.exact) == quoted.text
        assert "\n" not in quoted.exact or field == "principle"


def test_only_a_parenthesis_at_the_end_of_an_initiative_holds_components(bundled: Plan) -> None:
    texts = {code: quoted.text for code, field, quoted in bundled.texts() if field == "label"}
    assert texts["1-1-2"] == "なりわい(生業)・産業の再生と創出"
    assert texts["2-3-K2"] == "外国人材受入人数(農業)"
    assert texts["3-1-1"] == "「すまい」の再建、被災企業の事業再建"
    labels = {code: component.label.text for code, component in components(bundled).items()}
    assert [labels[f"2-3-1-C{n}"] for n in (1, 2, 3)] == ["テレワーク", "UIターン", "多様な人材"]
    assert labels["2-3-4-C1"] == "顔認証やMaaS等スマートツーリズム"


def test_readings_against_the_layout_are_marked_with_their_reason(bundled: Plan) -> None:
    read = {c.code: c.label.text for c in components(bundled).values() if c.interpretation}
    assert read == {
        "1-2-1-C1": "道路、河川等の整備・強靱化",
        "4-4-1-C1": "交通渋滞解消",
        "4-4-2-C1": "CO₂排出実質ゼロ",
        "4-4-2-C2": "海洋プラスチックごみゼロ",
        "4-4-2-C3": "有明海・八代海等の海域環境改善",
    }
    reasons = [c.interpretation for c in components(bundled).values() if c.interpretation]
    assert all("読みました" in reason.ja and "we read" in reason.en for reason in reasons)
    by_code = {initiative.code: initiative for initiative in initiatives(bundled)}
    assert by_code["4-4-3"].components == ()
    assert components(bundled)["4-4-2-C1"].label.exact == "CO ₂ 排出実質ゼロ"


OTHERS = ("zh-Hans", "zh-Hant", "ko", "vi", "es", "pt", "id", "fr", "tl", "ne")


def test_every_text_has_an_english_label(bundled: Plan) -> None:
    english = bundled.translations[0]
    assert english.language == "en"
    assert set(english.texts) == {(code, field) for code, field, _ in bundled.texts()}
    for text in english.texts.values():
        assert not any("\u3040" <= character <= "\u9fff" for character in text), text
    assert "Unofficial" in english.provenance
    assert "非公式" in english.status["ja"]
    assert english.texts["4-2", "label"] == (
        "Retaining young people in the prefecture and developing human resources"
    )


SCRIPTS = {"ko": "HANGUL", "ne": "DEVANAGARI", "zh-Hans": "CJK", "zh-Hant": "CJK"}


def test_every_other_language_says_everything_in_its_script_and_who_translated_it(
    bundled: Plan,
) -> None:
    others = {one.language: one for one in bundled.translations if one.language in OTHERS}
    assert tuple(others) == OTHERS
    for language, translation in others.items():
        assert set(translation.texts) == set(bundled.translations[0].texts)
        assert "AI assistant" in translation.provenance
        assert "母語話者は確認していません" in translation.status["ja"]
        assert len({*translation.texts.values()}) > 100, "texts are not each other's copies"
        for text in translation.texts.values():
            assert text == normalize("NFC", text)
            scripts = {name(character).split()[0] for character in text if character.isalpha()}
            assert SCRIPTS.get(language, "LATIN") in scripts, text
            strange = {"HIRAGANA", "KATAKANA", *SCRIPTS.values()} - {SCRIPTS.get(language)}
            assert not scripts & strange, text


# The same document, written otherwise


def untranslated(folder: Path) -> Path:
    """A folder without translations, so that the words of the source may change."""
    text = (folder / TOML).read_text("utf-8")
    start, end = text.index("[translations.en]"), text.index("# Each entry")
    (folder / TOML).write_text(text[:start] + text[end:], "utf-8")
    (folder / LABELS).unlink()
    return folder


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "\ufeff" + text,
        lambda text: text + "\n\n",
        lambda text: text.replace("\n\n", "\n \t\n\n"),
        lambda text: text.replace("施策1 ", "施策１\u3000").replace("\n3 ", "\n３\u3000"),
        lambda text: text.replace("—", "－"),
        lambda text: text.replace("\n", " \u3000\n"),
    ],
    ids=["crlf", "cr", "bom", "final newlines", "blanks", "digits", "dash", "trailing spaces"],
)
def test_spelling_of_the_layout_does_not_matter(folder: Path, bundled: Plan, edit: Edit) -> None:
    change(folder, SUMMARY, edit)
    read = read_plan(folder)
    assert said(read) == said(bundled)
    assert read.strategy.end_fiscal_year == 2023


def test_full_width_parentheses(folder: Path, bundled: Plan) -> None:
    change(untranslated(folder), SUMMARY, lambda text: text.translate(str.maketrans("()", "（）")))
    change(folder, TOML, replace("総合戦略」(概要)", "総合戦略」（概要）"))
    back = str.maketrans("（）", "()")
    read = [(code, field, text.translate(back)) for code, field, text in said(read_plan(folder))]
    assert read == said(bundled)


@pytest.mark.parametrize(
    ("words", "year"),
    [
        ("令和元年度まで", 2019),
        ("平成31年度まで", 2019),
        ("R2年度からＲ５年度まで", 2023),
        ("2027年度まで", 2027),
    ],
)
def test_last_fiscal_year(folder: Path, words: str, year: int) -> None:
    change(untranslated(folder), SUMMARY, replace("R5年度まで", words))
    strategy = read_plan(folder).strategy
    assert (strategy.period.text, strategy.end_fiscal_year) == (words, year)


def test_words_set_in_decomposed_or_spaced_characters(folder: Path) -> None:
    """macOS writes が as two characters; texts are NFC, quotes stay as they are."""
    change(untranslated(folder), SUMMARY, replace("グローバル人材", "ク\u3099ローハ\u3099ル  人材"))
    (label,) = [q for code, _, q in read_plan(folder).texts() if code == "4-1-2"]
    assert label.text == "グローバル 人材の育成"
    assert label.exact == "ク\u3099ローハ\u3099ル  人材の育成"


# Any plan in this layout

LETTERS = st.text("あいうくまもと地方創生人材農業道路県", min_size=1, max_size=6)
NAMES = st.builds(
    "{}{}{}{}".format,
    LETTERS,
    st.sampled_from(["", "DX", "(生業)の"]),
    LETTERS,
    st.sampled_from(["", "・人材", " 2.0"]),
)
ITEMS = st.tuples(NAMES, st.lists(NAMES, max_size=3))
ROWS = st.tuples(
    NAMES,
    st.lists(ITEMS, min_size=1, max_size=3),
    st.lists(NAMES | NAMES.map("{}(農業)".format), max_size=3),
)  # a measure, its initiatives with details, its KPIs
POLICIES = st.tuples(NAMES, NAMES, st.lists(ROWS, min_size=1, max_size=3))


@st.composite
def generated_plans(draw: st.DrawFn) -> tuple[str, str, list[tuple[str, str]]]:
    """A plan in this layout: its title, its text, and (code, text) of all that it says."""
    name, other = draw(st.lists(NAMES, min_size=2, max_size=2, unique=True))
    title = f"「{name}」及び「{other}」(概要)"
    lines = [title, "(期間 R9年度まで)", "基本理念", "理念", "SDGsの推進", "基本方針", name]
    said = [("S", other), ("S", name), ("S", "R9年度まで"), ("S", "理念"), ("S", "SDGsの推進")]
    rows = []
    for p, (policy, direction, measures) in enumerate(
        draw(st.lists(POLICIES, min_size=1, max_size=3)), 1
    ):
        lines += [f"{p} {policy}", "【取組みの方向性】", direction]
        said += [(f"{p}", policy), (f"{p}", direction)]
        for m, (measure, items, kpis) in enumerate(measures, 1):
            lines.append(f"施策{m} {measure}")
            said.append((f"{p}-{m}", measure))
            for i, (item, details) in enumerate(items, 1):
                said.append((f"{p}-{m}-{i}", item))
                said += [(f"{p}-{m}-{i}-C{c}", word) for c, word in enumerate(details, 1)]
            said += [(f"{p}-{m}-K{k}", kpi) for k, kpi in enumerate(kpis, 1)]
            left = " ".join(f"・{w}({'、'.join(d)})" if d else f"・{w}" for w, d in items)
            rows.append(f"施策{m} {left}\t" + (" ".join(f"・{kpi}" for kpi in kpis) or "—"))
    topics = draw(st.lists(NAMES.filter(lambda words: words not in (name, other)), max_size=3))
    said += [(f"X-{t}", topic) for t, topic in enumerate(topics, 1)]
    lines += [*topics, "総合戦略", other, "主な取組み\t主なKPI", *rows]
    return title, "\n\n".join(lines), said


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(generated=generated_plans())
def test_a_generated_plan_comes_back(
    folder: Path, generated: tuple[str, str, list[tuple[str, str]]]
) -> None:
    title, text, said_by_plan = generated
    (folder / SUMMARY).write_text(text, "utf-8")
    document = (BUNDLED_PLAN / TOML).read_text("utf-8").split("[translations.en]")[0]
    heading = next(line for line in document.split("\n") if line.startswith("title"))
    (folder / TOML).write_text(document.replace(heading, f'title = "{title}"'), "utf-8")
    assert [(code, words) for code, _, words in said(read_plan(folder))] == said_by_plan


def test_labels_keep_the_order_of_the_plan(bundled: Plan) -> None:
    """Reviewers read the file beside the plan; no spreadsheet formula hides in it."""
    files = sorted(BUNDLED_PLAN.glob("labels.*.csv"))
    tags = ("en", "ja-simple", *OTHERS)
    assert {file.name for file in files} == {f"labels.{tag}.csv" for tag in tags}
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1:]
        assert [tuple(row[:2]) for row in rows] == [(c, f) for c, f, _ in bundled.texts()]
        assert not [cell for row in rows for cell in row if cell[0] in "=+-@"]
