"""`deskbridge triggers`: rules tried on a transcript, and those that have fired."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from bridge import firings, settings_triggers, upkeep
from bridge.model import SECOND, Micros
from bridge.settings import Settings
from bridge.triggers.rehearsal import BadTranscript, read, rehearse

app = typer.Typer(
    no_args_is_help=True, help=escape("Rules that look at what is said: [[triggers]].")
)
AsJson = Annotated[bool, typer.Option("--json", help="A JSON list, for machines.")]
STDIN = Path("-")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@app.command("try")
def try_rules(
    file: Annotated[Path, typer.Argument(help="A transcript: user: … and bot: …, or JSON.")],
    as_json: AsJson = False,
) -> None:
    """Show which rules of deskbridge.toml would have fired in a transcript, and what they would do.

    Nothing is stored or sent. `-` reads from standard input. Ends with 2 for what cannot be read.
    """
    settings = Settings.load()
    try:
        text = sys.stdin.read() if file == STDIN else file.read_text("utf-8")
        said = read(text)
    except BadTranscript as error:
        _fail(file, str(error))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is no text in UTF-8"
        _fail(file, f"cannot be read: {reason}")
    labels = settings.labels.made(settings.queues)
    rules = settings_triggers.made(settings.triggers, labels)
    if not rules:
        _say(f"[yellow]{escape('deskbridge.toml has no [[triggers]] that are switched on.')}[/]")
    tried = rehearse(rules, said)
    if as_json:
        sys.stdout.write(firings.tried_as_json(tried))
    else:
        firings.show_tried(tried, len(said), Console())


@app.command()
def fired(
    since: Annotated[
        str, typer.Option(help="30m, 12h, 7d, or a date such as 2026-11-01 (UTC).")
    ] = "7d",
    rule: Annotated[str, typer.Option(help="Of this rule alone.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the rules that have fired, the newest first, and which of them were false alarms."""
    found = asyncio.run(upkeep.fired(Settings.load(), moment(since, upkeep.now()), rule))
    if as_json:
        sys.stdout.write(firings.as_json(found))
    else:
        firings.show(found, Console())


def moment(since: str, now: Micros) -> Micros:
    """Raises typer.BadParameter."""
    if span := re.fullmatch(r"(\d{1,5})([mhd])", since):
        return now - int(timedelta(**{_UNITS[span[2]]: int(span[1])}).total_seconds()) * SECOND
    try:
        day = datetime.fromisoformat(since)
    except ValueError:
        raise typer.BadParameter("must be such as 30m, 12h, 7d or 2026-11-01") from None
    return int((day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp() * SECOND)


def _fail(file: Path, fault: str) -> NoReturn:
    _say(f"[bold red]{escape(file.name)}[/] {escape(fault)}")
    raise typer.Exit(2)


def _say(text: str) -> None:
    Console(stderr=True, soft_wrap=True).print(text, highlight=False)
