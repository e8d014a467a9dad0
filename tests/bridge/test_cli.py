"""The command line, in this process and as a real one."""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from typer.testing import CliRunner

from bridge import app as product
from bridge import cli, logs, serving
from bridge.errors import SettingsError
from bridge.settings import Settings
from storage.database import connect
from storage.migrate import current, newest
from tests.bridge.running import API_KEY, ORIGIN, SECRET_KEY
from tests.servers import PLAIN, free_port, listening
from tests.waiting import until

TOP = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)


def fails(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """What `deskbridge` with these arguments ends with."""
    monkeypatch.setattr(sys, "argv", ["deskbridge", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_migrate_makes_the_newest_schema(tmp_path: Path) -> None:
    for _ in range(2):
        done = CliRunner().invoke(cli.app, ["migrate"])
        assert done.exit_code == 0, done.output
        assert "up to date" in done.stderr

    async def revision() -> str | None:
        database = connect("sqlite:///deskbridge.db")
        try:
            return await current(database)
        finally:
            await database.close()

    assert asyncio.run(revision()) == newest()


def test_serve_builds_the_role_and_serves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[serving.Server] = []
    built: list[tuple[Any, ...]] = []
    process = SimpleNamespace(app=object(), drain=lambda: None, hang_up=lambda: None)
    monkeypatch.setattr(logs, "configure", lambda *style: built.append(style))

    def build(_settings: Settings, role: str) -> SimpleNamespace:
        built.append((role,))
        return process

    monkeypatch.setattr(product, "build", build)
    monkeypatch.setattr(serving, "run", served.append)
    environment = {"LOG_FORMAT": "json", "LOG_LEVEL": "warning"}
    done = CliRunner().invoke(cli.app, ["serve", "--port", "1234"], env=environment)
    assert done.exit_code == 0, done.output
    assert built == [("warning", "json"), ("all",)]
    assert (served[0].config.host, served[0].config.port) == ("127.0.0.1", 1234)
    assert served[0].config.app is process.app
    assert Path("deskbridge.db").exists()


def test_check_tells_people_and_machines_the_same_and_makes_nothing(tmp_path: Path) -> None:
    people = CliRunner().invoke(cli.app, ["check"])
    assert people.exit_code == 0, people.output
    machines = CliRunner().invoke(cli.app, ["check", "--json"])
    told = json.loads(machines.stdout)
    assert (machines.exit_code, told["ok"]) == (0, True)
    assert {"settings", "database", "redis", "public_url", "slack", "bots", "webchat.origins"} <= {
        each["id"] for each in told["checks"]
    }
    assert all(each["title"] in people.stdout for each in told["checks"])
    assert list(tmp_path.iterdir()) == []


def test_check_ends_with_one_when_anything_fails_and_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://desk:hunter2@127.0.0.1:1/desk")
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@127.0.0.1:1/0")
    monkeypatch.setenv("API_KEY", "hunter2")
    done = CliRunner().invoke(cli.app, ["check", "--json"])
    assert done.exit_code == 1
    failed = [
        each["id"] for each in json.loads(done.stdout)["checks"] if each["status"] == "failed"
    ]
    assert failed == ["settings.API_KEY", "database", "redis"]
    assert "hunter2" not in done.output


def test_demo_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    import sandbox.demo  # noqa: PLC0415

    asked: list[tuple[int, bool]] = []
    monkeypatch.setattr(sandbox.demo, "run", lambda port, *, empty: asked.append((port, empty)))
    for more in ([], ["--empty"]):
        done = CliRunner().invoke(cli.app, ["demo", *more], env={"PORT": "4321"})
        assert done.exit_code == 0
    assert asked == [(4321, False), (4321, True)]


def test_faults_of_the_settings_are_told_all_at_once_without_a_trace_or_a_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://secret-a[/b]")
    monkeypatch.setenv("API_KEY", "secret-b")
    assert fails(monkeypatch, "serve") == 2
    told = capsys.readouterr().err
    assert "DATABASE_URL must start with sqlite:/// or postgresql://" in told
    assert "API_KEY must have at least 32 characters" in told
    assert "secret" not in told
    assert "Traceback" not in told


def test_what_looks_unusual_is_told_with_the_faults(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "foo")
    monkeypatch.setenv("SLACK_CHANNEL", "#x")
    assert fails(monkeypatch, "serve") == 2
    told = capsys.readouterr().err
    assert "SLACK_SIGNING_SECRET is needed with SLACK_BOT_TOKEN" in told
    unusual = told.partition("This looks unusual, too:")[2]
    assert "SLACK_BOT_TOKEN does not begin with xoxb-" in unusual
    assert "SLACK_CHANNEL is no channel id" in unusual


def test_it_says_its_version() -> None:
    done = CliRunner().invoke(cli.app, ["--version"])
    assert (done.exit_code, done.stdout) == (0, f"deskbridge {version('deskbridge')}\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_is_taken_says_what_to_do_and_starts_nothing(host: str) -> None:
    taken = serving.listener(host, 0)
    port = taken.getsockname()[1]
    server = serving.Server(serving.config(lambda *_: None, host, port), lambda: None)  # type: ignore[arg-type]
    with pytest.raises(SettingsError) as caught:
        serving.run(server)
    assert f"{port} on {host} cannot be listened on" in caught.value.faults["PORT"]
    assert "--port or PORT=" in caught.value.faults["PORT"]
    assert not server.started
    taken.close()


async def test_a_server_that_reads_nothing_anew_serves_too() -> None:
    config = serving.config(Starlette(), "127.0.0.1", 0)
    server = serving.Server(config, drain=lambda: None)
    task = asyncio.create_task(server.serve(sockets=[listening()]))
    await until(lambda: server.started or task.done())
    server.should_exit = True
    await task
    assert server.started


def test_brackets_in_a_fault_are_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses() -> None:
        raise SettingsError({"bots[0].url": "is [bold]odd[/bold]"})

    monkeypatch.setattr(cli, "app", refuses)
    assert fails(monkeypatch) == 2
    assert "bots[0].url is [bold]odd[/bold]" in capsys.readouterr().err


def test_a_database_that_is_away_is_told_without_a_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://desk:hunter2@127.0.0.1:1/desk")
    assert fails(monkeypatch, "migrate") == 1
    told = capsys.readouterr().err
    assert "DATABASE_URL does not answer" in told
    assert "hunter2" not in told
    assert "Traceback" not in told


def test_what_goes_well_ends_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "app", lambda: None)
    cli.main()


def test_both_signals_are_a_good_end_and_handlers_are_as_before() -> None:
    before = {number: signal.getsignal(number) for number in serving.STOPS}
    for number in serving.STOPS:

        class Interrupted:
            def run(self, number: int = number) -> None:
                signal.raise_signal(number)
                raise AssertionError("it goes on")

        serving.run(Interrupted())  # type: ignore[arg-type]
    assert {number: signal.getsignal(number) for number in serving.STOPS} == before


async def test_streams_are_ended_before_the_server_waits_for_them() -> None:
    order: list[str] = []
    config = serving.config(lambda *_: None, "127.0.0.1", 0)  # type: ignore[arg-type]

    class Counting(serving.Server):
        async def _wait_tasks_to_complete(self) -> None:
            order.append("waited")

    server = Counting(config, lambda: order.append("drained"))
    config.load()
    server.lifespan = config.lifespan_class(config)
    server.servers, server.force_exit = [], True
    listener = socket.socket()
    await server.shutdown([listener])
    assert order == ["drained", "waited"]


def test_as_a_module_it_is_the_same_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["deskbridge", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(cli.__file__), run_name="__main__")
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert all(command in told for command in ("serve", "demo", "migrate", "manifest"))


def test_reload_tells_what_each_server_says_and_fails_where_one_did_not_take_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: dict[str, str] = {}

    async def reload(_settings: Settings) -> dict[str, str]:
        return said

    monkeypatch.setattr(product, "reload", reload)
    nobody = CliRunner().invoke(cli.app, ["reload"])
    assert (nobody.exit_code, "No server answered" in nobody.stderr) == (1, True)
    said["a, process 1"] = "changed: labels"
    done = CliRunner().invoke(cli.app, ["reload"])
    assert (done.exit_code, done.stdout) == (0, "a, process 1: changed: labels\n")
    said["b, process 2"] = "refused: labels.names: too many"
    failed = CliRunner().invoke(cli.app, ["reload"])
    assert failed.exit_code == 1
    assert "b, process 2: refused: labels.names: too many" in failed.stdout


def test_reload_asks_nobody_when_the_settings_have_a_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(product, "reload", None)
    Path("deskbridge.toml").write_text("[labels]\nnames = 7\n")
    assert fails(monkeypatch, "reload") == 2
    assert "[labels] names" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["reload"], ["parked"], ["retry"], ["keys", "list"], ["keys", "revoke", "crm"]]
)
def test_where_no_deskbridge_has_run_it_is_said_and_nothing_is_made(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("SECRET_KEY")
    assert fails(monkeypatch, *command) == 2
    assert f"{tmp_path / 'deskbridge.db'} is not there" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_version_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("deskbridge.db").touch()
    assert fails(monkeypatch, "keys", "list") == 2
    assert "is an empty database" in capsys.readouterr().err
    CliRunner().invoke(cli.app, ["migrate"])
    with sqlite3.connect("deskbridge.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    assert fails(monkeypatch, "reload") == 2
    assert "has another version's schema" in capsys.readouterr().err


# --- a real process ------------------------------------------------------------------------------


@asynccontextmanager
async def process(
    folder: Path, **env: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    port = free_port()
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {"SECRET_KEY": SECRET_KEY, "API_KEY": API_KEY, "WEBCHAT_ORIGINS": ORIGIN, **env}
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridge.cli", "serve", "--port", str(port)),
        env={**inherited, "PYTHONPATH": str(TOP), **given},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield running, f"http://127.0.0.1:{port}"
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def answering(base: str) -> None:
    async with httpx.AsyncClient(trust_env=False, verify=PLAIN) as client:

        async def answers() -> bool:
            with suppress(httpx.TransportError):
                return (await client.get(f"{base}/readyz")).status_code == 200
            return False

        await until(answers, pause=0.05)


async def test_sigterm_ends_open_streams_at_once_and_is_a_good_end(tmp_path: Path) -> None:
    async with (
        process(tmp_path, LOG_FORMAT="json") as (running, base),
        httpx.AsyncClient(base_url=base, trust_env=False, verify=PLAIN, timeout=30) as client,
    ):
        await answering(base)
        hello = await client.post("/webchat/sessions", json={})
        assert "server" not in hello.headers
        headers = {"Authorization": f"Bearer {hello.json()['token']}"}
        async with client.stream("GET", "/webchat/stream", headers=headers) as answer:
            lines = answer.aiter_lines()
            assert await anext(lines) == ": ok"
            running.send_signal(signal.SIGTERM)
            async with asyncio.timeout(60):
                async for _ in lines:
                    pass
                output, _ = await running.communicate()
    assert running.returncode == 0, output.decode()
    assert "graceful shutdown exceeded" not in output.decode()  # no stream was waited for
    assert f'"url": "{base}/"' in output.decode()
    assert '"event": "no_desk"' in output.decode()
    assert '"event": "stopped"' in output.decode()
    assert "Traceback" not in output.decode()


async def test_a_second_process_on_the_same_file_says_so_and_ends(tmp_path: Path) -> None:
    async with process(tmp_path) as (_first, base):
        await answering(base)
        async with process(tmp_path) as (second, _):
            async with asyncio.timeout(60):
                output, _ = await second.communicate()
            assert second.returncode == 2
            assert "is in use by another deskbridge serve" in output.decode()
            assert "Traceback" not in output.decode()


def test_what_is_parked_is_listed_and_tried_again(tmp_path: Path) -> None:
    run = CliRunner().invoke
    run(cli.app, ["migrate"])
    assert "Nothing is parked" in run(cli.app, ["parked"]).output
    assert "Nothing was parked" in run(cli.app, ["retry"]).stderr
    lane = (
        "INSERT INTO lane (key, conversation_id, parked, due_at, failures) VALUES (?, ?, ?, ?, 0)"
    )
    rows = [
        ("desk:cnv_1", "cnv_1", "channel:C1:is_archived", 1 << 62),
        ("card:cnv_1", "cnv_1", "unreadable", 1 << 62),
    ]
    with sqlite3.connect("deskbridge.db") as database:
        database.executemany(lane, rows)
        database.execute(
            "INSERT INTO effect (lane, conversation_id, kind, body, state, attempts, attempt_at, "
            "created_at) VALUES ('desk:cnv_1', 'cnv_1', 'PostMessage', '{}', 'ready', 0, 0, "
            "1763700000000000)"
        )
    listed = json.loads(run(cli.app, ["parked", "--json"]).output)
    assert [(each["lane"], each["waiting"], each["since"]) for each in listed] == [
        ("card:cnv_1", 0, None),
        ("desk:cnv_1", 1, "2025-11-21T04:40:00Z"),
    ]
    assert "is_archived" in run(cli.app, ["parked"], env={"COLUMNS": "160"}).output
    assert "1 released" in run(cli.app, ["retry", "card:cnv_1"]).stderr
    assert "1 released" in run(cli.app, ["retry"]).stderr
