"""The Slack that all relays of a benchmark talk to: the sandbox's, as a process of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from sandbox.slack.seed import ANA, ORDERS
from tests.bench.client import Stream, listen, request
from tests.bench.process import Server, module, serving
from tests.bench.signing import JSON, SLACK_SECRET

TOKEN = "xoxb-bench-token"


@dataclass(frozen=True, slots=True)
class Workspace:
    server: Server
    channel: str = ORDERS
    agent: str = ANA

    @property
    def api_url(self) -> str:
        return f"{self.server.url}/api/"

    async def watch(self, heard: Callable[[bytes], None]) -> Stream:
        """Everything that the agent would see, as JSON."""
        return await listen(self.server.address, f"/ui/stream?as={self.agent}", heard)

    def says(self, thread: str, text: str) -> bytes:
        """The request by which the agent replies in a thread."""
        said = {"as": self.agent, "channel": self.channel, "text": text, "thread_ts": thread}
        return request("POST", "/ui/message", orjson.dumps(said), {"Content-Type": JSON})


@asynccontextmanager
async def workspace(name: str, folder: Path, app_port: int) -> AsyncIterator[Workspace]:
    """A workspace whose app listens at `app_port`; checks and logs off, for they cost time."""
    command = module(
        "sandbox.slack",
        *("--request-url", f"http://127.0.0.1:{app_port}/slack/events"),
        *("--signing-secret", SLACK_SECRET, "--bot-token", TOKEN),
        *("--no-validate", "--log-limit", "0"),
    )
    async with serving(command, folder / f"workspace-{name}.log", "/ui/state") as server:
        yield Workspace(server)
