"""Generated SPARQL: queries by the grammar, queries with a slip in them, and soups of tokens.

Every IRI is under `URL` or `FILE`, to be replaced by what notices being opened.
"""

from hypothesis import strategies as st

from kg.sparql_tokens import Source, tokenise

PROLOGUE = "PREFIX : <URL/> PREFIX 例: <URL/例#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
DATA = """
PREFIX : <URL/> PREFIX 例: <URL/例#>
GRAPH :g { :a :p :b , 1 , "若者"@ja . :b :p :c ; :q 2.5 , "youth"@en . 例:若者 :p :a }
GRAPH :h { :c :p :a ; :q true , "x" . :a :q 例:若者 }
"""

_IRIS = [":a", ":b", ":c", "例:若者", "<URL/a>", "<URL/\\u4F8B#若者>", "<URL/service>"]
_VARS = ["?x", "?y", "?z", "$x", "?若"]
_LITERALS = [
    *('"x"', "'若者'@ja", '"youth"@en', "1", "-2.5", "1.0e3", "true", '"""a\n"b" service"""'),
    *("'\\u82E5\\\\'", '"7"^^xsd:integer', '"URL"', "''", "'# SERVICE <URL> {}'"),
]
_FUNCTIONS = [
    *("STR", "LANG", "DATATYPE", "isIRI", "isLiteral", "STRLEN", "UCASE", "ABS", "CEIL", "MD5"),
    *("ENCODE_FOR_URI", "YEAR", "IRI", "isNumeric"),
]
_TWO = ["CONTAINS", "STRSTARTS", "STRBEFORE", "LANGMATCHES", "sameTerm", "REGEX", "STRDT", "CONCAT"]

variables = st.sampled_from(_VARS)
iris = st.sampled_from(_IRIS)
literals = st.sampled_from(_LITERALS)
_gaps = st.sampled_from([" ", " ", " ", "\n", " # '\"{ SERVICE\n", "\t"])


def _joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(" ".join)


def _of(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda drawn: template % drawn)


paths = st.recursive(
    st.sampled_from([":p", ":q", "a", "<URL/p>", "^:p", "!(:p|^:q)"]),
    lambda path: st.one_of(
        _of("(%s/%s)", path, path), _of("(%s|%s)", path, path), _of("(%s)*", path),
        _of("(%s)+", path), _of("(%s)?", path), _of("^(%s)", path),
    ),
    max_leaves=3,
)  # fmt: skip
expressions = st.recursive(
    variables | literals | iris,
    lambda e: st.one_of(
        _of("(%s %s %s)", e, st.sampled_from(["=", "<", ">=", "!=", "&&", "||", "+", "*", "/"]), e),
        _of("!(%s)", e), _of("%s(%s)", st.sampled_from(_FUNCTIONS), e),
        _of("%s(STR(%s), %s)", st.sampled_from(_TWO), e, e), _of("(%s IN (%s, %s))", e, e, e),
        _of("IF(%s, %s, %s)", e, e, e), _of("COALESCE(%s, %s)", e, e), _of("BOUND(%s)", variables),
        _of("EXISTS { %s :p %s }", variables, variables),
    ),
    max_leaves=4,
)  # fmt: skip
_triples = _of(
    "%s %s %s .",
    variables | iris,
    variables | paths,
    variables | iris | literals | st.just("[ :p ?z ]"),
)
_groups = st.recursive(
    st.lists(_triples, min_size=1, max_size=2).map(" ".join),
    lambda group: st.one_of(
        _joined(group, group), _of("%s OPTIONAL { %s }", group, group),
        _of("{ %s } UNION { %s }", group, group), _of("%s MINUS { %s }", group, group),
        _of("%s FILTER(%s)", group, expressions), _of("%s BIND(%s AS ?new)", group, expressions),
        _of("%s VALUES (?x ?y) { (%s UNDEF) (:b %s) }", group, literals, literals),
        _of("GRAPH ?g { %s }", group), _of("GRAPH :g { %s }", group),
        _of("{ SELECT DISTINCT ?x ?y { %s } }", group),
    ),
    max_leaves=3,
)  # fmt: skip
_froms = st.sampled_from(
    ["", "", "", "FROM :g", "FROM :g FROM NAMED :h", "FROM NAMED :g", "FROM <file:FILE>"]
)
_modifiers = st.sampled_from(
    ["", "", "ORDER BY ?x DESC(?y)", "LIMIT 100", "OFFSET 0", "ORDER BY STR(?z) LIMIT 50"]
)
_heads = st.sampled_from(["SELECT *", "SELECT DISTINCT ?x ?y", "SELECT REDUCED ?z", "ASK"])
_templates = st.sampled_from(["?x :made ?y", "?x ?y ?z . :a :b 'c'@ja"])
JOINED = "GROUP_CONCAT(?z; separator=', ')"
_aggregates = st.sampled_from(["COUNT(*)", "COUNT(DISTINCT ?y)", "SUM(?y)", "MIN(?z)", JOINED])
bodies = st.one_of(
    _of("%s %s WHERE { %s } %s", _heads, _froms, _groups, _modifiers),
    _of("SELECT ?x (%s AS ?n) %s { %s } GROUP BY ?x %s", _aggregates, _froms, _groups, _modifiers),
    _of("CONSTRUCT { %s } %s WHERE { %s }", _templates, _froms, _groups),
    _of("DESCRIBE ?x %s WHERE { %s }", _froms, _groups),
    _of("DESCRIBE %s", iris),
)
# By the grammar; whether every rule beyond it holds (a variable assigned twice, say) is the
# engine's to know.
queries = bodies.map(lambda body: PROLOGUE + body)

