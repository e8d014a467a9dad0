"""Servers of a scenario: each a process of its own on a port that the system gave.

They end by their process id, and never outlive the tests (see `tests.servers.spawn`).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import anyio
import httpx

from tests import waiting
from tests.nursery import Child, nursery
from tests.servers import PLAIN, end, spawn
from tests.waiting import PATIENCE, NotYet

T = TypeVar("T")
SOURCE = Path(__file__).parents[2]
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
"""Variables that a server inherits; settings of whoever runs the tests are none of them."""
PAUSE = 0.02
"""Seconds between two looks at a condition."""


class NotStarted(Exception):
    """A server ended or did not answer; the text is the end of its log."""


async def until(
    condition: Callable[[], Awaitable[T]], timeout: float = PATIENCE, what: str = "it"
) -> T:
    """As `tests.waiting.until`, of another process, which is not asked so often."""
    return await waiting.until(condition, timeout, what, PAUSE)


async def until_equal(
    look: Callable[[], Awaitable[T]], wanted: T, timeout: float = PATIENCE, what: str = ""
) -> None:
    """Looks until it is as wanted; `NotYet` shows both."""
    deadline = time.monotonic() + timeout
    while (seen := await look()) != wanted:
        if time.monotonic() > deadline:
            raise NotYet(f"{what}: wanted {wanted!r}, after {timeout} s it was {seen!r}")
        await anyio.sleep(PAUSE)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**inherited, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1", **settings}


class Server:
    """One process that may be started, killed, halted and started again on the same port."""

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, settings: Mapping[str, str]
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.settings = settings
        self._command = command
        self._process: subprocess.Popen[bytes] | Child | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        env, born = environment(self.settings), nursery()
        if born:
            self._process = born.start(self._command, self.log, env)
        else:
            self._process = spawn([sys.executable, *self._command], self.log, env=env)

    def kill(self) -> None:
        """As a power cut does it: no signal handler runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def halt(self) -> None:
        """Stops it in the middle of whatever it does, until `go_on`."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def end(self) -> None:
        if self._process is not None:
            if self.runs:
                self.go_on()
            end(self._process)

    def tail(self, characters: int = 4_000) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else "(no log)"
        return f"--- {self.name} ---\n{text[-characters:]}"

    async def answers(self, url: str, timeout: float = 60.0) -> None:
        """Returns when it answers there; raises `NotStarted`."""
        async with httpx.AsyncClient(trust_env=False, verify=PLAIN, timeout=2.0) as client:
            deadline = time.monotonic() + timeout
            while self.runs and time.monotonic() < deadline:
                try:
                    if (await client.get(url)).status_code < 500:
                        return
                except httpx.HTTPError:
                    await anyio.sleep(PAUSE)
        raise NotStarted(self.tail())
