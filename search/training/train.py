"""Train static embeddings: one vector per piece, a text is the weighted mean of its pieces.

    python -m search.training.train --work .shirube-training

Reads `train.tsv` and `tokenizer.json`; writes `checkpoint.pt` as it goes (run it again to resume)
and `embeddings.npy` at the end. Symmetric in-batch contrastive loss (InfoNCE) under cosine
similarity; pieces weigh a / (a + p) (Arora et al. 2017), p being the probability of the piece.
"""

from __future__ import annotations

import argparse
import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from search.training.batches import BatchSampler, EncodedPairs, load_encoded
from search.training.corpus import DEFAULT_WORK

INITIAL_DEVIATION = 0.1
WARM_UP = 0.05
FINAL_RATE = 0.02


class CheckpointError(Exception):
    """A checkpoint was made with other settings than the run that would resume it."""


@dataclass(frozen=True)
class Settings:
    """One training run. `frequency` is the a of a / (a + p); `nested` the Matryoshka dimensions."""

    dims: int = 256
    batch: int = 2048
    steps: int = 6000
    rate: float = 0.02
    temperature: float = 0.05
    frequency: float = 0.003
    nested: tuple[int, ...] = ()
    seed: int = 1


def contrastive_loss(first: Tensor, second: Tensor, pairs: Tensor, temperature: float) -> Tensor:
    """Mean cross-entropy of finding each text's partner among the batch, in both directions.

    `first` and `second` are (b, d), not yet normalised; `pairs` (b, 2) are text numbers: where a
    text occurs twice in the batch, the other's partner is no negative.
    """
    logits = functional.normalize(first) @ functional.normalize(second).T / temperature
    same = (pairs[:, :1] == pairs[:, 0]) | (pairs[:, 1:] == pairs[:, 1])
    same.fill_diagonal_(False)
    logits = logits.masked_fill(same, -1e4)
    target = torch.arange(len(logits), device=logits.device)
    forward = functional.cross_entropy(logits, target)
    return (forward + functional.cross_entropy(logits.T, target)) / 2


class Trainer:
    """Embedding rows, their optimiser and the step they are at."""

    def __init__(
        self, encoded: EncodedPairs, vocabulary: int, settings: Settings, device: str = "cpu"
    ) -> None:
        self.settings = settings
        self.step = 0
        self._encoded = encoded
        self._device = torch.device(device)
        self._sampler = BatchSampler(encoded, settings.batch, settings.seed)
        generator = torch.Generator().manual_seed(settings.seed)
        rows = torch.randn(vocabulary, settings.dims, generator=generator) * INITIAL_DEVIATION
        self._rows = torch.nn.Parameter(rows.to(self._device))
        probability = encoded.token_probabilities(vocabulary)
        weight = settings.frequency / (settings.frequency + probability)
        self._weight = torch.from_numpy(weight.astype(np.float32)).to(self._device)
        self._optimizer = torch.optim.SparseAdam([self._rows], lr=settings.rate)

    def start_from(self, embeddings: npt.NDArray[np.float32]) -> None:
        """Begin with the `embeddings` of an earlier run instead of random rows."""
        folded = torch.from_numpy(embeddings).to(self._device)
        with torch.no_grad():
            self._rows.copy_(folded / self._weight[:, None])

    def _rate(self) -> float:
        done = (self.step + 1) / self.settings.steps
        decayed = FINAL_RATE + (1 - FINAL_RATE) * (1 - done)
        return self.settings.rate * min(done / WARM_UP, decayed)

    def advance(self) -> float:
        """Take one step; returns its loss."""
        pairs = self._sampler.draw(self.step)
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
        first, second = pooled[: len(pairs)], pooled[len(pairs) :]
        numbers = torch.from_numpy(pairs).to(self._device)
        dims = (*self.settings.nested, self.settings.dims)
        losses = [
            contrastive_loss(first[:, :d], second[:, :d], numbers, self.settings.temperature)
            for d in dims
        ]
        loss = torch.stack(losses).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        assert rows.grad is not None
        self._rows.grad = torch.sparse_coo_tensor(
            index[None], rows.grad, self._rows.shape, is_coalesced=True, check_invariants=False
        )
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate()
        self._optimizer.step()  # type: ignore[no-untyped-call]
        self.step += 1
        return float(loss.detach())

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


def main() -> None:
    """Command line of this step."""
    default = Settings()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    for name in ("dims", "batch", "steps", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(default, name))
    for name in ("rate", "temperature", "frequency"):
        parser.add_argument(f"--{name}", type=float, default=getattr(default, name))
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
    tokenizer = Tokenizer.from_file(str(arguments.work / "tokenizer.json"))
    encoded = load_encoded(arguments.work, tokenizer, not arguments.without_glossary)
    trainer = Trainer(encoded, tokenizer.get_vocab_size(), settings, arguments.device)
    folder = arguments.work / arguments.run
    folder.mkdir(exist_ok=True)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        trainer.resume(checkpoint)
    elif arguments.start_from:
        trainer.start_from(np.load(arguments.work / arguments.start_from / "embeddings.npy"))
    average = 0.0
    last = min(settings.steps, arguments.until or settings.steps)
    with tqdm(total=last, initial=trainer.step, unit="step") as progress:
        while trainer.step < last:
            loss = trainer.advance()
            average = 0.99 * average + 0.01 * loss if average else loss
            progress.update()
            progress.set_postfix(loss=f"{average:.3f}", refresh=False)
            if trainer.step % arguments.checkpoint_every == 0:
                trainer.save(checkpoint)
    trainer.save(checkpoint)
    np.save(folder / "embeddings.npy", trainer.embeddings())


if __name__ == "__main__":
    main()
