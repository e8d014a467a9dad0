"""`deskbridge report`: the desk's figures as one page, beside a server that may be running."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bridge import app as product
from bridge.lists import Lists, Wanted
from bridge.report_page import Frame, page
from bridge.reporting import DEFAULT_SINCE, place_of, reported
from bridge.reports import Period, begin
from bridge.settings import Settings

Since = Annotated[str, typer.Option(help="30d, 4w, or a date: from its midnight until now.")]
Out = Annotated[Path, typer.Option(help="Where to write; - prints the page.")]
PRINTED = Path("-")


def report(since: Since = DEFAULT_SINCE, out: Out = Path("report.html")) -> None:
    """Write the figures of the desk as one HTML page that needs nothing else.

    Ends with 2 when nobody can know since when, or the page cannot be written.
    """
    settings = Settings.load()
    now, zone = product.now(), place_of(settings.hours.timezone)
    first = begin(since, now, zone)
    if first is None:
        _end(f"--since {since} is none: say 30d, 4w, or a date as 2026-11-01")
    period = Period(first, now + 1, zone)

    async def draw(lists: Lists) -> str:
        return page(await reported(lists, Wanted(), period), Frame(now))

    text = asyncio.run(product.with_lists(settings, draw))
    if out == PRINTED:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        _end(f"{out} cannot be written: {error.strerror}")
    sys.stderr.write(f"The figures are in {out}.\n")


def _end(fault: str) -> NoReturn:
    sys.stderr.write(f"{fault}\n")
    raise typer.Exit(2)
