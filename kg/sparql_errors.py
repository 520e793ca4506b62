"""What can go wrong with a query, said in Japanese and English with the place and a way out."""

import re
from typing import Any, Literal, TypeAlias

from kg.message import UserError

Kind: TypeAlias = Literal[
    "syntax",
    "rdf",
    "shapes",
    "forbidden",
    "unsupported",
    "timeout",
    "too_large",
    "too_deep",
    "read_only",
    "protected",
    "conflict",
    "precondition",
    "missing",
    "unavailable",
    "out_of_memory",
    "crashed",
]


_LONGEST = 100  # characters of what somebody wrote that an error repeats
_LONGEST_MESSAGE = 1_000
_QUOTED = re.compile(rf"(?<=[「“<])[^」”>]{{{_LONGEST + 1},}}")


def excerpt(text: str, longest: int = _LONGEST) -> str:
    """The beginning of a text that is longer; else the text."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def shortened(message: str, token: str | None = None) -> str:
    """A message that repeats no more of what somebody wrote than helps to find it.

    Who sends a word of 20,000 characters knows it, and shall not get it back three times over.
    """
    if token:
        message = message.replace(token, excerpt(token))
    message = _QUOTED.sub(lambda quoted: excerpt(quoted[0]), message)
    return excerpt(message, _LONGEST_MESSAGE)


class SparqlError(UserError):
    """A query or update that was refused or could not be finished.

    `kind` is stable and meant for programs. `line` and `column` are 1-based and count characters
    of the text as it was sent; `token` is the offending word as written, or how it begins (where
    it ends in …). `hint` holds the way out per language. A timeout carries `limit` and `elapsed` in
    seconds.
    """

    def __init__(
        self,
        kind: Kind,
        ja: str,
        en: str,
        *,
        line: int | None = None,
        column: int | None = None,
        token: str | None = None,
        hint: tuple[str, str] | None = None,
        limit: float | None = None,
        elapsed: float | None = None,
    ) -> None:
        super().__init__(shortened(ja, token), shortened(en, token))
        self.kind: Kind = kind
        self.line = line
        self.column = column
        self.token = token and excerpt(token)
        languages = zip(("ja", "en"), hint or (), strict=False)
        self.hint = {language: shortened(text, token) for language, text in languages}
        self.limit = limit
        self.elapsed = elapsed

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the error travel whole from a worker process."""
        return _restore, (type(self), self.__dict__)


def _restore(cls: type[SparqlError], state: dict[str, Any]) -> SparqlError:
    error = cls.__new__(cls)
    Exception.__init__(error, f"{state['en']} / {state['ja']}")
    error.__dict__.update(state)
    return error


def timed_out(limit: float, elapsed: float) -> SparqlError:
    """The query ran into its time limit; both in seconds."""
    return SparqlError(
        "timeout",
        f"検索が制限時間 {limit:g} 秒を超えたため、中止しました。",
        f"The query was stopped because it ran past its limit of {limit:g} seconds.",
        hint=(
            "条件を絞り込むか、LIMIT を付けてください。",
            "Narrow the patterns or add a LIMIT.",
        ),
        limit=limit,
        elapsed=elapsed,
    )


def too_large(max_bytes: int) -> SparqlError:
    """The answer outgrew the size limit."""
    return SparqlError(
        "too_large",
        f"結果が上限の {max_bytes:,} バイトを超えたため、返しません（切り捨てはしません）。",
        f"The answer is larger than the limit of {max_bytes:,} bytes, so it is not returned "
        "(it is never cut short).",
        hint=(
            "LIMIT と OFFSET で分けて取得するか、変数を減らしてください。",
            "Fetch it in parts with LIMIT and OFFSET, or project fewer variables.",
        ),
    )


def read_only() -> SparqlError:
    """The store takes no updates."""
    return SparqlError(
        "read_only",
        "このエンドポイントは読み取り専用です。更新（INSERT、DELETE など）は受け付けません。",
        "This endpoint is read-only: it takes no updates (INSERT, DELETE and so on).",
    )


