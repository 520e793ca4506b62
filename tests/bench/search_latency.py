"""One search in process, beside the parts it cannot do without and a plain BM25 peer."""

from functools import partial

import bm25s

from tests.bench.timing import median_ms, processor_ms, show
from web.wiring import Workshop

QUESTIONS = [
    "which measures address youth retention",
    "若者の地元定着",
    "청년 정착",
    "biện pháp nào giúp giữ chân thanh niên",
    "災害に強いまちづくり",
]
ASKED = 200  # labels that are asked for, about


def run(workshop: Workshop) -> None:
    """Print the median time of five questions: whole, encoder alone, bm25s alone; and what one
    question costs the processor, of a few hundred that are asked once and then again.
    """
    searcher, encoder = workshop.searcher(), workshop.encoder()
    labels = [text for thing in workshop.catalog().things.values() for text in thing.label.values()]
    peer = bm25s.BM25()
    peer.index(bm25s.tokenize(labels, show_progress=False), show_progress=False)

    def bm25_only() -> None:
        for question in QUESTIONS:
            tokens = bm25s.tokenize(question, show_progress=False, return_ids=False)
            peer.retrieve(tokens, k=10, show_progress=False)

    show(
        {
            "shirube search": median_ms(lambda: [searcher.search(q) for q in QUESTIONS]),
            "encoder alone": median_ms(lambda: [encoder.encode_query([q]) for q in QUESTIONS]),
            "bm25s over labels": median_ms(bm25_only),
        },
        base="bm25s over labels",
        unit=f"ms for {len(QUESTIONS)} questions",
    )
    asked = labels[:: max(1, len(labels) // ASKED)]  # in all languages
    for when in ("first", "again"):
        middle, most = processor_ms(partial(searcher.search, question) for question in asked)
        print(f"asked {when}: p50 {middle:.1f} ms, p95 {most:.1f} ms ({len(asked)} questions)")
