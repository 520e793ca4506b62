"""Any sentence-transformers model behind the encoder seam; imports torch when one is made."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from search.encoder import EncoderError, ModelIdentity, Vectors, identify, unit_rows
from search.prompts import Prompts, find_prompts

_LOG = logging.getLogger(__name__)
_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "*.bin"]
_OTHER_RUNTIMES = ["onnx/*", "openvino/*"]  # the same weights once more


class SentenceTransformerEncoder:
    """An `Encoder` over a model folder or a hub name, with the model's own prompts.

    Without `network` the hub is never asked: a hub name is answered from its local cache.
    Raises EncoderError when the model is not there or cannot be loaded.
    """

    def __init__(self, name: str, *, network: bool = False, prompts: Prompts | None = None) -> None:
        folder = Path(name)
        local = folder.is_dir()
        if not local and _is_path(name):
            raise EncoderError(
                ja=f"モデルのフォルダー {name} がありません。パスを確かめてください。",
                en=f"There is no model folder {name}. Check the path.",
            )
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)  # two threads on busy cores made a query 20 times slower
        try:
            # Loaded by its folder, a model makes no request to look for newer or missing files.
            place = folder if local else _snapshot(name, network)
            self._model = SentenceTransformer(
                str(place), device="cpu", local_files_only=True, trust_remote_code=False
            ).float()  # a processor computes in half precision slowly and coarsely
        except Exception as error:  # every library underneath raises its own
            _LOG.info("loading %s failed", name, exc_info=True)
            raise _not_loaded(name, local or network, error) from error
        dimensions = self._model.get_embedding_dimension() or self._model.encode([""]).shape[1]
        shown = folder.resolve().name if local else name
        own = {task: prefix for task, prefix in self._model.prompts.items() if prefix}
        found = find_prompts(shown, own, prompts)
        self._model.prompts = {"query": found.query, "document": found.document}
        # The cache keeps each revision in a folder of its name.
        revision = "" if local else place.name
        self._identity = identify(shown, place, int(dimensions), found, revision)

    @property
    def identity(self) -> ModelIdentity:
        """Its name with the digest of its files, or of the hub's revision."""
        return self._identity

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Questions to unit rows, with the model's query prompt where it has one."""
        return self._rows(self._model.encode_query, texts)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """Passages to unit rows, with the model's document prompt where it has one."""
        return self._rows(self._model.encode_document, texts)

    def _rows(self, encode: Callable[..., Any], texts: Sequence[str]) -> Vectors:
        if not texts:
            return unit_rows(np.zeros((0, self._identity.dimensions)))
        return unit_rows(encode(list(texts), convert_to_numpy=True, show_progress_bar=False))


def _is_path(name: str) -> bool:
    """True for what can only be meant as a folder: a hub name is `model` or `owner/model`."""
    return name.startswith((".", "~", "/")) or name.count("/") > 1 or "\\" in name


def _snapshot(name: str, network: bool) -> Path:
    """The folder of a hub model in the local cache, filled from the hub where that is allowed."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    # A short name is the library's own, as sentence-transformers reads it.
    repositories = [name] if "/" in name else [f"sentence-transformers/{name}", name]
    for repository in repositories:
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except LocalEntryNotFoundError:
            _LOG.debug("%s is not in the cache", repository)
    if not network:
        raise LocalEntryNotFoundError(f"{name} is not in the local cache")
    return Path(
        snapshot_download(repositories[0], allow_patterns=_FILES, ignore_patterns=_OTHER_RUNTIMES)
    )


def _not_loaded(name: str, there: bool, error: Exception) -> EncoderError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    if there:
        return EncoderError(
            ja=f"モデル {name} を読み込めません（{reason}）。",
            en=f"The model {name} cannot be loaded ({reason}).",
        )
    return EncoderError(
        ja=f"モデル {name} はこのコンピューターにありません。フォルダーのパスを指定するか、"
        "ネットワークの利用を許可してください。",
        en=f"The model {name} is not on this computer. Give the path of its folder, or allow "
        "network access.",
    )
