"""The verb `embed`: texts to vectors, for notebooks and for measuring a model from outside."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.terminal import as_json, print_json, workshop

if TYPE_CHECKING:
    from web.batch import Role


@click.command()
@click.option(
    "--batch",
    required=True,
    type=click.Path(path_type=Path),
    help='JSONL (-: stdin): {"text": …}',
)
@click.option(
    "--as",
    "role",
    required=True,
    type=click.Choice(["query", "passage"]),
    help="質問か本文か / Questions or passages.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="書き込む .npy / The .npy file to write: float32 (lines, dimensions), unit rows.",
)
@as_json
def embed(batch: Path, role: "Role", out: Path, as_json: bool) -> None:
    """文章をベクトルにする / Turn texts into vectors."""
    from dataclasses import asdict

    from web.batch import embed_lines, save_vectors

    encoder = workshop().encoder()
    vectors = embed_lines(encoder, batch, role)
    save_vectors(vectors, out)
    rows, dimensions = vectors.shape
    if as_json:
        print_json({"file": str(out), "rows": rows, "model": asdict(encoder.identity)})
    else:
        click.echo(f"{out}: {rows} x {dimensions} float32  {encoder.identity.name}")
