"""Letters that are written in more than one way, made one: old kanji, kana, letters with accents.

Wider than `search.analysis.fold`, which the index is made with: for showing a reader the same word.
"""

import re
import unicodedata

from search.analysis import Folded, fold

# Each kanji of today before its old form: the forms that the list of kanji for common use
# (常用漢字表, cabinet notice of 2010) and the one for names put in brackets, and usual variants.
_KANJI = """
万萬与與両兩並竝乗乘乱亂亀龜予豫争爭亜亞仏佛仮假会會伝傳体體余餘併倂価價侭儘倹儉偽僞児兒党黨内
內円圓写寫処處剣劍剤劑剰剩励勵労勞効效勅敕勧勸勲勳区區医醫単單即卽厳嚴参參双雙収收叙敍台臺号號
吉𠮷呉吳告吿唖啞営營嘘噓嘱囑噛嚙団團囲圍図圖国國圏圈圧壓堕墮塁壘塩鹽増增壊壞壌壤壮壯声聲壱壹売
賣変變奥奧奨奬娯娛媯嬀嬢孃学學宝寶実實富冨寛寬寝寢対對寿壽専專将將尚尙尭堯尽盡届屆屏屛属屬岳嶽
峡峽峰峯島嶋崎﨑巌巖巔巓巣巢巻卷帯帶帰歸并幷庁廳広廣廃廢弁瓣弁辨弁辯弐貳弥彌弯彎弾彈当當彦彥径
徑従從徳德徴徵応應恋戀恒恆恵惠悦悅悩惱悪惡惨慘慎愼懐懷戦戰戯戲戸戶戻戾払拂抜拔択擇担擔拝拜拠據
拡擴挙擧挟挾挿插捜搜掲揭掴摑掻搔揺搖摂攝撃擊撹攪教敎数數斉齊斎齋断斷旧舊昼晝晩晚暁曉暦曆曽曾条
條来來枢樞栄榮桑桒桜櫻桟棧桧檜検檢楼樓楽樂概槪様樣槙槇権權横橫欠缺欧歐歓歡歩步歯齒歳歲歴歷残殘
殴毆殻殼毎每気氣没沒沢澤沪濾浄淨浅淺浜濱浜濵涙淚涜瀆清淸渇渴済濟渉涉渋澁渓溪温溫湾灣湿濕満滿溌
潑滝瀧滞滯潜潛瀬瀨灯燈炉爐点點為爲焔焰焼燒犠犧状狀独獨狭狹猟獵献獻獣獸瑶瑤瓶甁産產画畫畳疊痩瘦
痴癡発發盗盜県縣真眞研硏砕碎砿礦礼禮祢禰祷禱禄祿禅禪秘祕称稱税稅稲稻穂穗穏穩穣穰窃竊竜龍箪簞篭
籠粋粹粛肅糸絲経經絵繪絶絕継繼続續総總緑綠緒緖縁緣縄繩縦縱繊纖繋繫繍繡缶罐翻飜聡聰聴聽胆膽脱脫
脳腦臓臟舎舍舗舖艶艷芦蘆芸藝茎莖荘莊蒋蔣蔵藏薫薰薬藥薮藪虚虛虫蟲蚕蠶蛍螢蛮蠻蝋蠟蝿蠅衛衞装裝褒
襃覇霸覚覺覧覽観觀触觸訳譯証證誉譽説說読讀謡謠譲讓讃讚豊豐賛贊践踐躯軀転轉軽輕輌輛辞辭辺邉辺邊
逓遞遅遲遥遙郎郞郷鄕酔醉醗醱醤醬醸釀釈釋鉄鐵鉱鑛銭錢鋭銳鋳鑄錬鍊録錄鎮鎭関關閲閱闘鬭陥陷険險随
隨隠隱隷隸雑雜霊靈青靑静靜靱靭頴穎頼賴顔顏顕顯顛顚飲飮餅餠館舘駅驛駆驅騒騷験驗騨驒髄髓高髙髪髮
鴎鷗鴬鶯鶏鷄鹸鹼麦麥麹麴麺麵黄黃黒黑黙默齢齡
"""
_PAIRS = "".join(_KANJI.split())
_MODERN = str.maketrans(_PAIRS[1::2], _PAIRS[::2])
# Latin letters that Unicode does not decompose.
_STROKES = str.maketrans("đøłħŧı", "dolhti")
_ACCENTS = re.compile("[\u0300-\u036f]")
_KATAKANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}


def plain(text: str) -> Folded:
    """A text folded, its kanji in today's form and its letters without accents, each in place."""
    folded = fold(text)
    characters, starts, ends = [], [], []
    modern = folded.text.translate(_MODERN)
    for character, start, end in zip(modern, folded.starts, folded.ends, strict=True):
        for one in without_accents(character):
            characters.append(one)
            starts.append(start)
            ends.append(end)
    return Folded("".join(characters), tuple(starts), tuple(ends))


def plain_text(text: str) -> str:
    """The text of `plain`, which is quicker without the places."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return without_accents(folded.translate(_MODERN))


def without_accents(text: str) -> str:
    """A text without the marks of European scripts; those of others (が, नि) are letters."""
    if text.isascii():
        return text
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", bare).translate(_STROKES)


def hiragana(text: str) -> str:
    """A text with its katakana as hiragana, one character for one."""
    return text.translate(_KATAKANA)
