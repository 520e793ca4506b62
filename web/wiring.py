"""Settings to objects: the only file that names an engine."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kg.catalog import Catalog, LiveCatalog
from kg.catalog_file import open_catalog
from kg.generation import Generation, build_generation, current, disk_errors, is_sound
from kg.inputs import inputs_digest
from kg.live import LiveStore, read_pointer
from kg.store import Store
from search.answers import Answers
from search.build import DamagedIndexError, StaleIndexError, build_index, open_searcher
from search.encoder import Encoder, load_encoder
from search.searcher import Searcher
from web.answers import Answering
from web.settings import Settings

if TYPE_CHECKING:
    from limits import RateLimitItem

    from kg.shacl import Report
    from kg.writer import Writer
    from kg.writing import Writing
    from search.sdg import Judge
    from web.review_desk import ReviewDesk
    from web.services import Services
    from web.trade_off import Estimate

Progress = Callable[[str], None]


class Workshop:
    """Opens, for one command or one server, only what it asks for; each thing once.

    Imports likewise: who searches does not wait for what validates, judges or serves.
    """

    def __init__(self, settings: Settings, progress: Progress) -> None:
        self.settings = settings
        self._progress = progress
        self._generation: Generation | None = None
        self._catalog: Catalog | None = None
        self._searcher: Searcher | None = None
        self._encoder: Encoder | None = None

    def encoder(self) -> Encoder:
        """The configured encoder; raises `search.encoder.EncoderError`."""
        if self._encoder is None:
            self._encoder = load_encoder(
                self.settings.model,
                network=self.settings.network,
                prompts=self.settings.prompts,
            )
        return self._encoder

    def build(self) -> Generation:
        """Build graph and index of the configured plans and make them the live generation."""
        from kg.audit import at_the_prompt

        self._generation = build_generation(
            self.settings.data,
            self.settings.plans,
            self._progress,
            extend=self._index,
            language=self.settings.language,
            author=at_the_prompt("build"),
        )
        self._catalog = None
        self._searcher = None
        return self._generation

    def generation(self) -> Generation:
        """The live generation, built first where there is none or its sources have changed."""
        if self._generation is None:
            live = current(self.settings.data)
            if live is not None and live.inputs_digest == inputs_digest(self.settings.plans):
                self._generation = live
            else:
                self.build()
        assert self._generation is not None
        return self._generation

    def counts(self) -> dict[str, int]:
        """How many things of each type the live graph has."""
        return dict(Counter(thing.type for thing in self.catalog().things.values()))

    def counts_by_plan(self) -> dict[str, dict[str, int]]:
        """The same, plan by plan."""
        return {
            plan: dict(Counter(thing.type for thing in catalog.things.values()))
            for plan, catalog in self.catalogs().items()
        }

    def catalogs(self, whole: Catalog | None = None) -> dict[str, Catalog]:
        """Each plan's own part of a catalog, by the plan's id: codes are unique within one."""
        catalog = whole or self.catalog()
        return {one.plan: catalog.of_plans([one.plan]) for one in catalog.strategies}

    def reference(self, iri: str) -> str:
        """A thing's code, with its plan before it where there are several."""
        thing = self.catalog().things[iri]
        several = len(self.catalog().strategies) > 1
        return f"{thing.plan}/{thing.code}" if several else thing.code

    def validate(self, path: Path | None) -> "Report":
        """Check a plan folder, a file of RDF, or (None) the configured plans; builds nothing."""
        from kg.checking import check_file, check_plans

        language = self.settings.language
        if path is not None and path.is_file():
            return check_file(path, language)
        return check_plans((path,) if path is not None else self.settings.plans, language)

    def store(self) -> Store:
        """The live graph, opened read-only in this process: for our own queries."""
        self.generation()  # there is one
        return _searching(self._live_store()(), self.searcher)

    def asked_store(self) -> Store:
        """What a person at the prompt queries: the configured endpoint, else the live graph."""
        if self.settings.endpoint is None:
            return self.store()
        remote = self.settings.endpoint.open(timeout=self.settings.query_seconds)
        return _searching(remote, self.searcher)

    def public_store(self, searcher: Searcher) -> Store:
        """The same behind killable worker processes: for anybody's queries."""
        from kg.workers import IsolatedStore

        self.generation()  # there is one
        endpoint, seconds = self.settings.endpoint, self.settings.query_seconds
        isolated = IsolatedStore(
            partial(endpoint.open, seconds) if endpoint else self._live_store(),
            workers=self.settings.query_workers,
            timeout=seconds,
        )
        return _searching(isolated, lambda: searcher)

    def _live_store(self) -> Callable[[], Store]:
        from kg.oxigraph import MAX_BYTES

        return partial(LiveStore, self.settings.data, MAX_BYTES)

    def catalog(self) -> Catalog:
        """Every thing of the live graph."""
        if self._catalog is None:
            try:
                self._catalog = open_catalog(self.generation().folder)
            except (OSError, RuntimeError):  # a damaged store: made again from its plans
                self._catalog = open_catalog(self.build().folder)
        return self._catalog

    def searcher(self) -> Searcher:
        """The searcher over the live graph; an index of another model is built when missing."""
        if self._searcher is None:
            self._searcher = self._open_searcher()
        return self._searcher

    def _open_searcher(self) -> Searcher:
        folder = self._index_folder(self.generation().folder)
        try:
            return open_searcher(self.catalog(), self.encoder(), folder)
        except (StaleIndexError, DamagedIndexError):
            with disk_errors(self.settings.data):
                self._index(self.generation().folder)
            return open_searcher(self.catalog(), self.encoder(), folder)

    def answers(self) -> Answers:
        """What answers questions by named queries."""
        return Answers(self.catalog(), self.searcher().encoder)

    def answering(self) -> Answering:
        """The same, asking what a person at the prompt queries."""
        return Answering(self.answers, self.asked_store)

    def judge(self, everything: bool = False) -> "Judge":
        """The SDG judge over the goals and targets of the live graph; `everything`: all scores."""
        from search.sdg_trained import judge_with

        folder, digest = self.generation().folder, self.encoder().identity.digest[:12]
        kept = folder / f"sdgs-{digest}.npz"
        return judge_with(tuple(self.catalog().sdgs.values()), self.encoder(), kept, everything)

    def estimate(self) -> "Estimate | None":
        """What the trained judge says of its own accuracy; None where another judges."""
        from search.sdg_classifier import load_weights
        from search.sdg_trained import method_of
        from web.trade_off import Estimate

        weights, identity = load_weights(), self.encoder().identity
        if weights.encoder != identity.digest:
            return None
        return Estimate(method_of(identity), weights.accuracy_above)

    def current(self) -> Catalog:
        """The catalog with the SDG alignments as they are reviewed just now."""
        store = self.store()
        try:
            return self.catalog().with_alignments_of(store)
        finally:
            store.close()

    def review_desk(self) -> "ReviewDesk":
        """Takes reviews of SDG alignments, without a token: for who may write the data folder."""
        from web.review_desk import ReviewDesk

        store = self.store()
        live = LiveCatalog(self.catalog(), store, self._revision)
        return ReviewDesk(self.catalog(), live, store, self.writer())

    def services(self) -> "Services":
        """Everything a server needs; a damaged store is made again from its plans first."""
        from kg.shacl_service import ShapesValidator
        from search.suggestions import Suggestions
        from search.thesaurus import read_thesaurus
        from web.review_desk import ReviewDesk
        from web.services import Services

        if not is_sound(self.generation().folder):
            self.build()
        searcher, graph = self.searcher(), self.store()
        store = self.public_store(searcher)
        current = LiveCatalog(self.catalog(), graph, self._revision)
        writer = self.writer() if self._is_writable() else None
        remote = self._remote_writer()
        return Services(
            catalog=self.catalog(),
            graph=graph,
            store=store,
            searcher=searcher,
            graph_digest=self.generation().graph_digest,
            model=self.encoder().identity.name,
            is_remote=self.settings.endpoint is not None,
            writer=remote or writer,
            tokens=self.settings.write_tokens,
            revision=self._revision,
            current=current,
            desk=ReviewDesk(self.catalog(), current, graph, writer) if writer else None,
            thresholds=self.settings.sdg_thresholds,
            answering=Answering(self.answers, lambda: store),
            estimate=self.estimate(),
            suggestions=Suggestions(self.catalog(), read_thesaurus()),
            rate_limit=self._rate_limit(),
            validator=ShapesValidator(),
        )

    def _revision(self) -> str:
        return str(read_pointer(self.settings.data))

    def _rate_limit(self) -> "RateLimitItem | None":
        from web.clients import rate_limit

        text = self.settings.rate_limit
        return rate_limit(text, "SHIRUBE_RATE_LIMIT") if text else None

    def _is_writable(self) -> bool:
        """Where another endpoint answers, writing to our own graph would change no answer."""
        return bool(self.settings.write_tokens) and self.settings.endpoint is None

    def writer(self) -> "Writer":
        """Writes to the live graph."""
        from kg.writer import Writer

        self.generation()  # there is one
        return Writer(self.settings.data, self.settings.write_seconds)

    def _remote_writer(self) -> "Writing | None":
        """Writes to the configured endpoint, where it takes updates and somebody may write."""
        endpoint = self.settings.endpoint
        if endpoint is None or endpoint.update_url is None or not self.settings.write_tokens:
            return None
        from kg.remote_writer import RemoteWriter

        return RemoteWriter(endpoint, self.settings.data, self.settings.write_seconds)

    def _index_folder(self, generation: Path) -> Path:
        return generation / f"index-{self.encoder().identity.digest[:12]}"

    def _index(self, generation: Path) -> None:
        catalog = open_catalog(generation)
        folder = self._index_folder(generation)
        # Beside its place first: a reader never sees half an index, nor two builders' mixture.
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=generation))
        try:
            build_index(catalog, self.encoder(), unfinished)
            shutil.rmtree(folder, ignore_errors=True)
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def judge_for(settings: Settings) -> "Judge":
    """A workshop's judge alone, in a process of its own."""
    return Workshop(settings, lambda _: None).judge()


def _searching(store: Store, searcher: Callable[[], Searcher]) -> Store:
    """The store, whose queries may search; the searcher is made when first one does."""
    from kg.searching_store import SearchingStore
    from search.sparql_search import SparqlSearch

    return SearchingStore(store, lambda: SparqlSearch(searcher()))
