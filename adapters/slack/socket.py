"""Socket Mode: Slack's events over websockets that we open, so that no public address is needed.

Slack: docs.slack.dev/apis/events-api/using-socket-mode. `apps.connections.open` gives an address
that is good once; an app may have ten connections, and each envelope comes over any one of them.
An envelope is acknowledged where HTTP would say 200, after the commit; one that is not, Slack sends
again, over another connection where there is one. So there are several, each cared for by itself
(`SocketMode._keep`):

- Slack ends a connection now and then and says so before (`disconnect`). Another one is opened
  while the old still listens, so that there is no gap.
- One that is silent is asked by a ping, and given up when that is not answered either: a broken
  network does not tell.
- What fails is tried again after a while that grows, with some chance in it, lest all processes
  come back at once. Socket Mode switched off for the app, or a token that is refused, is told aloud
  and asked again once a minute.

Why not the SDK's client: it has one connection, its session may be lost on reconnecting, and what
it has in hand nobody waits for at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from random import SystemRandom
from typing import Any

import aiohttp
import structlog

from adapters.slack.client import Client
from adapters.slack.config import SlackConfig
from adapters.slack.connection import Connection, Lost, Pace, greeted
from adapters.slack.entry import MAX_BODY, Take
from bridge.errors import Broken, DeliveryError, Refused, Retry
from bridge.ports import Limiter

LADDER = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between tries, at most; half of it is left to chance."""
SWITCHED_OFF = "link_disabled"
REMEDIES = {
    SWITCHED_OFF: "switch Socket Mode on for the app: api.slack.com/apps, Socket Mode",
    "missing_scope": "SLACK_APP_TOKEN needs the scope connections:write",
    "not_allowed_token_type": "SLACK_APP_TOKEN must be an app-level token, xapp-…",
    "invalid_auth": "SLACK_APP_TOKEN is not valid (any more): make another one",
    "too_many_websockets": "an app may have ten: less processes, or [slack] connections",
}

log = structlog.get_logger("slack")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no connection. `after` in seconds, where it is not for the ladder to say."""

    reason: str
    after: float = 0.0


class SocketMode:
    """Implements Runs of `bridge.ports`, for one app token. `take` is the common entry's;
    `reconnected` is called when there is a connection after there was none."""

    def __init__(
        self,
        config: SlackConfig,
        limiter: Limiter,
        take: Take,
        reconnected: Callable[[], None],
        pace: Pace | None = None,
    ) -> None:
        self._config = config
        self._client = Client(replace(config, bot_token=config.app_token), limiter)
        self._take = take
        self._reconnected = reconnected
        self._pace = pace or Pace()
        self._up: set[Connection] = set()
        self._keeping: set[asyncio.Task[None]] = set()
        self._listening: set[asyncio.Task[None]] = set()
        self._why = "not connected yet"

    @property
    def fault(self) -> str:
        """Why nothing can be heard just now; empty: something can."""
        return "" if self._up else f"no socket is connected: {self._why}"

    async def start(self) -> None:
        for _ in range(self._config.connections):
            _begin(self._keep(), self._keeping)

    async def close(self) -> None:
        """Takes no more envelopes; those in hand are finished and acknowledged."""
        await _end(self._keeping)
        await _end(self._listening)
        await self._client.close()

    # --- one connection, and the next in its place ---------------------------------------------

    async def _keep(self) -> None:
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            failure = await self._once()
            lasted = asyncio.get_running_loop().time() - began
            failures = 0 if lasted > self._pace.steady else failures + 1
            if failure.after or failures:
                await asyncio.sleep(max(failure.after, self._back_off(failures)))

    def _back_off(self, failures: int) -> float:
        most = LADDER[min(max(failures - 1, 0), len(LADDER) - 1)] * self._pace.ladder
        return most * (1 + SystemRandom().random()) / 2

    async def _once(self) -> Failure:
        """Returns when another connection is needed: this one may still listen for a while."""
        try:
            connection = await self._open()
        except Lost as lost:
            return self._failed(Failure(lost.reason))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return self._failed(Failure(type(error).__name__))
        except DeliveryError as error:
            after = error.after if isinstance(error, Retry) else 0.0
            hopeless = isinstance(error, Broken | Refused)
            return self._failed(Failure(error.reason, self._pace.broken if hopeless else after))
        self._welcome(connection)
        await connection.leaving.wait()
        self._up.discard(connection)
        return self._failed(Failure(connection.reason))

    async def _open(self) -> Connection:
        """Connected, and greeted by Slack. Raises Lost, DeliveryError, ClientError, OSError and
        TimeoutError."""
        async with asyncio.timeout(self._pace.open):
            answer = await self._client.call("apps.connections.open")
            url = checked(str(answer.get("url") or ""), self._config.api_url)
            # The address is a credential: it is in no log. A session of its own dies with it.
            session = aiohttp.ClientSession()
            try:
                web_socket = await session.ws_connect(url, autoping=False, max_msg_size=MAX_BODY)
                await greeted(web_socket)
            except BaseException:
                await session.close()
                raise
        return Connection(session, web_socket, self._take, self._pace)

    def _welcome(self, connection: Connection) -> None:
        first = not self._up
        self._up.add(connection)
        log.info("socket_connected", connections=len(self._up))
        _begin(connection.listen(), self._listening)
        if first:
            self._reconnected()

    def _failed(self, failure: Failure) -> Failure:
        """Tells it: aloud what only a person can mend, or when no connection is left."""
        remedy = REMEDIES.get(failure.reason, "")
        self._why = f"{failure.reason} ({remedy})" if remedy else failure.reason
        if remedy:
            log.error("socket_refused", reason=failure.reason, remedy=remedy)
        else:
            tell = log.info if self._up else log.warning
            tell("socket_lost", reason=failure.reason, connections=len(self._up))
        if failure.reason == SWITCHED_OFF:
            return replace(failure, after=self._pace.broken)
        return failure


def checked(url: str, api_url: str) -> str:
    """Encrypted, as the API is; only a stand-in's need not be. Raises Lost."""
    schemes = ("wss://", "ws://") if api_url.startswith("http://") else ("wss://",)
    if not url.startswith(schemes):
        raise Lost("no_address")
    return url


def _begin(doing: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(doing)
    among.add(task)
    task.add_done_callback(among.discard)


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
