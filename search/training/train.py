"""Train static embeddings: one vector per piece, a text is the weighted mean of its pieces.

    python -m search.training.train --work .shirube-training

Reads `train.tsv` and `tokenizer.json`; writes `checkpoint.pt` as it goes (run it again to resume)
and `embeddings.npy` at the end. Symmetric in-batch contrastive loss (InfoNCE) under cosine
similarity; pieces weigh a / (a + p) (Arora et al. 2017), p being the probability of the piece.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from search.training.batches import GROUP_POWER, BatchSampler, EncodedPairs, Ids, load_encoded
from search.training.corpus import DEFAULT_WORK
from search.training.losses import Teaching, aim_loss, contrastive_loss, similarities, soft_loss

INITIAL_DEVIATION = 0.1
WARM_UP = 0.05
FINAL_RATE = 0.02


class CheckpointError(Exception):
    """A checkpoint was made with other settings than the run that would resume it."""


@dataclass(frozen=True)
class Settings:
    """One training run.

    `frequency` is the a of a / (a + p), 0 for the plain mean; `nested` the Matryoshka dimensions;
    `power` the exponent of a group's share and `factors` by how much a register's is changed, as in
    "synonym=0.5 technical=0". `soft` is the
    share of the loss that compares texts as the teacher does, `aim` the weight of the distance to
    the teacher's own vectors, projected to `dims`.
    """

    dims: int = 256
    batch: int = 2048
    steps: int = 6000
    rate: float = 0.02
    temperature: float = 0.05
    frequency: float = 0.003
    nested: tuple[int, ...] = ()
    power: float = GROUP_POWER
    factors: str = ""
    soft: float = 0.0
    aim: float = 0.0
    seed: int = 1


def read_factors(text: str) -> dict[str, float]:
    """The registers and numbers of "synonym=0.5 technical=0"; ValueError where one is none."""
    parts = [part.partition("=") for part in text.split()]
    return {register: float(number) for register, _, number in parts}


def rate_share(step: int, steps: int) -> float:
    """How much of the full learning rate step number `step` has: warm-up, then linear decay."""
    done = step / steps
    return min(done / WARM_UP, FINAL_RATE + (1 - FINAL_RATE) * (1 - done))


class Trainer:
    """Embedding rows, their optimiser and the step they are at."""

    def __init__(
        self,
        encoded: EncodedPairs,
        vocabulary: int,
        settings: Settings,
        device: str = "cpu",
        teaching: Teaching | None = None,
        clusters: Ids | None = None,
    ) -> None:
        self.settings = settings
        self.step = 0
        self._encoded = encoded
        self._device = torch.device(device)
        self._sampler = BatchSampler(
            encoded,
            settings.batch,
            settings.seed,
            settings.power,
            read_factors(settings.factors),
            clusters,
        )
        generator = torch.Generator().manual_seed(settings.seed)
        rows = torch.randn(vocabulary, settings.dims, generator=generator) * INITIAL_DEVIATION
        self._rows = torch.nn.Parameter(rows.to(self._device))
        self._weight = torch.ones(vocabulary, device=self._device)
        if settings.frequency:
            probability = encoded.token_probabilities(vocabulary)
            weight = settings.frequency / (settings.frequency + probability)
            self._weight = torch.from_numpy(weight.astype(np.float32)).to(self._device)
        self._optimizer = torch.optim.SparseAdam([self._rows], lr=settings.rate)
        self._teaching = teaching
        if teaching is not None and settings.aim:
            self._mean, self._basis = teaching.projection(settings.dims, settings.seed)

    def start_from(self, embeddings: npt.NDArray[np.float32]) -> None:
        """Begin with the `embeddings` of an earlier run instead of random rows."""
        folded = torch.from_numpy(embeddings).to(self._device)
        with torch.no_grad():
            self._rows.copy_(folded / self._weight[:, None])

    def advance(self) -> float:
        """Take one step; returns its loss."""
        pairs = self._sampler.draw(self.step)
        index, rows, pooled = self._pooled(pairs)
        loss = self._loss(pooled[: len(pairs)], pooled[len(pairs) :], pairs)
        loss.backward()  # type: ignore[no-untyped-call]
        assert rows.grad is not None
        self._rows.grad = torch.sparse_coo_tensor(
            index[None], rows.grad, self._rows.shape, is_coalesced=True, check_invariants=False
        )
        for group in self._optimizer.param_groups:
            group["lr"] = self.settings.rate * rate_share(self.step + 1, self.settings.steps)
        self._optimizer.step()  # type: ignore[no-untyped-call]
        self.step += 1
        return float(loss.detach())

    def gradients(self, step: int) -> tuple[Ids, npt.NDArray[np.float32]]:
        """Texts (2b,) of batch number `step` and the gradient at their vectors (2b, dims)."""
        pairs = self._sampler.draw(step)
        with torch.no_grad():
            pooled = self._pooled(pairs)[2]
        pooled.requires_grad_()
        loss = self._loss(pooled[: len(pairs)], pooled[len(pairs) :], pairs)
        loss.backward()  # type: ignore[no-untyped-call]
        assert pooled.grad is not None
        return pairs.T.ravel(), pooled.grad.cpu().numpy()

    def _pooled(self, pairs: Ids) -> tuple[Tensor, Tensor, Tensor]:
        """Numbers of the batch's pieces, their rows, and the sums of the texts (2b, dims)."""
        bags = self._encoded.bags(pairs.T.ravel())
        # Only the rows in the batch get a gradient, summed once per row: several times faster than
        # letting SparseAdam coalesce one gradient row per token.
        used, local = np.unique(bags.tokens, return_inverse=True)
        index = torch.from_numpy(used).to(self._device)
        ids = torch.from_numpy(local).to(self._device)
        rows = self._rows.detach()[index].requires_grad_()
        pooled = functional.embedding_bag(
            ids,
            rows,
            torch.from_numpy(bags.offsets).to(self._device),
            mode="sum",
            per_sample_weights=self._weight[index][ids],
        )
        return index, rows, pooled

    def _loss(self, first: Tensor, second: Tensor, pairs: Ids) -> Tensor:
        settings = self.settings
        numbers = torch.from_numpy(pairs).to(self._device)
        places, taught = (None, None) if self._teaching is None else self._teaching.of(pairs)
        losses = []
        for dims in (*settings.nested, settings.dims):
            logits = similarities(first[:, :dims], second[:, :dims], settings.temperature)
            loss = contrastive_loss(logits, numbers)
            if places is not None and taught is not None and settings.soft and len(places) > 1:
                soft = soft_loss(logits[places][:, places], taught)
                loss = (1 - settings.soft) * loss + settings.soft * soft
            losses.append(loss)
        total = torch.stack(losses).mean()
        if places is not None and taught is not None and settings.aim and len(places):
            aimed = (taught - self._mean) @ self._basis
            both = torch.cat((first[places], second[places]))
            total = total + settings.aim * aim_loss(both, torch.cat((aimed, aimed)))
        return total

    def embeddings(self) -> npt.NDArray[np.float32]:
        """The rows with their frequency weights folded in, shape (pieces, dims); row 0 is zero."""
        folded = (self._rows.detach() * self._weight[:, None]).cpu().numpy()
        folded[0] = 0.0
        return np.asarray(folded, dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write a checkpoint; a crash while writing leaves the last one whole."""
        state = {
            "settings": dataclasses.asdict(self.settings),
            "step": self.step,
            "rows": self._rows.detach(),
            "optimizer": self._optimizer.state_dict(),
        }
        partial = path.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint; raises CheckpointError if its settings differ."""
        state = torch.load(path, map_location=self._device, weights_only=True)
        if state["settings"] != dataclasses.asdict(self.settings):
            raise CheckpointError(f"{path.name} was made with {state['settings']}; remove it first")
        self.step = state["step"]
        with torch.no_grad():
            self._rows.copy_(state["rows"])
        self._optimizer.load_state_dict(state["optimizer"])


class Resumable(Protocol):
    """What trains step by step and can be written down between two steps."""

    step: int

    def advance(self) -> float:
        """Take one step; returns its loss."""
        ...

    def save(self, path: Path) -> None:
        """Write a checkpoint."""
        ...


def advance_to(trainer: Resumable, last: int, checkpoint: Path, every: int) -> None:
    """Train to step `last` with progress; a checkpoint each `every` steps and at the end."""
    average = 0.0
    with tqdm(total=last, initial=trainer.step, unit="step") as progress:
        while trainer.step < last:
            loss = trainer.advance()
            average = 0.99 * average + 0.01 * loss if average else loss
            progress.update()
            progress.set_postfix(loss=f"{average:.3f}", refresh=False)
            if trainer.step % every == 0:
                trainer.save(checkpoint)
    trainer.save(checkpoint)


def record(arguments: argparse.Namespace, folder: Path) -> None:
    """Write a run's arguments beside its result."""
    text = json.dumps(vars(arguments), indent=2, default=str)
    (folder / "arguments.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Command line of this step."""
    default = Settings()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    for name in ("dims", "batch", "steps", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(default, name))
    for name in ("rate", "temperature", "frequency", "power", "soft", "aim"):
        parser.add_argument(f"--{name}", type=float, default=getattr(default, name))
    parser.add_argument("--factors", default="", help="e.g. 'synonym=0.5 technical=0'")
    parser.add_argument("--vocabulary", default="tokenizer.json", help="a tokeniser of the folder")
    parser.add_argument("--hard", help="draw like pairs together, by clusters-NAME.npy")
    parser.add_argument("--nested", type=int, nargs="*", default=[], help="Matryoshka dimensions")
    parser.add_argument("--run", default="run", help="name of the subfolder for this run")
    parser.add_argument("--without-glossary", action="store_true", help="on the bundle only")
    parser.add_argument("--until", type=int, help="end at this step, before the rate has decayed")
    parser.add_argument("--start-from", help="an earlier run in the work folder to go on from")
    parser.add_argument("--checkpoint-every", type=int, default=500, help="steps")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    names = [field.name for field in dataclasses.fields(Settings) if field.name != "nested"]
    chosen = {name: getattr(arguments, name) for name in names}
    settings = Settings(nested=tuple(arguments.nested), **chosen)
    vocabulary = arguments.work / arguments.vocabulary
    encoded = load_encoded(arguments.work, vocabulary, not arguments.without_glossary)
    pieces = Tokenizer.from_file(str(vocabulary)).get_vocab_size()
    device = torch.device(arguments.device)
    teaching = Teaching(arguments.work, device) if settings.soft or settings.aim else None
    clusters = arguments.hard and np.load(arguments.work / f"clusters-{arguments.hard}.npy")
    trainer = Trainer(encoded, pieces, settings, arguments.device, teaching, clusters)
    folder = arguments.work / arguments.run
    folder.mkdir(exist_ok=True)
    record(arguments, folder)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        trainer.resume(checkpoint)
    elif arguments.start_from:
        trainer.start_from(np.load(arguments.work / arguments.start_from / "embeddings.npy"))
    last = min(settings.steps, arguments.until or settings.steps)
    advance_to(trainer, last, checkpoint, arguments.checkpoint_every)
    np.save(folder / "embeddings.npy", trainer.embeddings())


if __name__ == "__main__":
    main()
