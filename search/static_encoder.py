"""A static embedding model: the mean of its tokens' rows, without torch.

Reads the folders that `model2vec` and sentence-transformers' `StaticEmbedding` write. The
`model2vec` library gives the same rows (a test holds them equal) but brings in half a second of
imports that a command line pays on every call.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.encoder import EncoderError, ModelIdentity, Vectors, identify, unit_rows
from search.prompts import Prompts, find_prompts

# The folder of weights and the tensor's name, by who wrote the model.
_LAYOUTS = (
    (".", "embedding.weight"),
    (".", "embeddings"),
    ("0_StaticEmbedding", "embedding.weight"),
)
_NUMBERS = {"F16": np.float16, "F32": np.float32, "F64": np.float64, "I8": np.int8}
_UNKNOWN = re.compile(r'"unk_id"\s*:\s*(\d+)')
_TENSORS = "model.safetensors"
_MAX_TOKENS = 512  # as model2vec and most sentence-transformers cut a text
_BATCH = 1024
_FEW = 64  # texts, such as a question and its words, that no thread pool is woken for


def is_static(folder: Path) -> bool:
    """True when the folder holds a static model, whichever library wrote it.

    Raises EncoderError where the file that would say so is damaged.
    """
    modules, config = folder / "modules.json", folder / "config.json"
    try:
        if modules.is_file():
            listed = _read_json(modules)
            return bool(listed) and str(listed[0].get("type", "")).endswith("StaticEmbedding")
        return config.is_file() and _read_json(config).get("model_type") == "model2vec"
    except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise _damaged(folder, error) from error


class StaticEncoder:
    """An `Encoder` over a folder of a tokenizer and one embedding table.

    The table stays on the disk, mapped into memory: a question reads the rows of its tokens, and
    processes share them. Replace its file, never write into it, while somebody reads. Raises
    EncoderError when the folder is not there or its files are damaged.
    """

    def __init__(self, folder: Path, prompts: Prompts | None = None) -> None:
        from safetensors import SafetensorError
        from tokenizers import Tokenizer

        if not folder.is_dir():
            raise EncoderError(
                ja=f"モデルのフォルダー {folder} がありません。パスを確かめてください。",
                en=f"There is no model folder {folder}. Check the path.",
            )
        try:
            place, name = _find_table(folder)
            self._table = _mapped(place / _TENSORS, name)
            self._weights = _optional(place / _TENSORS, "weights", np.float32)
            self._mapping = _optional(place / _TENSORS, "mapping", np.int64)
            written = (place / "tokenizer.json").read_text(encoding="utf-8")
            self._tokenizer = Tokenizer.from_str(written)
            config = place / "config.json"
            limit = (_read_json(config) if config.is_file() else {}).get("max_length", _MAX_TOKENS)
            configured = _prompts(folder)
        except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
            raise _damaged(folder, error) from error
        except SafetensorError as error:
            raise _damaged(folder, error) from error
        except Exception as error:  # the tokenizers library raises a bare Exception
            if type(error) is not Exception:
                raise
            raise _damaged(folder, error) from error
        if limit is None:
            self._tokenizer.no_truncation()
        else:
            self._tokenizer.enable_truncation(int(limit))
        self._tokenizer.no_padding()
        self._unknown = _unknown_token(self._tokenizer, written)
        name = folder.resolve().name
        self._prompts = find_prompts(name, configured, prompts)
        self._identity = identify(name, folder, int(self._table.shape[1]), self._prompts)

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
        means = np.zeros((len(texts), self._table.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            tokens = self._tokens(texts[start : start + _BATCH])
            # Each different token's row is read and widened once.
            known, places = np.unique(np.concatenate(tokens), return_inverse=True)
            rows = self._rows(known)
            ends = np.cumsum([len(one) for one in tokens])[:-1]
            for row, own in enumerate(np.split(places, ends), start):
                if own.size:
                    np.add.reduce(rows.take(own, axis=0), axis=0, out=means[row])
                    means[row] /= own.size
        return unit_rows(means)

    def _tokens(self, texts: list[str]) -> list[NDArray[np.int64]]:
        if len(texts) <= _FEW:
            encodings = [self._tokenizer.encode(text, add_special_tokens=False) for text in texts]
        else:
            encodings = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        ids = (np.asarray(encoding.ids, dtype=np.int64) for encoding in encodings)
        return [row[row != self._unknown] if self._unknown is not None else row for row in ids]

    def _rows(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """The rows that the tokens add, shape (tokens, dimensions)."""
        stored = self._table[tokens if self._mapping is None else self._mapping[tokens]]
        rows = stored.astype(np.float32)
        return rows if self._weights is None else rows * self._weights[tokens][:, None]


def _find_table(folder: Path) -> tuple[Path, str]:
    """Where the tensors are, and what the embedding table is called among them."""
    from safetensors import safe_open

    for part, name in _LAYOUTS:
        place = folder / part
        if (place / _TENSORS).is_file():
            with safe_open(place / _TENSORS, framework="numpy") as file:
                if name in file.keys():  # noqa: SIM118 - it is no mapping
                    return place, name
    raise FileNotFoundError(_TENSORS)


def _mapped(path: Path, name: str) -> NDArray[Any]:
    """A tensor of a checked file, left on the disk.

    The file begins with the length of its header (8 bytes, little-endian), a JSON object that says
    where each tensor begins after it: https://huggingface.co/docs/safetensors, "Format".
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        said = json.loads(file.read(length))[name]
    start = 8 + length + said["data_offsets"][0]
    kind, shape = np.dtype(_NUMBERS[said["dtype"]]).newbyteorder("<"), tuple(said["shape"])
    return np.asarray(np.memmap(path, kind, mode="r", offset=start, shape=shape))


def _optional(path: Path, name: str, dtype: type[np.generic]) -> NDArray[Any] | None:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        return np.asarray(file.get_tensor(name), dtype=dtype) if name in file.keys() else None  # noqa: SIM118


def _prompts(folder: Path) -> dict[str, str]:
    path = folder / "config_sentence_transformers.json"
    return dict(_read_json(path).get("prompts") or {}) if path.is_file() else {}


def _unknown_token(tokenizer: Any, written: str) -> int | None:
    """The id whose row says nothing, so that it does not dilute the mean (as model2vec does)."""
    model = tokenizer.model
    if hasattr(model, "unk_token"):
        return None if model.unk_token is None else tokenizer.token_to_id(model.unk_token)
    unknown = _UNKNOWN.search(written)  # Unigram keeps it in its file; it is slow to parse again
    return None if unknown is None else int(unknown[1])


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _damaged(folder: Path, error: Exception) -> EncoderError:
    return EncoderError(
        ja=f"{folder} のモデルを読めません（{error}）。ファイルをもう一度置いてください。",
        en=f"The model in {folder} cannot be read ({error}). Put its files there again.",
    )
