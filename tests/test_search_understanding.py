"""What a question asks for is read in every language, and can be taken back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.language import language_of
from search.understanding import understand

CODES = {c.casefold(): c for c in ("S", "1", "2", "3", "4", "2-3", "4-2", "4-2-K1")}


@pytest.mark.parametrize(
    ("question", "filters", "topic"),
    [
        ("若者の地元定着に取り組む施策は？", ["type:measure"], "若者の地元定着に取り組む は？"),
        ("which measures keep the young", ["type:measure"], "which keep the young"),
        ("청년 정착을 위한 시책은?", ["type:measure"], "청년 정착을 위한 은?"),
        ("基本方針２の指標", ["within:2", "type:kpi"], "の"),
        ("KPIs under policy 3", ["type:kpi", "within:3"], "under"),
        ("Indikator kebijakan dasar 1", ["type:kpi", "within:1"], ""),
        ("施策４－２のKPIは", ["within:4-2", "type:kpi"], "の は"),
        ("what serves SDG 13", ["sdg:13"], "what serves"),
        ("目標４の施策", ["sdg:4", "type:measure"], "の"),
        ("दिगो विकास लक्ष्य ४ शिक्षा", ["sdg:4"], "शिक्षा"),
        ("goal 18", [], "goal 18"),
        ("観光（ワーケーションを除く）", ["without:ワーケーション"], "観光（ ）"),
        ("tourism but not MaaS or robots", ["without:maas", "without:robots"], "tourism"),
        ("transport -airport", ["without:airport"], "transport"),
        ("교통, 공항은 빼고", ["without:공항"], "교통,"),
        ("「地域防災力」の向上", ["phrase:地域防災力"], "「地域防災力」の向上"),
        ("安心して育てられる取組みを探しています", [], "安心して育てられる取組みを探しています"),
        ("基本方針を教えて", ["type:policy"], "を教えて"),
        ("COVID-19 の相談窓口", [], "COVID-19 の相談窓口"),
        ("Wi-Fi", [], "Wi-Fi"),
        ("宿泊者の数はどう測る", ["type:kpi"], "宿泊者の"),
    ],
)
def test_filters_are_read_and_the_topic_is_left(question, filters, topic):
    understood = understand(question, codes=CODES)
    assert [one.key for one in understood.filters] == filters
    assert understood.topic == topic


def test_a_filter_says_how_the_question_says_it():
    (within, kind) = understand("施策４－２のＫＰＩ", codes=CODES).filters
    assert (within.text, kind.text) == ("施策４－２", "ＫＰＩ")


def test_what_the_reader_takes_back_is_topic_again():
    understood = understand("which measures help", ignore=["type:measure"])
    assert understood.filters == ()
    assert understood.topic == "which measures help"


def test_a_code_that_no_plan_has_is_no_place():
    assert understand("施策9-9", codes=CODES).values("within") == ()


@given(st.text(max_size=60), st.sampled_from([None, "ja", "en", "zh-Hant"]))
def test_any_text_is_understood_somehow(text, reader):
    understood = understand(text, reader, CODES)
    assert all(one.value and one.text for one in understood.filters)
    keys = [one.key for one in understood.filters]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("text", "reader", "language"),
    [
        ("若者の定着", None, "ja"),
        ("若者定着", None, "ja"),
        ("若者定着", "zh-Hans", "zh-Hans"),
        ("年轻人", "ja", "zh-Hans"),
        ("對應氣候變遷", None, "zh-Hant"),
        ("テレワーク", "en", "ja"),
        ("청년", "ja", "ko"),
        ("giữ chân thanh niên", "en", "vi"),
        ("युवा", None, "ne"),
        ("what is measured", None, "en"),
        ("qué medidas hay para los jóvenes", "en", "es"),
        ("quelles mesures pour les jeunes", "en", "fr"),
        ("apa yang dilakukan untuk anak", "en", "id"),
        ("turismo", "pt", "pt"),
        ("CO2", None, None),
    ],
)
def test_the_language_is_told_by_script_then_by_small_words(text, reader, language):
    assert language_of(text, reader) == language