def protected(graph: str, place: tuple[int, int] | None = None) -> SparqlError:
    """A graph that is made from the plans, and that nobody writes to."""
    line, column = place or (None, None)
    return SparqlError(
        "protected",
        f"グラフ <{graph}> は計画から作られるもので、書き込めません。",
        f"The graph <{graph}> is made from the plans and cannot be written to.",
        line=line,
        column=column,
        token=graph,
        hint=(
            "ご自分のグラフ（別の IRI）に書いてください。計画そのものは、フォルダーを直して"
            "作り直します（shirube build）。",
            "Write to a graph of your own, under another IRI. To change a plan, edit its folder "
            "and build again (shirube build).",
        ),
    )


def missing_graph(graph: str) -> SparqlError:
    """There is no such named graph."""
    return SparqlError(
        "missing",
        f"グラフ <{graph}> はありません。",
        f"There is no graph <{graph}>.",
        token=graph,
    )


def graph_changed(graph: str, is_there: bool) -> SparqlError:
    """A graph is not, or no longer, as If-Match asks."""
    ja, en = ("、If-Match の版ではありません", "not as If-Match asks")
    if not is_there:
        ja, en = ("ありません（If-Match）", "not there, which If-Match asks for")
    return SparqlError(
        "precondition",
        f"グラフ <{graph}> は{ja}。何も変えていません。",
        f"The graph <{graph}> is {en}; nothing has been changed.",
        token=graph,
        hint=(
            "GET で読み直し、その ETag を If-Match に入れて送ってください。",
            "GET it again, and send If-Match with the ETag of that.",
        ),
    )


def graph_there(graph: str) -> SparqlError:
    """A graph is there, or is as it was, where If-None-Match asks that it is not."""
    return SparqlError(
        "precondition",
        f"グラフ <{graph}> は、If-None-Match の求めに反して、すでにあります。何も変えていません。",
        f"The graph <{graph}> is there already, which If-None-Match rules out; nothing has been "
        "changed.",
        token=graph,
        hint=(
            "書き換えてよければ、If-None-Match を外すか、ETag を If-Match に入れてください。",
            "To replace it, leave If-None-Match out or send its ETag as If-Match.",
        ),
    )


def conflict(reason: str) -> SparqlError:
    """An operation on a graph that does not exist, or exists already; `reason` is the engine's."""
    iri = reason[reason.find("<") + 1 : reason.find(">")]
    exists = "already exists" in reason
    return SparqlError(
        "conflict",
        f"グラフ <{iri}> は{'すでにあります' if exists else 'ありません'}。",
        f"The graph <{iri}> {'already exists' if exists else 'does not exist'}.",
        token=iri,
        hint=(
            "それでもよければ SILENT を付けてください。",
            "Add SILENT where that is no mistake.",
        ),
    )


def unknown_function(iri: str, place: tuple[int, int] | None = None) -> SparqlError:
    """A function that neither SPARQL nor this endpoint has."""
    line, column = place or (None, None)
    return SparqlError(
        "unsupported",
        f"関数 <{iri}> はありません。",
        f"There is no function <{iri}>.",
        line=line,
        column=column,
        token=iri,
    )


def no_search() -> SparqlError:
    """A search was asked of a store that has none."""
    return SparqlError(
        "unsupported",
        "ここでは shirube:search を使えません（検索索引のないストアです）。",
        "shirube:search is not to be had here: this store has no search index.",
    )


def too_deep(limit: int) -> SparqlError:
    """Brackets nest past the limit."""
    return SparqlError(
        "too_deep",
        f"括弧の入れ子が上限の {limit} 段を超えています。",
        f"Brackets nest deeper than the limit of {limit}.",
    )


def too_long(limit: int) -> SparqlError:
    """More tokens than the engine bears, long lists aside."""
    return SparqlError(
        "too_deep",
        f"問い合わせが長すぎます（上限は {limit:,} 語です）。",
        f"The query is too long: the limit is {limit:,} words and signs.",
        hint=(
            "長い一覧は VALUES か IN に入れてください（数に含みません）。",
            "Put long lists in VALUES or IN, which are not counted.",
        ),
    )


