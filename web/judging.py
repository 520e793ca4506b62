"""Many texts judged: by this process and, where there are processors to spare, by others too."""

import json
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from web.batch import BatchError, lots
from web.sdg_view import judgement_answer

if TYPE_CHECKING:
    from search.sdg import Judge

ALONE = 4  # lots that this process judges first: a helper takes a second to start
_MOST = 3  # helpers, each of some 300 MB


class Helpers:
    """Processes that judge as this one does, and end with it however it ends.

    `open_judge` can be pickled and makes the same judge in each; `size` is how many they are.
    Where one is killed, the others end too.
    """

    def __init__(self, open_judge: Callable[[], "Judge"], size: int | None = None) -> None:
        self._open_judge = open_judge
        self._size = min(_processors() - 1, _MOST) if size is None else size
        self._pool: ProcessPoolExecutor | None = None
        self.at_work: list[Future[list[str]]] = []
        """What they have begun, their start included."""

    def take(self, texts: Sequence[str]) -> Future[list[str]] | None:
        """Have texts judged, each to a line of JSON; None while nobody is free.

        The first time they are started, which nobody waits for.
        """
        self.at_work = [one for one in self.at_work if not one.done()]
        if len(self.at_work) >= self._size:
            return None
        try:
            if self._pool is None:
                # Spawned: a fork would have locks of our threads, but not the threads.
                spawn = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self._size, spawn, _open, (self._open_judge,))
                self.at_work = [self._pool.submit(_lines, [])] * self._size
                return None
            share = self._pool.submit(_lines, texts)
        except BrokenProcessPool:
            self._size = 0
            return None
        self.at_work.append(share)
        return share

    def close(self) -> None:
        """Let them end."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Share:
    """A lot of texts with its answers, or what will be a helper's answers."""

    texts: Sequence[str]
    answers: list[str] | Future[list[str]]

    def is_done(self) -> bool:
        return isinstance(self.answers, list) or self.answers.done()

    def lines(self, judge: "Judge") -> list[str]:
        if isinstance(self.answers, list):
            return self.answers
        try:
            return self.answers.result()
        except BrokenProcessPool:  # a helper was killed: its texts are judged here
            return answers(judge, self.texts)


def judge_lines(judge: "Judge", file: Path, helpers: Helpers | None = None) -> Iterator[str]:
    """Answer `{"text": …}` lines with goals and targets, in their order; raises `BatchError`.

    A file named `-` is the standard input. Texts before a bad line are answered. The answers are
    the same whoever gives them.
    """
    shares: deque[_Share] = deque()
    failure: BatchError | None = None
    try:
        for number, texts in enumerate(lots(file)):
            taken = helpers.take(texts) if helpers and number >= ALONE else None
            shares.append(_Share(texts, taken or answers(judge, texts)))
            while shares and shares[0].is_done():
                yield from shares.popleft().lines(judge)
    except BatchError as error:
        failure = error
    for share in shares:
        yield from share.lines(judge)
    if failure is not None:
        raise failure


def answers(judge: "Judge", texts: Sequence[str]) -> list[str]:
    """What a judge says of each text, as a line of JSON."""
    return [
        json.dumps(judgement_answer(judgements, judge.method), ensure_ascii=False)
        for judgements in judge.judge(texts)
    ]


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_own: "list[Judge]" = []  # a helper's judge


def _open(open_judge: Callable[[], "Judge"]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is told once, by who has started us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _own.append(open_judge())


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _lines(texts: Sequence[str]) -> list[str]:
    return answers(_own[0], texts)
