"""What a stand-in workspace is told at its construction."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]


class Clock(Protocol):
    """Time as the workspace sees it: seconds since the epoch, and waiting."""

    def time(self) -> float:
        """Seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so many of this clock's seconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Return after so many real seconds."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Settings of a stand-in workspace; times in seconds.

    `retry_delays` are the waits before the three repeats of an event (Slack: nearly at once, one
    minute, five minutes). `channel_limit` switches Slack's one post a second and channel on,
    `method_limits` the limits by method and tier.
    `validate` switches the Block Kit checks. `log_limit` bounds each log of the control URLs; 0
    keeps none. `manifest` is the app's manifest: with it only subscribed events are sent and
    missing scopes are refused. With a `seed` the same ids come in each run; without, never again.
    `socket_mode` (or the manifest's `socket_mode_enabled`) sends all to the app's sockets, opened
    with `app_token`, from a port on `socket_host`; each lives `socket_life`, pinged at
    `socket_ping`.
    """

    team_name: str = "Northwind"
    request_url: str = ""
    signing_secret: str = "5a4db0c55a4db0c55a4db0c55a4db0c5"  # as long as Slack's own
    bot_token: str = "xoxb-sandbox"
    app_token: str = "xapp-sandbox"
    verification_token: str = "sandbox-verification"
    public_base_url: str = ""
    manifest: Json | None = None
    retry_delays: tuple[float, ...] = (1.0, 60.0, 300.0)
    ack_timeout: float = 3.0
    trigger_lifetime: float = 3.0
    response_url_lifetime: float = 1800.0
    channel_limit: bool = False
    channel_rate: float = 1.0
    channel_burst: int = 1
    method_limits: bool = False
    validate: bool = True
    log_limit: int = 20_000
    connections: int = 32
    socket_mode: bool = False
    socket_host: str = "127.0.0.1"
    socket_life: float = 3600.0
    socket_ping: float = 5.0
    file_share_delay: float = 0.05
    seed: int | None = None
    clock: Clock = field(default_factory=SystemClock)
