"""Train a small transformer to put texts of every language where the English teacher puts English.

    python -m search.training.student TEACHER --from RUN --work .shirube-training
    python -m search.training.student TEACHER --from RUN --start-from student --run polished \\
        --glossary --steps 1500

The student (Reimers & Gurevych 2020) has the teacher's own layers under the recipe's vocabulary.
A piece begins as the mean of the teacher's word pieces that mean the same by the static model of
RUN (as in WECHSEL, Minixhofer et al. 2022), so that training starts from sense; or all begins
where another student ended. Reads `targets.npy` and the teacher's shards; writes `student.pt` as it
goes (run it again to resume) and a sentence-transformers folder at the end.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor

from search.encoder import Vectors, unit_rows
from search.training.batches import GROUP_POWER, BatchSampler, EncodedPairs, Ids, load_encoded
from search.training.corpus import DEFAULT_WORK
from search.training.export import load_run
from search.training.losses import Teaching, aim_loss, contrastive_loss, similarities
from search.training.train import (
    CheckpointError,
    advance_to,
    rate_share,
    read_factors,
    record,
)

SPECIAL = ("[PAD]", "[CLS]", "[SEP]")
NEAREST = 10
SHARPNESS = 0.05
BUCKETS = 4
MULTIPLE = 8  # lengths are padded to multiples of it: fewer shapes for a GPU to plan for


@dataclass(frozen=True)
class Settings:
    """One training run.

    `layers` of the teacher are kept; for `frozen` steps only rows learn. `aim` is the weight of the
    distance to the teacher's vectors beside that of finding partners; `power` and `factors` say how
    groups are drawn, as for the static model.
    """

    layers: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    batch: int = 2048
    steps: int = 10_000
    rate: float = 4e-4
    rows_rate: float = 1e-3
    frozen: int = 300
    temperature: float = 0.05
    aim: float = 3.0
    max_tokens: int = 64
    power: float = GROUP_POWER
    factors: str = "synonym=0.5 technical=0.4"
    seed: int = 1


def initial_rows(
    rows: Vectors, tokenizer: Tokenizer, words: Sequence[str], word_rows: Vectors
) -> Vectors:
    """Input rows of the student, shape (pieces + 3, d): see the module's first lines.

    `rows` (pieces, dims) is the static model; `words` the teacher's vocabulary (a name each) with
    `word_rows` (words, d).
    """
    places = {word: place for place, word in enumerate(words)}
    known = [word for word in words if word.isalpha() and len(word) > 1]
    sense = unit_rows(
        np.array([rows[tokenizer.encode(word).ids].sum(axis=0) for word in known], np.float32)
    )
    known_rows = word_rows[[places[word] for word in known]]
    made = np.empty((len(rows) + len(SPECIAL), word_rows.shape[1]), dtype=np.float32)
    units = unit_rows(rows)
    nearest = min(NEAREST, len(known))
    for start in range(0, len(rows), 2048):
        scores = units[start : start + 2048] @ sense.T
        best = np.argpartition(-scores, nearest - 1, axis=1)[:, :nearest]
        share = np.exp(np.take_along_axis(scores, best, axis=1) / SHARPNESS)
        share /= share.sum(axis=1, keepdims=True)
        made[start : start + len(scores)] = np.einsum("nk,nkd->nd", share, known_rows[best])
    for number in range(len(rows)):
        piece = tokenizer.id_to_token(number) or ""
        same = places.get(piece[1:] if piece.startswith("▁") else "##" + piece)
        if same is not None:
            made[number] = word_rows[same]
    for number, name in enumerate(SPECIAL, len(rows)):
        made[number] = word_rows[places[name]]
    return made


def make_student(teacher: Path, layers: Sequence[int], rows: Vectors) -> Any:
    """A transformers model: the teacher's `layers` over input `rows` (pieces + 3, d)."""
    from transformers import AutoModel

    model = AutoModel.from_pretrained(teacher, local_files_only=True)
    model.encoder.layer = torch.nn.ModuleList([model.encoder.layer[n] for n in layers])
    model.config.num_hidden_layers = len(layers)
    model.resize_token_embeddings(len(rows), mean_resizing=False)
    with torch.no_grad():
        model.get_input_embeddings().weight.copy_(torch.from_numpy(rows))
    model.config.vocab_size = len(rows)
    model.config.pad_token_id = len(rows) - len(SPECIAL)
    model.pooler = None
    return model


