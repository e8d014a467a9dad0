"""`deskbridge keys create`, `list` and `revoke`: they write to the database beside a running
server, which believes a revoked key for a few seconds more."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bridge import app as product
from bridge.keys import ApiKey, Keys, Scope, new_key
from bridge.operators import operator
from bridge.settings import Settings
from bridge.webhooks import iso

app = typer.Typer(no_args_is_help=True, help="API keys: make, list and revoke them.")
NAME = re.compile(r"[\w .@/-]{1,60}")

Scopes = Annotated[
    list[Scope], typer.Option("--scope", help="What it is for; may be given more than once.")
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What agents and the log call it.")],
    scope: Scopes = [Scope.BOT],  # noqa: B006 - typer's way; nobody changes it
) -> None:
    """Make a key and print it. It is shown this once: only its hash is kept."""
    if not NAME.fullmatch(name):
        _end("A name is 1 to 60 letters, digits, spaces and . @ / - _")
    key, made = new_key(name, frozenset(scope), product.now())

    async def add(keys: Keys) -> bool:
        return await keys.add(made, operator())

    if not asyncio.run(product.with_keys(Settings.checked(), add, makes=True)):
        _end(f"There is a key called {name} already: revoke it, or take another name.")
    sys.stdout.write(f"{key}\n")


@app.command("list")
def show() -> None:
    """List all keys, the revoked ones too. None is shown whole."""

    async def every(keys: Keys) -> list[ApiKey]:
        return list(await keys.every())

    table = Table("name", "id", "key", "scopes", "made", "revoked", box=None, pad_edge=False)
    for key in asyncio.run(product.with_keys(Settings.checked(), every)):
        revoked = iso(key.revoked_at) if key.revoked_at else ""
        scopes = " ".join(sorted(key.scopes))
        table.add_row(key.name, key.id, f"{key.hint}…", scopes, iso(key.created_at), revoked)
    Console(soft_wrap=True, width=140).print(table, highlight=False, markup=False)


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Its name or id.")]) -> None:
    """Make a key worthless, for ever."""

    async def end(keys: Keys) -> ApiKey | None:
        return await keys.revoke(name, product.now(), operator())

    if asyncio.run(product.with_keys(Settings.checked(), end)) is None:
        _end(f"There is no key called {name}.")
    sys.stderr.write(f"{name} is revoked: a running server refuses it within ten seconds.\n")


def _end(fault: str) -> None:
    sys.stderr.write(f"{fault}\n")
    raise typer.Exit(1)
