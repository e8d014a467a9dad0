"""The workspace as a process: it says where it listens, and keeps its state between runs."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sandbox.slack import SandboxConfig, seed
from sandbox.slack.ids import IdSource
from sandbox.slack.person import Person
from sandbox.slack.snapshot import dump, fill
from sandbox.slack.workspace import Workspace
from tests.sandbox.support import World, fetch

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[str]:
    """Run the module; its address. It is ended politely."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox.slack", *arguments,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONWARNINGS": "default"},
    )  # fmt: skip
    assert running.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = (await running.stdout.readline()).decode()
        assert line.startswith("sandbox.slack listening on http://127.0.0.1:")
        yield line.split()[-1]
    finally:
        running.terminate()
        async with asyncio.timeout(60):
            await running.communicate()


async def test_the_process_serves_and_its_state_outlives_it(tmp_path: Path) -> None:
    state = str(tmp_path / "workspace.json")
    async with process("--state", state) as base, Person(base, seed.ANA) as ana:
        root = await ana.say(seed.ORDERS, "kept")
        await ana.reply(seed.ORDERS, root, "reply")
    async with process("--state", state) as base, Person(base, seed.ANA) as ana:
        thread = await ana.thread(seed.ORDERS, root)
        assert [message["text"] for message in thread] == ["kept", "reply"]
        headers = {"Authorization": "Bearer xoxb-sandbox"}
        answer = await fetch("GET", f"{base}/api/auth.test", headers=headers)
        assert answer.json["team_id"] == seed.TEAM


async def test_a_snapshot_holds_all_messages_files_and_reactions(slack: World) -> None:
    root = await slack.post("root", metadata={"event_type": "x", "event_payload": {"id": "1"}})
    file_id = await slack.ana.upload("a.txt", b"abc")
    gone = await slack.ana.reply(seed.ORDERS, root, "gone")
    await slack.ana.reply(seed.ORDERS, root, "file", files=[file_id], broadcast=True)
    await slack.ana.react(seed.ORDERS, root, "eyes")
    await slack.ana.delete(seed.ORDERS, gone)
    before = dump(slack.box.workspace)
    other = Workspace(SandboxConfig(), IdSource(7))
    fill(other, before)
    assert _without_order(dump(other)) == _without_order(before)
    assert (
        other.channels[seed.ORDERS].timeline == slack.box.workspace.channels[seed.ORDERS].timeline
    )


def _without_order(state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "files": sorted(state["files"], key=lambda file: str(file["id"]))}