class Student:
    """The model with what turns texts' tokens into its vectors."""

    def __init__(self, model: Any, pieces: int, max_tokens: int) -> None:
        self.model = model
        self._pad, self._first, self._last = range(pieces, pieces + len(SPECIAL))
        self._max_tokens = max_tokens

    def vectors(self, texts: Sequence[Ids]) -> Tensor:
        """Mean-pooled rows (n, d), not normalised, of texts given as token ids."""
        order = np.argsort([len(text) for text in texts], kind="stable")
        made = []
        for part in np.array_split(order, min(BUCKETS, len(order))):
            made.append(self._pooled([texts[n][: self._max_tokens] for n in part]))
        back = torch.from_numpy(np.argsort(order, kind="stable"))
        return torch.cat(made)[back.to(made[0].device)]

    def _pooled(self, texts: Sequence[Ids]) -> Tensor:
        length = -(-(max(len(text) for text in texts) + 2) // MULTIPLE) * MULTIPLE
        ids = np.full((len(texts), length), self._pad, dtype=np.int64)
        for row, text in zip(ids, texts, strict=True):
            row[: len(text) + 2] = [self._first, *text, self._last]
        tokens = torch.from_numpy(ids).to(self.model.device)
        mask = (tokens != self._pad).to(torch.float32)
        hidden = self.model(input_ids=tokens, attention_mask=mask).last_hidden_state
        pooled: Tensor = (hidden * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
        return pooled


@dataclass(frozen=True)
class Batch:
    """Pairs (b, 2) of text numbers, their texts side after side (2b), and what the teacher says:
    the `places` (t) of the pairs that it knows, and its `rows` (t, d) for them.
    """

    pairs: Tensor
    texts: list[Ids]
    places: Tensor
    rows: Tensor


class Trainer:
    """A student, its optimiser and the step it is at."""

    def __init__(
        self, student: Student, encoded: EncodedPairs, teaching: Teaching, settings: Settings
    ) -> None:
        self.settings = settings
        self.step = 0
        self._student = student
        self._encoded = encoded
        self._teaching = teaching
        self._device = student.model.device
        factors = read_factors(settings.factors)
        self._sampler = BatchSampler(
            encoded, settings.batch, settings.seed, settings.power, factors
        )
        # The next batch is made while a GPU is at work on this one.
        self._ahead = ThreadPoolExecutor(max_workers=1)
        self._next: tuple[int, Future[Batch]] | None = None
        rows = student.model.get_input_embeddings().weight
        others = [p for p in student.model.parameters() if p is not rows]
        self._optimizer = torch.optim.AdamW(
            [
                {"params": [rows], "lr": settings.rows_rate, "weight_decay": 0.0},
                {"params": others, "lr": settings.rate},
            ]
        )
        self._rates = (settings.rows_rate, settings.rate)
        self._others = others

    def advance(self) -> float:
        """Take one step; returns its loss."""
        for parameter in self._others:
            parameter.requires_grad_(self.step >= self.settings.frozen)
        batch = self._batch()
        self.step += 1
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda"):
            made = self._student.vectors(batch.texts)
        loss = self._loss(made.float(), batch)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._student.model.parameters(), 1.0)
        share = rate_share(self.step, self.settings.steps)
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        self._optimizer.step()
        return float(loss.detach())

    def _loss(self, made: Tensor, batch: Batch) -> Tensor:
        """Finding each text's partner and the teacher's row for it, and being near that row."""
        settings = self.settings
        first, second = made.chunk(2)
        logits = similarities(first, second, settings.temperature)
        loss = contrastive_loss(logits, batch.pairs)
        if len(batch.places) > 1:
            known = batch.pairs[batch.places]
            for side in (first[batch.places], second[batch.places]):
                logits = similarities(side, batch.rows, settings.temperature)
                loss = loss + contrastive_loss(logits, known) / 2
                loss = loss + settings.aim * aim_loss(side, batch.rows) / 2
        return loss

    def _batch(self) -> Batch:
        step, waited = self._next or (-1, None)
        batch = self._make(self.step) if waited is None or step != self.step else waited.result()
        self._next = self.step + 1, self._ahead.submit(self._make, self.step + 1)
        return batch

    def _make(self, step: int) -> Batch:
        pairs = self._sampler.draw(step)
        places, rows = self._teaching.of(pairs)
        bounds, tokens = self._encoded.bounds, self._encoded.tokens
        texts = [tokens[bounds[text] : bounds[text + 1]] for text in pairs.T.ravel()]
        return Batch(torch.from_numpy(pairs).to(self._device), texts, places, rows)

    def save(self, path: Path) -> None:
        """Write a checkpoint; a crash while writing leaves the last one whole."""
        state = {
            "settings": asdict(self.settings),
            "step": self.step,
            "model": self._student.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        partial = path.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint; raises CheckpointError if its settings differ."""
        state = torch.load(path, map_location=self._student.model.device, weights_only=True)
        if state["settings"] != asdict(self.settings):
            raise CheckpointError(f"{path.name} was made with {state['settings']}; remove it first")
        self.step = state["step"]
        self._student.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])


def write_student(folder: Path, model: Any, tokenizer: Tokenizer, max_tokens: int = 128) -> None:
    """A sentence-transformers folder of the student: transformer, mean, unit length."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.base.modules.normalize import Normalize
    from sentence_transformers.sentence_transformer.modules import Pooling
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    pieces = tokenizer.get_vocab_size()
    tokenizer.add_special_tokens(list(SPECIAL))
    _, first, last = SPECIAL
    tokenizer.post_processor = TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, pieces + 1), (last, pieces + 2)]
    )
    parts = folder.with_suffix(".parts")
    model.save_pretrained(parts)
    unknown = tokenizer.id_to_token(0)
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        unk_token=unknown,
        pad_token=SPECIAL[0],
        cls_token=first,
        sep_token=last,
        model_max_length=max_tokens,
    ).save_pretrained(parts)
    transformer = Transformer(str(parts), max_seq_length=max_tokens)
    pooling = Pooling(model.config.hidden_size, pooling_mode="mean")
    SentenceTransformer(modules=[transformer, pooling, Normalize()]).save(str(folder))


