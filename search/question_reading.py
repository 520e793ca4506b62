"""What a question names: things by code or label, goals, quoted words; and its other words.

Everything that is named is taken out before the words are read, so that the words of a label
(企業立地件数) are not read as what is asked (件数: how many).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from kg.things import Thing
from search.analysis import script
from search.asked import Asked
from search.question_codes import Codes
from search.question_labels import Labels, Mention
from search.question_words import Piece
from search.words_by_meaning import WordsByMeaning

# Words that are no part of a name: to take them so would turn a question into its opposite.
_NO_TEXT = frozenset({"without", "other", "most", "least"})
_JOINS = frozenset("的之与與和及")  # what ends a text in Chinese


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a question: its cues in order, what it names, and texts of neither kind.

    `masked` is the question with `…` for what it names. `cues` keep the lists' words, `texts` are
    as typed. `is_bare` says that there is no other word at all. `sure` is below 1 where words were
    read by their meaning.
    """

    masked: str
    cues: tuple[Piece, ...]
    mentions: tuple[Mention, ...]
    texts: tuple[str, ...]
    is_bare: bool
    sure: float = 1.0


class Reader:
    """Reads questions about some things; safe to use from many threads."""

    def __init__(self, things: Iterable[Thing], words: WordsByMeaning) -> None:
        things = list(things)
        self._words = words
        self._labels = Labels(things)
        self._codes = Codes(things)

    def read(self, question: str, by_meaning: bool = False) -> list[Reading]:
        """Ways to read it, the likeliest first; none where it names a code that is not there.

        `by_meaning` are the ways with words that no list holds.
        """
        asked = Asked(question)
        quotes = dict(self._labels.quoted(asked))
        labels = dict(self._labels.named(asked, quotes))
        ways = [{**labels, **quotes}]
        if labels:  # a label may also just be the words of what is asked about
            ways.append(quotes)
        readings: list[Reading] = []
        for named in ways:
            pieces = self._codes.take_apart(asked, named)
            if pieces is None:
                return []
            mentions = {place: mention for place, (_, mention) in named.items()}
            if not by_meaning:
                readings += _readings(asked, pieces, mentions)
            elif found := self._words.read(pieces):
                pieces, sure = found
                readings += (replace(one, sure=sure) for one in _readings(asked, pieces, mentions))
        return readings


def _readings(
    asked: Asked, pieces: Sequence[Piece], mentions: Mapping[int, Mention]
) -> Iterator[Reading]:
    """The reading of the pieces as they are, then with a cue taken for a part of a text, then with
    the fillers that are written on at its end (在本地).

    The fillers between two stretches of other text are a part of it.
    """
    telling = [n for n, piece in enumerate(pieces) if piece.kind != "filler"]
    yield _reading(asked, pieces, mentions)
    for place, n in enumerate(telling):
        piece = pieces[n]
        may_be_text = piece.kind in ("idea", "light") and not piece.ideas & _NO_TEXT
        beside = telling[max(0, place - 1) : place + 2]
        if may_be_text and any(pieces[other].kind == "other" for other in beside):
            taken = [*pieces[:n], replace(piece, kind="other"), *pieces[n + 1 :]]
            yield _reading(asked, taken, mentions)
    longer = _with_written_on(pieces)
    if longer != pieces:
        yield _reading(asked, longer, mentions)


def _with_written_on(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces with each filler of one kanji that is written on a text as a part of it."""
    taken: list[Piece] = []
    for piece in pieces:
        before = taken[-1] if taken else None
        written_on = (
            before is not None
            and before.kind == "other"
            and before.end == piece.start
            and piece.kind == "filler"
            and piece.text not in _JOINS
            and len(piece.text) == 1
            and script(piece.text) == script(before.text[-1]) == "kanji"
        )
        taken.append(replace(piece, kind="other") if written_on else piece)
    return taken


def _reading(asked: Asked, pieces: Sequence[Piece], mentions: Mapping[int, Mention]) -> Reading:
    texts: list[str] = []
    for is_text, run in groupby(pieces, lambda piece: piece.kind in ("other", "filler")):
        stretch = list(run)
        others = [piece for piece in stretch if piece.kind == "other"]
        if is_text and others:
            texts.append(asked.typed(others[0].start, others[-1].end))
    hidden = ("slot", "other")
    return Reading(
        masked=" ".join("…" if one.kind in hidden else one.text for one in pieces),
        cues=tuple(piece for piece in pieces if piece.kind in ("idea", "light")),
        mentions=tuple(mentions[piece.start] for piece in pieces if piece.kind == "slot"),
        texts=tuple(texts),
        is_bare=len(pieces) == 1,
    )
