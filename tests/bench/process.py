"""Servers under measurement: started as processes of their own, their cost read from /proc."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.client import Address, Connection, request
from tests.servers import end, free_port, spawn

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
START_SECONDS = 30.0


class NotReady(Exception):
    """A server did not answer in time, or ended; the text is the end of its log."""


@dataclass(slots=True)
class Server:
    """A running server. CPU in seconds since its start, memory in bytes."""

    address: Address
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.address.host}:{self.address.port}"

    def cpu(self) -> float:
        return cpu_of(self.process.pid)

    def memory(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE


def cpu_of(pid: int) -> float:
    """Seconds of CPU, user and system, of a process and its living children; 0 for one gone."""
    try:
        # The second field of stat, a name, may hold blanks; utime and stime are the 14th and 15th.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    own = (int(fields[11]) + int(fields[12])) / TICKS
    return own + sum(cpu_of(int(child)) for child in children)


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


@asynccontextmanager
async def serving(
    command: list[str],
    log: Path,
    ready: str,
    env: Mapping[str, str] | None = None,
    port: int | None = None,
) -> AsyncIterator[Server]:
    """Runs `command --port PORT` until the block ends; `ready` is a path that answers."""
    address = Address("127.0.0.1", port or free_port())
    source = str(Path(__file__).parents[2])
    process = spawn(
        [*command, "--port", address.port],
        log,
        env={**os.environ, "PYTHONPATH": source, **(env or {})},
    )
    server = Server(address, process, log)
    try:
        await _answering(server, ready)
        yield server
    finally:
        end(process)


async def _answering(server: Server, path: str) -> None:
    probe = Connection(server.address)
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while asyncio.get_running_loop().time() < deadline and server.process.poll() is None:
        try:
            if (await probe.send(request("GET", path))).status < 500:
                probe.close()
                return
        except OSError:
            await asyncio.sleep(0.05)
    raise NotReady(server.log.read_text(errors="replace")[-3000:])
