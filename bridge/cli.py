"""The command line: `deskbridge serve`, `demo`, `check`, `migrate`, `reload`, `parked`,
`retry`, `manifest`, `keys`, `triggers`, `audit`, `import`, `console`, `report`."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from importlib.metadata import entry_points, version
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bridge import app as product
from bridge import (
    cli_audit,
    cli_console,
    cli_import,
    cli_keys,
    cli_report,
    cli_triggers,
    findings_table,
    logs,
    manifest,
    parked_table,
    serving,
)
from bridge.errors import SettingsError, StoreError
from bridge.findings import all_well
from bridge.reloading import REFUSED
from bridge.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


app.add_typer(cli_audit.app, name="audit")
app.add_typer(cli_keys.app, name="keys")
app.add_typer(cli_triggers.app, name="triggers")
app.command("import")(cli_import.import_file)
app.command()(cli_console.console)
app.command()(cli_report.report)


def _tell_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"deskbridge {version('deskbridge')}\n")
        raise typer.Exit


@app.callback()
def _every_command(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Say the version, and end."
        ),
    ] = False,
) -> None:
    """A bridge between chat bots and the people who answer in Slack."""


class RoleName(StrEnum):
    ALL = "all"
    WEB = "web"
    WORKER = "worker"


class CommandNames(StrEnum):
    ALL = "all"
    DESK = "desk"


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
    process = product.build(settings, role.value)
    asyncio.run(product.prepare(settings))  # a fault is told as one here, in the server as a trace
    config = serving.config(process.app, host, port)
    serving.run(serving.Server(config, process.drain, process.hang_up))


@app.command()
def demo(
    port: Port = 8080,
    empty: Annotated[bool, typer.Option("--empty", help="Without other customers.")] = False,
) -> None:
    """Run everything on this machine, with a sandbox in place of Slack. No account is needed."""
    found = entry_points(group="deskbridge.demos", name="sandbox")
    next(iter(found)).load()(port, empty=empty)


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")] = False,
) -> None:
    """Look at settings, database, Redis, Slack, bots and webchat, and say how to mend what fails.

    Ends with 1 when anything failed. Nothing is posted, stored or changed.
    """
    findings = asyncio.run(product.check_up())
    if as_json:
        sys.stdout.write(findings_table.as_json(findings))
    else:
        findings_table.show(findings, Console())
    raise typer.Exit(0 if all_well(findings) else 1)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    asyncio.run(product.migrate(Settings.checked()))
    _say("The database is up to date.")


@app.command()
def reload() -> None:
    """Have every running server read its settings again, and say what came of it.

    They are checked here first. A server that finds a fault keeps those that it has.
    """
    answers = asyncio.run(product.reload(Settings.checked()))
    for process, told in answers.items():
        sys.stdout.write(f"{process}: {told}\n")
    if not answers:
        _say("No server answered: does one run on this database?")
    refused = any(told.startswith(REFUSED) for told in answers.values())
    raise typer.Exit(1 if refused or not answers else 0)


@app.command()
def parked(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list, for machines.")] = False,
) -> None:
    """List what waits until somebody has mended something: a channel, a token, a right."""
    found = asyncio.run(product.parked(Settings.checked()))
    if as_json:
        sys.stdout.write(parked_table.as_json(found))
    else:
        parked_table.show(found, Console())


@app.command()
def retry(
    lane: Annotated[str, typer.Argument(help="A lane that `parked` lists; default: all.")] = "",
) -> None:
    """Try again what is parked. A running server takes it up within a second."""
    number = asyncio.run(product.retry(Settings.checked(), lane))
    _say(f"{number} released." if number else "Nothing was parked.")


@app.command("manifest")
def print_manifest(
    url: Annotated[str, typer.Option(help="Your public address; default: PUBLIC_URL.")] = "",
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode.")] = False,
    commands: Annotated[
        CommandNames, typer.Option(help="Every slash command, or only /desk.")
    ] = CommandNames.ALL,
    prefix: Annotated[str, typer.Option(help="Before each command: acme- gives /acme-desk.")] = "",
) -> None:
    """Print the Slack app's manifest, to be pasted at https://api.slack.com/apps."""
    address = url if url or socket else Settings.checked().public_url
    text = manifest.template()
    sys.stdout.write(manifest.fill(text, address, socket, commands=commands.value, prefix=prefix))


def main() -> None:
    """The entry point: settings that do not fit are told all at once, without a traceback."""
    try:
        app()
    except SettingsError as error:
        _say("[bold red]Deskbridge cannot run with these settings:[/]")
        for name, fault in error.told:
            _say(f"  [bold]{escape(name)}[/] {escape(fault)}")
        if error.doubts:
            _say("This looks unusual, too:")
        for name, doubt in error.doubts.items():
            _say(f"  [bold]{escape(name)}[/] {escape(doubt)}")
        sys.exit(2)
    except StoreError as error:
        _say(f"[bold red]The database of DATABASE_URL does not answer[/] ({error}).")
        sys.exit(1)


def _say(text: str) -> None:
    Console(stderr=True, soft_wrap=True).print(text, highlight=False)


if __name__ == "__main__":
    main()
