"""Keeps the demo's server process running: starts it, and starts it again when it is gone.

The listening socket is ours and outlives each of its processes, so that connections made while
there is none wait for the next one instead of being refused.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

import aiohttp
import structlog

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "PYTHONUNBUFFERED")
"""Variables that the server inherits; settings of whoever runs the demo are none of them."""
PATIENCE = 5.0
"""Seconds that it has to end by itself."""
BACKLOG = 512
MOST_TRIES = 3
"""In a row without an answer of it: then the demo ends, since something is wrong with it."""
log = structlog.get_logger("demo")


class Supervisor:
    """One server on an inner port. `tell` is called whenever `up` or `restarts` changes."""

    def __init__(self, settings: Mapping[str, str], tell: Callable[[], None]) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self._settings = settings
        self._tell = tell
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._behind = 0.0
        self._served = False
        self.up = asyncio.Event()
        """Set while there is a server that answers."""
        self.restarts = 0

    @property
    def base(self) -> str:
        host, port = self._socket.getsockname()
        return f"http://{host}:{port}"

    def start(self) -> None:
        self._keeping = asyncio.get_running_loop().create_task(self._keep())

    async def kill(self) -> None:
        """As a power cut ends it: no handler of its own runs. Waits for one to be up first."""
        await self.up.wait()
        process = self._process
        if process is not None and process.returncode is None:
            self._set(up=False)
            os.kill(process.pid, signal.SIGKILL)

    async def set_back(self, seconds: float) -> None:
        """From now on the server's clock is that much behind."""
        self._behind = seconds
        await self._say(f"{seconds}\n")

    async def _say(self, line: str) -> None:
        pipe = self._process.stdin if self._process else None
        if pipe is not None:
            with suppress(ConnectionError):  # it is about to be started again, and told then
                pipe.write(line.encode())
                await pipe.drain()

    async def _keep(self) -> None:
        tries = 0
        while tries < MOST_TRIES:
            await self._run()
            tries = 0 if self._served else tries + 1
            self.restarts += 1
            self._set(up=False)
        log.error("server_does_not_start", tries=tries)
        os.kill(os.getpid(), signal.SIGTERM)

    async def _run(self) -> None:
        """Until it has ended."""
        number = self._socket.fileno()
        self._served = False
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sandbox.served", str(number)),
            stdin=asyncio.subprocess.PIPE,
            env=self._environment(),
            pass_fds=[number],
            start_new_session=True,  # Ctrl-C is for us; we tell it
        )
        await self._say(f"{self._behind}\n")
        looking = asyncio.create_task(self._look())
        try:
            await self._process.wait()
        finally:
            looking.cancel()

    async def _look(self) -> None:
        """The socket takes our question at once; it is answered when the server serves."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.base}/healthz"):
            self._served = True
            self._set(up=True)

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **self._settings}

    def _set(self, *, up: bool) -> None:
        if up:
            self.up.set()
        else:
            self.up.clear()
        self._tell()

    async def close(self) -> None:
        """Ends the server in order, or else at all."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        if self._process is not None and self._process.returncode is None:
            await self._end(self._process)
        self._socket.close()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