def syntax_error(
    ja: str,
    en: str,
    place: tuple[int, int] | None = None,
    token: str | None = None,
    hint: tuple[str, str] | None = None,
) -> SparqlError:
    """A mistake in the text; `ja` and `en` are phrases without a full stop, `place` is 1-based."""
    if place is None:
        return SparqlError(
            "syntax", f"{ja}。", f"{en[:1].upper()}{en[1:]}.", token=token, hint=hint
        )
    line, column = place
    before_ja, before_en = _place_in_words(line, column)
    return SparqlError(
        "syntax",
        f"{before_ja}{ja}。",
        f"{before_en}{en}.",
        line=line,
        column=column,
        token=token,
        hint=hint,
    )


def rdf_mistake(error: SyntaxError | ValueError) -> SparqlError:
    """A document that is not the RDF that it should be; `error` is the parser's."""
    if not isinstance(error, SyntaxError):
        error = SyntaxError(str(error))
    place = (error.lineno, error.offset) if error.lineno and error.offset else None
    words = str(error.msg).split(": ", 1)[-1] if place else str(error.msg)
    mistake = syntax_error(
        f"RDF として読めません（{words}）", f"this cannot be read as RDF ({words})", place
    )
    mistake.kind = "rdf"
    return mistake


def bad_shapes(reason: str) -> SparqlError:
    """Shapes that SHACL does not allow; `reason` is the validator's."""
    return SparqlError(
        "shapes",
        f"SHACL のシェイプとして正しくありません（{reason}）。",
        f"These are no proper SHACL shapes: {reason}",
    )


def moved(error: SparqlError, place: tuple[int, int]) -> SparqlError:
    """An error about a rewriting of a text, as one about the text itself, at `place`."""
    if error.line is None or error.column is None:
        return error
    new = _place_in_words(*place)
    texts = [
        now + text.removeprefix(before) if text.startswith(before) else text
        for text, before, now in zip(
            (error.ja, error.en), _place_in_words(error.line, error.column), new, strict=True
        )
    ]
    changes = {"ja": texts[0], "en": texts[1], "line": place[0], "column": place[1]}
    return _restore(type(error), {**error.__dict__, **changes})


def _place_in_words(line: int, column: int) -> tuple[str, str]:
    return f"{line} 行 {column} 文字目: ", f"Line {line}, column {column}: "


def remote_failure(url: str, reason: str) -> SparqlError:
    """Another endpoint could not be reached, failed, or answered something else."""
    return SparqlError(
        "unavailable",
        f"SPARQL エンドポイント {url} から結果を得られませんでした（{reason}）。",
        f"The SPARQL endpoint {url} gave no answer: {reason}",
    )


def bad_graph(iri: str) -> SparqlError:
    """A dataset parameter is not an absolute IRI."""
    return SparqlError(
        "syntax",
        f"グラフの指定「{iri}」は IRI ではありません。",
        f"The graph “{iri}” is not an absolute IRI.",
        token=iri,
    )


def busy() -> SparqlError:
    """No worker came free in time."""
    return SparqlError(
        "unavailable",
        "ただいま混み合っています。しばらくしてからもう一度お試しください。",
        "Too many queries are running just now: please try again in a moment.",
    )


def out_of_memory(limit: int) -> SparqlError:
    """The query needed more memory than a worker has; `limit` in bytes."""
    return SparqlError(
        "out_of_memory",
        f"この検索には上限の {limit // 2**20:,} MiB を超えるメモリが必要なため、中止しました。",
        f"The query was stopped because it needs more memory than the {limit // 2**20:,} MiB "
        "that it may use.",
        hint=(
            "条件を絞り込むか、ORDER BY、DISTINCT、GROUP BY の対象を減らしてください。",
            "Narrow the patterns, or sort and group fewer solutions.",
        ),
    )


def crashed(exit_code: int | None) -> SparqlError:
    """The query took its worker down; the fault is the engine's or ours."""
    return SparqlError(
        "crashed",
        f"検索エンジンがこの問い合わせの処理中に異常終了しました（{exit_code}）。",
        f"The engine failed on this query ({exit_code}).",
    )