_STRAY = [
    *("SERVICE <URL/x> { ?s ?p ?o }", "SERVICE SILENT ?x {}", "SERV\\u0049CE <URL> {}"),
    *("LOAD <URL>", "INSERT DATA { :a :p 1 }", "{", "}", "(", ")", "'", '"', "'''", "<", ">"),
    *(
        ".",
        ";",
        ",",
        "^^",
        "@ja",
        "?",
        "$",
        "_:b",
        ":",
        "a:b",
        "\\",
        "\\u0027",
        "#",
        "\x00",
        "\ufeff",
    ),
    *(
        "\u3000",
        "｛",
        "？x",
        "AS",
        "BY",
        "FROM",
        "FILTER",
        "SELECT",
        "OPTINAL",
        "0x1F",
        "1.",
        "<<",
        ">>",
    ),
    *("\U0001f600", "e\u0301", "\u202e", "%", "%00", "<file:FILE>", "<URL/ a>", "BASE <x>", "=="),
]


@st.composite
def slips(draw: st.DrawFn) -> str:
    """A query by the grammar in which a token is lost, doubled, moved, or a stranger has come."""
    text = draw(queries)
    words = [token.text for token in tokenise(Source(text))]
    at = draw(st.integers(0, len(words) - 1))
    match draw(st.sampled_from(["lose", "double", "stray", "stray", "swap", "cut"])):
        case "lose":
            del words[at]
        case "double":
            words.insert(at, words[at])
        case "stray":
            words.insert(at, draw(st.sampled_from(_STRAY)))
        case "swap":
            other = draw(st.integers(0, len(words) - 1))
            words[at], words[other] = words[other], words[at]
        case _:
            return text[: draw(st.integers(0, len(text)))]
    gap, joined = draw(_gaps), ""
    for word in words:
        # Oxigraph wants a call's name and its bracket together; the standard, and we, do not.
        is_call = word == "(" and joined[-1:].isalnum()
        joined += word if is_call else gap + word
    return joined


soups = st.lists(
    st.one_of(
        st.sampled_from(_STRAY), st.sampled_from(_IRIS + _VARS + _LITERALS), st.text(max_size=5)
    ),
    max_size=12,
).map(" ".join)
