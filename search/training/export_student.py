"""Write a trained student as a folder that needs no torch: an 8-bit ONNX graph and its tokeniser.

    python -m search.training.export_student --run polished --out search/models/student

Weights of matrix products are 8-bit per channel, input rows 8-bit with a scale each; activations
are quantised as they come (dynamic quantisation). `--mix` averages the weights with another
student's, as model soups do (Wortsman et al. 2022). Prints the development table of what it wrote.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from search.encoder import load_encoder
from search.training.corpus import DEFAULT_WORK, read_pairs
from search.training.development import development_table

GRAPH = Path("onnx") / "model.onnx"
OPSET = 17


class EightBitRows(nn.Module):
    """Input rows (pieces, d) as 8-bit numbers with a scale each, in place of an `nn.Embedding`."""

    scale: Tensor
    numbers: Tensor

    def __init__(self, rows: Tensor) -> None:
        super().__init__()
        scale = rows.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / 127
        self.register_buffer("scale", scale)
        self.register_buffer("numbers", (rows / scale).round().to(torch.int8))

    def forward(self, ids: Tensor) -> Tensor:
        """The rows of the tokens, shape (..., d)."""
        rows: Tensor = self.numbers[ids].float() * self.scale[ids]
        return rows


class Hidden(nn.Module):
    """The model from token ids and mask to its last hidden states, as the graph has it."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Hidden states (texts, tokens, d)."""
        made = self.model(input_ids=input_ids, attention_mask=attention_mask)
        hidden: Tensor = made.last_hidden_state
        return hidden


def mixed(first: dict[str, Tensor], second: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Weights `share` of the way from `second` to `first`; both of one architecture."""
    return {name: share * first[name] + (1 - share) * second[name] for name in first}


def write_graph(model: Any, path: Path) -> None:
    """The model, its rows and its matrix products in 8 bits, as one ONNX file."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    model.set_attn_implementation("eager")
    model.embeddings.word_embeddings = EightBitRows(model.get_input_embeddings().weight.detach())
    axes = {0: "texts", 1: "tokens"}
    names = ("input_ids", "attention_mask", "last_hidden_state")
    sample = torch.ones((2, 8), dtype=torch.int64)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder) / "plain.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(
            Hidden(model).eval(),
            (sample, sample),
            plain,
            input_names=list(names[:2]),
            output_names=[names[2]],
            dynamic_axes=dict.fromkeys(names, axes),
            opset_version=OPSET,
            dynamo=False,
        )
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(
            ready,
            path,
            per_channel=True,
            weight_type=QuantType.QUInt8,
            op_types_to_quantize=["MatMul"],
        )


def write_folder(model: Any, source: Path, out: Path) -> None:
    """The graph and, from the sentence-transformers folder `source`, all else but the weights."""
    for path in source.rglob("*"):
        if path.is_file() and path.suffix in (".json", ".txt"):
            copy = out / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    write_graph(model, out / GRAPH)


def main() -> None:
    """Command line of this step."""
    from transformers import AutoModel

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    parser.add_argument("--run", default="polished", help="the student's subfolder")
    parser.add_argument("--out", type=Path, required=True, help="folder of the finished model")
    parser.add_argument("--mix", help="another student's run, to average the weights with")
    parser.add_argument("--share", type=float, default=0.6, help="of --run, the rest of --mix")
    arguments = parser.parse_args()
    source = arguments.work / arguments.run / "model"
    model = AutoModel.from_pretrained(source, add_pooling_layer=False)
    if arguments.mix:
        other = AutoModel.from_pretrained(
            arguments.work / arguments.mix / "model", add_pooling_layer=False
        )
        model.load_state_dict(mixed(model.state_dict(), other.state_dict(), arguments.share))
    write_folder(model, source, arguments.out)
    made = load_encoder(str(arguments.out))
    dev = list(read_pairs(arguments.work / "dev.tsv"))
    for name, score in development_table(dev, made.encode_document).items():
        print(f"{100 * score:6.1f}  {name}")


if __name__ == "__main__":
    main()
