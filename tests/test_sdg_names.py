"""Names of persons, companies and places: they say who and where, never what is done."""

import pytest

from search.sdg_names import without_names
from search.sdg_spans import split


@pytest.mark.parametrize(
    "name",
    [
        *(
            "森 みどり",
            "森みどりさん",
            "平和一郎",
            "平和 太郎",
            "海野 健康",
            "安全 進",
            "木村 教育長",
        ),
        *("株式会社みどりの森", "水の環境株式会社", "株式会社海の幸", "水産町通り", "水の都ホテル"),
        *("水野農園前停留所", "Dr. Forest Waters", "Clean Water Holdings, Inc.", "Ocean Avenue"),
    ],
)
def test_a_name_alone_says_nothing(name: str) -> None:
    assert split(name) == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "森を守り、緑を育てる",
            "みどりの森を育てる",
            "海の豊かさを守る",
            "農地の整備 等",
            "太陽光発電 25 基",
        ),
        *("株式会社を設立して雇用を創出する", "観光ホテルの改修を支援する", "Clean energy for all"),
        "水俣病の患者を支える",
    ],
)
def test_what_is_done_stays(text: str) -> None:
    assert without_names(text) == text


def test_what_is_said_of_a_name_stays_and_the_evidence_is_as_it_stood() -> None:
    assert without_names("海野さんは海岸を清掃した").split() == ["は海岸を清掃した"]
    [span] = split("Mr. Fields planted trees")
    assert (span.exact, span.plain) == ("Mr. Fields planted trees", "planted trees")
