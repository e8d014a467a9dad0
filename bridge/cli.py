"""The command line: `deskbridge serve`, `demo`, `migrate`, `manifest`."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from importlib.metadata import entry_points
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from bridge import logs, manifest
from bridge.app import build
from bridge.errors import SettingsError
from bridge.settings import Settings
from storage.database import connect
from storage.migrate import upgrade

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
err = Console(stderr=True)


class RoleName(StrEnum):
    ALL = "all"
    WEB = "web"
    WORKER = "worker"


Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(envvar="PORT", help="Port to listen on.")]


@app.command()
def serve(
    role: Annotated[RoleName, typer.Option(help="What this process does.")] = RoleName.ALL,
    host: Host = "127.0.0.1",
    port: Port = 8080,
) -> None:
    """Run Deskbridge with the settings of the environment and deskbridge.toml."""
    settings = Settings.load()
    logs.configure(settings.log_level, settings.log_format)
    run(build(settings, role.value).app, host, port)


@app.command()
def demo(port: Port = 8080) -> None:
    """Run everything on this machine, with a sandbox in place of Slack. No account is needed."""
    demos = entry_points(group="deskbridge.demos")
    demos["sandbox"].load()(port)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = Settings.load()

    async def run_it() -> None:
        database = connect(settings.database_url, exclusive=False)
        try:
            await upgrade(database)
        finally:
            await database.close()

    asyncio.run(run_it())
    err.print("The database is up to date.")


@app.command("manifest")
def print_manifest(
    url: Annotated[str, typer.Option(help="Your public address; default: PUBLIC_URL.")] = "",
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode.")] = False,
) -> None:
    """Print the Slack app's manifest, to be pasted at https://api.slack.com/apps."""
    address = url if url or socket else Settings.load().public_url
    sys.stdout.write(manifest.fill(manifest.template(), address, socket))


def run(application: object, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT: requests in hand are finished, the rest stays in its lane."""
    config = uvicorn.Config(
        application,  # type: ignore[arg-type]
        host=host,
        port=port,
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # whose X-Forwarded-For is believed is a setting of ours
        timeout_graceful_shutdown=10,
        backlog=2048,
    )
    uvicorn.Server(config).run()


def main() -> None:
    """The entry point: settings that do not fit are told all at once, without a traceback."""
    try:
        app()
    except SettingsError as error:
        err.print("[bold red]Deskbridge cannot start with these settings:[/]")
        for name, fault in error.faults.items():
            err.print(f"  [bold]{name}[/] {fault}", highlight=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
