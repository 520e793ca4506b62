"""Where words stand in questions."""

import pytest

from search.cues import standing


@pytest.mark.parametrize(
    ("text", "words", "places"),
    [
        ("施策の一覧と施策", ["施策"], [(0, 2), (6, 8)]),
        ("基本方針と方針", ["方針", "基本方針"], [(0, 4), (5, 7)]),  # the longer one
        ("ここここ", ["ここ", "こここ"], [(0, 3)]),  # what it has taken begins no other
        ("ああああ", ["ああ"], [(0, 2), (2, 4)]),
        ("a policy on policing", ["polic", "policy"], [(2, 8)]),
        ("the kpi", ["thekpi", "kpis"], []),
        ("kpiは", ["kpi"], [(0, 3)]),  # scripts without spaces do not go on with a word
        ("어떤 정책이", ["정책"], [(3, 5)]),
        ("anything", [], []),
        ("", ["the"], []),
    ],
)
def test_words_stand_whole_and_the_longest_first(
    text: str, words: list[str], places: list[tuple[int, int]]
) -> None:
    assert list(standing(text, words)) == places
