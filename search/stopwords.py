"""Words that carry no topic: grammar, question words, and what every thing of a plan is called.

They are left out of the index and the question alike, in the normal form the analysis gives them.
Vectors still see the whole question.
"""

# Sudachi's first part-of-speech level: particles, auxiliaries, symbols, spaces, pronouns,
# adnominals (どの, この), conjunctions, interjections.
STOP_PARTS_OF_SPEECH = frozenset(
    {"助詞", "助動詞", "補助記号", "記号", "空白", "代名詞", "連体詞", "接続詞", "感動詞"}
)

_JAPANESE = """
為る つく 有る 居る 成る 出来る 行う 行く 来る 下さる 頂く 教える 知る 就く
関する 対する 向ける 於く 因る 通ずる 取り組む 取り組み 取る 組む 組み 施策
政策 方針 基本 戦略 計画 指標 目標 内容 一覧 具体 的 主 等 など 事 物
為 様 訳 筈 言う 思う 見る 有無 無い 何れ 何の 様だ 御 や 調べる 探す
説明 挙げる 示す 設ける 含む 含める 係る 役立つ 繋がる 繋げる
"""

_ENGLISH = """
a about above across address addressed addresses addressing after all also am an and any are as
ask at be because been before being below between both but by can cannot concern concerned
concerning could deal dealing deals did do does doing done each either else etc every explain few
find for from further get give given gives had has have having he her here hers him his how i if
in include included includes including into is it its itself just kind kinds know let list lists
many may me might mine more most much must my neither no nor not of off on once one only or other
our ours out over own per please regard regarding related relate relates same say says she should
show shows so some such take taken tell than that the their theirs them then there these they this
those through thus to too toward towards under until up upon us very via want was we were what
when where whether which while who whom whose why will with within without would you your yours
aim aims approach effort efforts indicator indicators initiative initiatives kpi kpis measure
measures plan plans policies policy strategies strategy target targets action actions step steps
"""

STOPPED = frozenset({"ja", "en"})  # the languages whose stop words these are
STOPWORDS = frozenset((_JAPANESE + _ENGLISH).split())
