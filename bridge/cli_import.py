"""`deskbridge import FILE`: Botpress' hitl.json or hitlnext.json as deskbridge.toml."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from bridge import importing
from bridge.importing import BadImport
from bridge.settings_file import DEFAULT_CONFIG

File = Annotated[Path, typer.Argument(help="hitl.json or hitlnext.json")]
Out = Annotated[Path, typer.Option(help="Where to write; - only prints.")]
PRINTED = Path("-")


def import_file(file: File, out: Out = DEFAULT_CONFIG) -> None:
    """Read a Botpress hitl.json or hitlnext.json; print and write the same settings.

    What has no counterpart is said. Ends with 2 when the file does not fit, and with 1 when there
    is a settings file already, which is left as it is.
    """
    try:
        found = importing.read(file.read_text("utf-8"))
    except BadImport as error:
        _fail(file, [f"{name} {fault}" for name, fault in error.faults.items()])
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is no text in UTF-8"
        _fail(file, [f"cannot be read: {reason}"])
    text = importing.toml(found, file.name)
    sys.stdout.write(text)
    for note in found.notes:
        _say(f"[yellow]{escape(note)}[/]")
    if out != PRINTED:
        _write(out, text)


def _write(out: Path, text: str) -> None:
    """Only where there is none yet: settings are not taken away from anybody."""
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        _say(f"[bold red]{escape(str(out))} is there already[/]: nothing was written.")
        raise typer.Exit(1) from None
    except OSError as error:
        _say(f"[bold red]{escape(str(out))} cannot be written[/]: {error.strerror}")
        raise typer.Exit(1) from None
    _say(f"Written to {escape(str(out))}.")


def _fail(file: Path, faults: list[str]) -> NoReturn:
    _say(f"[bold red]{escape(file.name)} cannot be imported:[/]")
    for fault in faults:
        _say(f"  {escape(fault)}")
    raise typer.Exit(2)


def _say(text: str) -> None:
    Console(stderr=True, soft_wrap=True).print(text, highlight=False)