def begun_model(teacher: Path, settings: Settings, work: Path, static: str) -> tuple[Any, Path]:
    """A student before its first step, with the vocabulary's file: that of the run `static`.

    Its input rows take a minute to find; they are kept as `student-rows.npy`.
    """
    rows, vocabulary = load_run(work, static)
    kept = work / "student-rows.npy"
    if not kept.is_file():
        words, word_rows = teacher_words(teacher)
        made = initial_rows(rows, Tokenizer.from_file(str(vocabulary)), words, word_rows)
        np.save(kept, made.astype(np.float16))
    return make_student(teacher, settings.layers, np.load(kept).astype(np.float32)), vocabulary


def main() -> None:
    """Command line of this step."""
    default = Settings()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("teacher", type=Path, help="the teacher's sentence-transformers folder")
    parser.add_argument("--from", dest="static", required=True, help="run of the static model")
    parser.add_argument("--start-from", help="another student's run to go on from")
    parser.add_argument("--glossary", action="store_true", help="draw the project's words too")
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    parser.add_argument("--run", default="student", help="name of the subfolder for this run")
    for name in ("batch", "steps", "frozen", "max_tokens", "seed"):
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, type=int, default=getattr(default, name))
    for name in ("rate", "rows_rate", "temperature", "aim", "power"):
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, type=float, default=getattr(default, name))
    parser.add_argument("--factors", default=default.factors, help="as of the static model")
    parser.add_argument("--layers", type=int, nargs="*", default=default.layers)
    parser.add_argument("--until", type=int, help="end at this step, before the rate has decayed")
    parser.add_argument("--checkpoint-every", type=int, default=1000, help="steps")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    chosen = {name: getattr(arguments, name) for name in asdict(default)}
    settings = Settings(**chosen | {"layers": tuple(arguments.layers)})
    torch.manual_seed(settings.seed)
    model, vocabulary = begun_model(arguments.teacher, settings, arguments.work, arguments.static)
    if arguments.start_from:
        start_from(model, arguments.work / arguments.start_from / "student.pt")
    model = model.to(arguments.device).eval()
    folder = arguments.work / arguments.run
    folder.mkdir(exist_ok=True)
    record(arguments, folder)
    encoded = load_encoded(arguments.work, vocabulary, glossary=arguments.glossary)
    teaching = Teaching(arguments.work, torch.device(arguments.device))
    tokenizer = Tokenizer.from_file(str(vocabulary))
    student = Student(model, tokenizer.get_vocab_size(), settings.max_tokens)
    trainer = Trainer(student, encoded, teaching, settings)
    checkpoint = folder / "student.pt"
    if checkpoint.exists():
        trainer.resume(checkpoint)
    last = settings.steps if arguments.until is None else min(settings.steps, arguments.until)
    advance_to(trainer, last, checkpoint, arguments.checkpoint_every)
    write_student(folder / "model", model.eval().cpu(), tokenizer)


def start_from(model: Any, checkpoint: Path) -> None:
    """Give `model` the weights that another run ended with."""
    model.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["model"])


def teacher_words(teacher: Path) -> tuple[list[str], npt.NDArray[np.float32]]:
    """The teacher's word pieces, and their input rows (words, d)."""
    from safetensors.numpy import load_file

    vocabulary = json.loads((teacher / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    rows = load_file(teacher / "model.safetensors")["embeddings.word_embeddings.weight"]
    return sorted(vocabulary, key=vocabulary.__getitem__), np.asarray(rows, dtype=np.float32)


if __name__ == "__main__":
    main()
