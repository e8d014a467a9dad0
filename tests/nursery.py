"""Processes made by forking one that has imported the product already.

Most of what a start costs is importing: seconds of processor time, hundreds of times in a run of
the tests. The nursery imports once; each child goes on in it as `python -m MODULE ARGUMENT…` would,
with the environment, folder and log that it is told, and is a process like any other: it has a pid
of its own, is killed alone, and ends by itself. It ends with the nursery, and that with the tests.

Needs Linux (pidfd, PR_SET_PDEATHSIG): elsewhere `tests.servers.spawn` starts them.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.servers import ending_with_parent

SOURCE = Path(__file__).parents[1]
IMPORTED = (
    *("bridge.app", "bridge.cli_console", "bridge.cli_import", "bridge.cli_keys"),
    *("bridge.findings_table", "bridge.parked_table", "storage.migrations.versions"),
    *("adapters.bots", "adapters.console", "adapters.messenger", "adapters.relay"),
    *("adapters.slack", "adapters.webchat", "alembic.command", "typer.rich_utils"),
    *("sandbox.slack.app", "sandbox.graph.app", "sandbox.demo", "sqlalchemy.dialects.sqlite"),
    *("uvicorn.protocols.http.httptools_impl", "uvicorn.loops.uvloop", "uvicorn.lifespan.on"),
)
"""What the processes of the tests need; never what is run: that is made anew in each."""


class Child:
    """The part of `subprocess.Popen` that servers of tests need."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)
        self._ended = select.poll()
        self._ended.register(self._handle, select.POLLIN)

    def __del__(self) -> None:
        os.close(self._handle)

    def poll(self) -> int | None:
        """None while it runs."""
        return 0 if self._ended.poll(0) else None

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended.poll(None if timeout is None else timeout * 1_000):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return 0

    def send_signal(self, sign: signal.Signals) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, sign)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=SOURCE,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            preexec_fn=ending_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )

    def start(self, command: Sequence[str], log: Path, env: Mapping[str, str]) -> Child:
        """`command`: -m, a module and its arguments; it runs in the folder of its log."""
        order = {"command": [*command], "log": str(log), "env": {**env}}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return Child(int(self._process.stdout.readline()))


@cache
def nursery() -> Nursery | None:
    """The one of this process, where the system has what it takes."""
    return Nursery() if hasattr(os, "pidfd_open") else None


# --- in the nursery ------------------------------------------------------------------------------


def child_of(orders: Any) -> dict[str, Any] | None:
    """Returns in each child, with its order; and in the nursery when no more are to come."""
    for line in orders:
        _bury()
        pid = os.fork()
        if not pid:
            order: dict[str, Any] = json.loads(line)
            return order
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    return None


def _bury() -> None:
    """Those that have ended, and not sooner: whoever was just told of one shall find it."""
    while True:
        try:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                return
        except ChildProcessError:
            return


def become(order: Mapping[str, Any]) -> None:
    """Goes on as the process that was ordered."""
    if end_with_parent := ending_with_parent(signal.SIGTERM):
        end_with_parent()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(ours, theirs)
    os.close(log)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    os.chdir(Path(order["log"]).parent)
    _, module, *arguments = order["command"]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def main() -> None:
    for name in IMPORTED:
        import_module(name)
    gc.collect()
    gc.freeze()
    order = child_of(sys.stdin)
    if order:
        become(order)


if __name__ == "__main__":
    main()
