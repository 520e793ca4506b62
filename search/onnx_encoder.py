"""A transformer of the sentence-transformers layout by its ONNX graph, without torch.

Reads folders with `onnx/*.onnx` (token ids and mask in, last hidden states out) whose pooling is
the mean. A graph whose activations are quantised as they come would round a text by its neighbours
in the batch, so each text is a run of its own, on as many threads as there are cores.
"""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from search.encoder import EncoderError, ModelIdentity, Vectors, identify, unit_rows
from search.prompts import Prompts, find_prompts

_GRAPHS = "onnx/*.onnx"
_MAX_TOKENS = 512  # some tokenisers say a huge number for "no limit"
_FEW = 4  # texts that no other thread is woken for


def is_onnx(folder: Path) -> bool:
    """True when the folder has a graph and not the weights that torch would read."""
    weights = any(folder.glob("*.safetensors")) or any(folder.glob("pytorch_model*.bin"))
    return not weights and any(folder.glob(_GRAPHS))


class OnnxEncoder:
    """An `Encoder` over a folder with an ONNX graph and a tokeniser.

    Raises EncoderError when files are missing, damaged, or ask for a pooling that is not the mean.
    """

    def __init__(self, folder: Path, prompts: Prompts | None = None) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise _not_installed(folder) from error
        from tokenizers import Tokenizer

        try:
            _check_pooling(folder)
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.enable_truncation(_max_tokens(folder))
            self._tokenizer.no_padding()
            configured = _read_json(folder / "config_sentence_transformers.json").get("prompts")
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1  # texts run side by side instead
            options.log_severity_level = 3
            graph = min(folder.glob(_GRAPHS))
            self._session = onnxruntime.InferenceSession(
                str(graph), options, providers=["CPUExecutionProvider"]
            )
            self._inputs = [one.name for one in self._session.get_inputs()]
            dimensions = int(self._session.get_outputs()[0].shape[-1])
        except Exception as error:  # both libraries underneath raise their own
            raise _damaged(folder, error) from error
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="encoder")
        name = folder.resolve().name
        self._prompts = find_prompts(name, configured or {}, prompts)
        self._identity = identify(name, folder, dimensions, self._prompts)

    @property
    def identity(self) -> ModelIdentity:
        """The folder's name with the digest of its files."""
        return self._identity

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Questions to unit rows, with the model's query prompt where it has one."""
        return self._encode([self._prompts.query + text for text in texts])

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """Passages to unit rows, with the model's document prompt where it has one."""
        return self._encode([self._prompts.document + text for text in texts])

    def _encode(self, texts: list[str]) -> Vectors:
        run = map if len(texts) <= _FEW else self._threads.map
        rows = list(run(self._mean, texts))
        return unit_rows(np.array(rows).reshape(len(rows), self._identity.dimensions))

    def _mean(self, text: str) -> Vectors:
        """The mean of the text's hidden states, shape (dimensions,)."""
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        given["token_type_ids"] = np.zeros_like(ids)
        hidden = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        mean: Vectors = hidden[0].mean(axis=0)
        return mean


def _check_pooling(folder: Path) -> None:
    pooling = _read_json(folder / "1_Pooling" / "config.json")
    if not (pooling.get("pooling_mode") == "mean" or pooling.get("pooling_mode_mean_tokens")):
        raise ValueError("1_Pooling/config.json: only the mean of the tokens is known here")


def _max_tokens(folder: Path) -> int:
    """How many tokens of a text count: older and newer folders say it in different files."""
    for name, key in (
        ("sentence_bert_config.json", "max_seq_length"),
        ("tokenizer_config.json", "model_max_length"),
    ):
        found = _read_json(folder / name).get(key) if (folder / name).is_file() else None
        if found:
            return min(int(found), _MAX_TOKENS)
    return _MAX_TOKENS


def _read_json(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} is no JSON object")
    return found


def _not_installed(folder: Path) -> EncoderError:
    return EncoderError(
        ja=f"{folder} は ONNX のモデルです。読むには onnxruntime が必要です"
        "（pip install 'shirube[onnx]'）。",
        en=f"{folder} is an ONNX model; onnxruntime is needed to read it "
        "(pip install 'shirube[onnx]').",
    )


def _damaged(folder: Path, error: Exception) -> EncoderError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return EncoderError(
        ja=f"{folder} のモデルを読めません（{reason}）。ファイルをもう一度置いてください。",
        en=f"The model in {folder} cannot be read ({reason}). Put its files there again.",
    )
