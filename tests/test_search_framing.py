"""A question's frame, who asks whom and how, is told from what the question is about."""

import pytest

from search.cues import cues
from search.framing import OwnNames, own_names, unframed
from search.understanding import understand

LABELS = ["Kumamoto Castle", "Lâu đài Kumamoto", "People in the Kumamoto Medical Network", "熊本城"]
NAMES = OwnNames.of(["熊本県", "Kumamoto Prefecture"], LABELS)


def test_a_place_is_called_with_and_without_its_kind() -> None:
    assert own_names(["熊本県", "Kumamoto Prefecture"]) == {
        "熊本県",
        "熊本",
        "kumamoto prefecture",
        "kumamoto",
    }
    assert own_names(["Kyoto City", "京都市"]) == {"kyoto city", "kyoto", "京都市", "京都"}
    assert own_names([]) == frozenset()


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("I am a nurse living in Kumamoto. Is there anything for nurses?", "nurse . for nurses?"),
        ("この計画には、医師を増やす施策はありますか", "は、医師を増やす施策"),
        ("我是住在熊本的学生，有没有奖学金？", "的学生, 奖学金?"),
        ("저는 농업을 시작하고 싶은데 지원이 있나요", "농업을 시작하고 싶은데"),
        ("Tôi sống ở Kumamoto và muốn mở cửa hàng", "và muốn mở cửa hàng"),
        ("Vivo en Kumamoto, ¿hay algo para madres solteras?", ", ¿ madres solteras?"),
        ("Moro em Kumamoto e quero saber do transporte", "e do transporte"),
        ("J'habite à Kumamoto, y a-t-il des crèches ?", ", crèches ?"),
        ("Saya tinggal di Kumamoto, apakah ada beasiswa?", ", beasiswa?"),
        ("Ano ang ginagawa ng prepektura para sa amin na magsasaka", "na magsasaka"),
        ("यो योजनामा छात्रवृत्ति के छ", "छात्रवृत्ति"),
    ],
)
def test_the_frame_is_taken_off_in_every_language(question: str, about: str) -> None:
    assert unframed(question, NAMES).replace("，", ",").replace("？", "?") == about


@pytest.mark.parametrize(
    "question",
    ["Kumamoto castle", "熊本城", "熊本地震", "government efficiency", "益城町", "my", ""],
)
def test_what_has_no_frame_or_nothing_else_stays_as_it_is(question: str) -> None:
    assert unframed(question, NAMES) == question


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("hotels in Kumamoto", "hotels in"),
        ("Kumamoto soccer results", "soccer results"),
        ("people in Kumamoto's hotels", "people in 's hotels"),
        ("熊本の美味しいラーメン", "の美味しいラーメン"),
        ("熊本ラーメン", "ラーメン"),
        ("nhà hàng ở Kumamoto", "nhà hàng ở"),
        ("hotels near Kumamoto castle in Kumamoto", "hotels near Kumamoto castle in"),
        ("kumamoto medical network", "kumamoto medical network"),
        ("lâu đài kumamoto", "lâu đài kumamoto"),
        ("Kumamoto in the plan", "Kumamoto in the plan"),
    ],
)
def test_the_place_that_all_is_about_tells_nothing(question: str, about: str) -> None:
    assert unframed(question, NAMES) == about


def test_a_name_that_is_part_of_another_is_no_frame() -> None:
    assert unframed("熊本城について知りたい", NAMES) == "熊本城"
    assert unframed("熊本県について知りたい", NAMES) == "熊本県について知りたい"
    assert unframed("熊本の観光について知りたい", NAMES) == "の観光"


def test_what_is_understood_has_no_frame_in_its_topic() -> None:
    asked = understand("この計画のKPIのうち、観光について知りたい", names=NAMES)
    assert [one.key for one in asked.filters] == ["type:kpi"]
    assert asked.topic == "の のうち、観光"


def test_frames_are_there_in_every_language_that_people_ask_in() -> None:
    frames = cues()["frame"]
    assert set(frames) == {"ja", "en", "zh", "ko", "vi", "es", "pt", "fr", "id", "tl", "ne"}
    for language, words in frames.items():
        assert len(words) == len(set(words)) >= 15, language
        assert all(word == word.casefold().strip() for word in words), language
