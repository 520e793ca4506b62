"""What every verb of the command shares: errors in two languages, `--json`, progress."""

import errno
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from kg.message import UserError
    from web.wiring import Workshop

INTERRUPTED = 130  # as shells have it: 128 and the number of SIGINT
Decorated = TypeVar("Decorated", bound=Callable[..., object])


class BilingualGroup(click.Group):
    """Turns a `UserError` of any verb into its message in the user's language, exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        from kg.message import UserError

        try:
            return super().invoke(ctx)
        except UserError as error:
            _tell(error)
            ctx.exit(2)
        except KeyboardInterrupt:
            # In both languages: an interrupted import would fail again where settings are read.
            click.echo("shirube: 中断しました / Interrupted.", err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            # The reader (head, less) has left: nothing is wrong, nothing more is wanted.
            sys.stderr.close()
            ctx.exit(0)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            reason = error.strerror
            _tell(UserError(ja=f"出力を書けません({reason})。", en=f"Cannot write ({reason})."))
            ctx.exit(1)


def _tell(error: "UserError") -> None:
    """Print the message in the user's language, where errors go."""
    from kg.message import UserError
    from web.settings import Settings

    try:
        language = Settings.from_environment().language
    except UserError:
        language = "en"
    click.echo(f"shirube: {error.text(language)}", err=True)


def as_json(command: Decorated) -> Decorated:
    """The `--json` switch that every verb has."""
    switch = click.option("--json", "as_json", is_flag=True, help="JSON を出力 / Print JSON.")
    return switch(command)


def workshop(**chosen: Any) -> "Workshop":
    """The configured workshop; progress goes to a terminal's standard error only."""
    from dataclasses import replace

    from web.settings import Settings
    from web.wiring import Workshop

    settings = replace(
        Settings.from_environment(), **{key: value for key, value in chosen.items() if value}
    )
    return Workshop(settings, progress_line)


def progress_line(message: str) -> None:
    """Show one step of a long job where a person watches."""
    if sys.stderr.isatty():
        click.echo(message, err=True)


def print_json(value: object) -> None:
    """One JSON document, readable: Japanese stays Japanese."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def write_whole(file: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises UserError where it cannot be written."""
    from kg.message import UserError

    partial = file.with_name(f".{file.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise UserError(
            ja=f"{file} に書けません({reason})。", en=f"Cannot write {file} ({reason})."
        ) from error
