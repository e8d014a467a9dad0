"""Streams: how much memory an idle webchat stream costs, against the least an SSE stream can."""

import asyncio
import resource
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.report import Figures
from tests.bench.subjects import POSTGRES, SQLITE, Subject, bare, product

SETTLE = 2.0
"""Seconds after opening, in which servers finish what opening began."""
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Plan:
    streams: int = 1500


async def run(figures: Figures, folder: Path, plan: Plan) -> None:
    _allow_files(2 * plan.streams + 200)
    async with AsyncExitStack() as stack:
        subjects = [await stack.enter_async_context(bare(folder))]
        for name in (SQLITE, POSTGRES):
            made = product(name, folder, 0, plan.streams)
            subjects.append(await stack.enter_async_context(made))
        for subject in subjects:
            figures.add(
                "streams", "KiB/idle stream", subject.name, await _kib_each(subject, plan.streams)
            )


async def _kib_each(subject: Subject, count: int) -> float:
    before = subject.server.memory()
    streams = []
    for first in range(0, count, AT_ONCE):
        numbers = range(first, min(count, first + AT_ONCE))
        streams += await asyncio.gather(*(subject.hear(n, lambda data: None) for n in numbers))
    await asyncio.sleep(SETTLE)
    grown = subject.server.memory() - before
    for stream in streams:
        stream.close()
    return grown / 1024 / count


def _allow_files(wanted: int) -> None:
    """Our own sockets, and those of the servers, which inherit the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
