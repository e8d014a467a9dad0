"""`deskbridge audit verify` and `export`: they read the database beside a running server."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO

import orjson
import typer

from bridge import app as product
from bridge import trailing
from bridge.audit import Head
from bridge.events import Kind
from bridge.model import SECOND, Micros
from bridge.operators import operator
from bridge.settings import Settings
from bridge.trail import Checked, Sought, Trail

app = typer.Typer(no_args_is_help=True, help="The audit trail: check it, and write it out.")
SPAN = re.compile(r"([0-9]{1,5})([mhdw])")
UNITS = {"m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{32})")


class Form(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


Heads = Annotated[
    list[str],
    typer.Option("--head", help="POSITION:SEAL of a head from outside; more than once, too."),
]
When = Annotated[
    str, typer.Option(help="7d or 12h ago, 2026-11-21 or 2026-11-21T14:02:00Z; UTC without a zone.")
]
Id = Annotated[str, typer.Option(help="Only this one, by its id.")]


@app.command()
def verify(
    head: Heads = [],  # noqa: B006 - typer's way; nobody changes it
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")] = False,
) -> None:
    """Read the whole chain, and say where anything was changed, removed or put in.

    Ends with 1 when anything was. Nothing is changed by it.
    """
    known = [_head(each) for each in head]

    async def check(trail: Trail) -> Checked:
        return await trail.check(known)

    found = asyncio.run(product.with_trail(Settings.load(), check))
    if as_json:
        sys.stdout.write(f"{orjson.dumps(trailing.checked(found)).decode()}\n")
    else:
        _tell(trailing.checked(found))
    raise typer.Exit(0 if found.is_whole else 1)


def _head(text: str) -> Head:
    fits = HEAD.fullmatch(text)
    if fits is None:
        _end("A head is its position, a colon and its seal: 4711:5e1f…")
    return Head("of --head", int(fits[1]), 0, fits[2])


def _tell(found: dict[str, Any]) -> None:
    out = sys.stdout.write
    for fault in found["faults"]:
        place = f"{fault['position']}"
        if fault["until"] != fault["position"]:
            place += f" to {fault['until']}"
        row = " ".join(filter(None, (fault["id"], fault["time"])))
        out(
            f"{fault['what'].upper()} at position {place}{row and f' ({row})'}: {fault['detail']}\n"
        )
    if found["more_faults"]:
        out(f"… and {found['more_faults']} more.\n")
    newest = found["newest"]
    out(f"{found['rows']} rows read; {found['waiting']} wait to be sealed")
    out(f"; {found['erased']} erased; {found['older']} older than the chain.\n")
    if newest:
        out(f"Newest: --head {newest['position']}:{newest['seal']}\n")
    out("The trail is whole.\n" if found["whole"] else "The trail is NOT whole.\n")


@app.command()
def export(
    *,
    form: Annotated[Form, typer.Option("--format", help="JSON Lines, or CSV.")] = Form.JSONL,
    conversation: Id = "",
    handoff: Id = "",
    agent: Annotated[str, typer.Option(help="Only what this agent did, by id or name.")] = "",
    since: When = "",
    until: When = "",
    out: Annotated[Path | None, typer.Option(help="A new file; default: standard output.")] = None,
) -> None:
    """Write out the audit trail, and note in it that this was done."""
    sought = Sought(conversation, handoff, "", agent, _micros(since), _micros(until))
    if out is None:
        asyncio.run(_export(sought, form, sys.stdout))
        return
    try:
        with out.open("x", encoding="utf-8", newline="") as file:
            asyncio.run(_export(sought, form, file))
    except OSError as error:
        _end(f"{out} cannot be written: {error.strerror}")


async def _export(sought: Sought, form: Form, file: TextIO) -> None:
    asked = {
        name: getattr(sought, name)
        for name in ("conversation", "handoff", "agent", "since", "until")
        if getattr(sought, name)
    }

    async def write(trail: Trail) -> None:
        by, now = operator(), product.now()
        await trail.note(Kind.AUDIT_EXPORTED, by, now, "audit export", format=str(form), **asked)
        await trail.seal()
        parts = [file.write(part) async for part in trailing.lines(trail, sought, form)]
        if len(parts) == (form is Form.CSV):  # the names of the columns
            sys.stderr.write("Nothing of the trail fits: no row was written out.\n")

    await product.with_trail(Settings.load(), write)


def _micros(text: str) -> Micros:
    if not text:
        return 0
    if span := SPAN.fullmatch(text):
        return product.now() - int(span[1]) * UNITS[span[2]] * SECOND
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        _end(f"{text} is no time: write 7d, 12h, 2026-11-21 or 2026-11-21T14:02:00Z")
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(int(zoned.timestamp() * SECOND), 1)


def _end(fault: str) -> NoReturn:
    sys.stderr.write(f"{fault}\n")
    raise typer.Exit(1)
