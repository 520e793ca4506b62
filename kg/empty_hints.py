"""The reasons why a query may have no result, said in Japanese and English with their place."""

from kg.pattern_parts import Part
from kg.sparql_groups import Span
from kg.sparql_hints import Hint, HintKind, hint_at
from kg.sparql_reader import Reading


def no_match(reading: Reading, part: Part) -> Hint:
    """A pattern that nothing matches, for no reason that we see."""
    return _on(
        "no-match",
        reading,
        part,
        "「{token}」に合うものはありません。",
        "Nothing matches “{token}”.",
    )


def no_property(reading: Reading, part: Part, name: str) -> Hint:
    """A triple pattern whose property nothing has."""
    return _on(
        "no-match",
        reading,
        part,
        f"「{{token}}」に合うものはありません。プロパティ「{name}」をもつものがありません。",
        f"Nothing matches “{{token}}”: nothing has the property “{name}”.",
    )


def written_otherwise(reading: Reading, part: Part, literal: str) -> Hint:
    """A triple pattern whose literal the data has with another language or datatype."""
    return _on(
        "no-match",
        reading,
        part,
        f"「{{token}}」に合うものはありません。データでは {literal} と書かれています。",
        f"Nothing matches “{{token}}”. In the data it is written {literal}.",
    )


def nothing_found(reading: Reading, part: Part) -> Hint:
    """A search without hits."""
    return _on(
        "no-match",
        reading,
        part,
        "検索「{token}」で見つかるものはありません。",
        "The search “{token}” finds nothing.",
    )


def no_join(reading: Reading, part: Part, other: Part | None = None) -> Hint:
    """Two parts that match, but not together; or (`other` None) a part and all before it."""
    if other is None:
        ja = "「{token}」に合うものはありますが、その前のパターンすべてに合うものがありません。"
        en = "“{token}” has matches, but none that fits all the patterns before it."
    else:
        ja = f"「{other.shown}」と「{{token}}」は、それぞれ合うものがありますが、"
        ja += "両方に合うものがありません。"
        en = f"“{other.shown}” and “{{token}}” have matches each, but none in common."
    return _on("no-join", reading, part, ja, en)


def removed(reading: Reading, part: Part, total: int | None) -> Hint:
    """A FILTER or MINUS that leaves none of so many solutions (None: they were not counted)."""
    ja, en = _solutions(total)
    ja = f"この {part.keyword} が{ja}を除いています：{{token}}"
    en = f"This {part.keyword} removes {en}: {{token}}"
    if part.unbound:
        listed = ", ".join(part.unbound)
        ja += f"（ここでは {listed} に値がありません）"
        en += f" ({listed} {'has' if len(part.unbound) == 1 else 'have'} no value here)"
    return _on("filtered", reading, part, ja, en)


def removed_together(reading: Reading, last: Part, total: int | None) -> Hint:
    """FILTERs that leave something each, but nothing all of them."""
    ja, en = _solutions(total)
    ja = f"FILTER をすべて合わせると、{ja.strip()}が除かれます。"
    return _on("filtered", reading, last, ja, f"The FILTERs together remove {en}.")


def no_graph(reading: Reading, span: Span, name: str) -> Hint:
    """A graph that is not there."""
    ja, en = (
        "グラフ「{token}」はありません（または空です）。",
        "There is no graph “{token}”, or it is empty.",
    )
    return hint_at("no-graph", reading, span, ja, en, name)


def modified(reading: Reading, clauses: list[int]) -> Hint:
    """Clauses after WHERE, by their keywords' tokens, that leave nothing of its solutions."""
    words = ", ".join(reading.tokens[n].text.upper() for n in clauses)
    return hint_at(
        "modified",
        reading,
        (clauses[0], clauses[0] + 1),
        f"条件に合う解はありますが、その後の {words} で一つも残りません。",
        f"The patterns have solutions, but {words} after them leaves none.",
    )


def nothing_made(reading: Reading, form: Span) -> Hint:
    """Solutions of which a CONSTRUCT or DESCRIBE makes no triple."""
    if reading.tokens[form[0]].is_word("CONSTRUCT"):
        ja = "条件に合う解はありますが、型からトリプルができません（値のない変数など）。"
        en = "The patterns have solutions, but the template makes no triple of them: a variable "
        en += "in it has no value, for one."
    else:
        ja = "条件に合うものはありますが、データにその記述がありません。"
        en = "The patterns have solutions, but the data says nothing of what they name."
    return hint_at("nothing-made", reading, form, ja, en)


def unknown_resource(reading: Reading, number: int) -> Hint:
    """An IRI to describe, of which the data does not speak."""
    ja, en = "データに「{token}」の記述はありません。", "The data says nothing of “{token}”."
    return hint_at("unknown-resource", reading, (number, number + 1), ja, en)


def _on(kind: HintKind, reading: Reading, part: Part, ja: str, en: str) -> Hint:
    return hint_at(kind, reading, part.span, ja, en, part.shown)


def _solutions(total: int | None) -> tuple[str, str]:
    if total is None:
        return "解のすべて", "all solutions"
    if total == 1:
        return "ただ一つの解", "the only solution"
    return f" {total:,} 件の解のすべて", f"all {total:,} solutions"
