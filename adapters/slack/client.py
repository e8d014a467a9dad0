"""The one way to Slack's Web API: one HTTP session, no retries of its own, every failure by remedy.

Slack's Python SDK repeats a request whose connection broke, which posts a message twice, and opens
a session for each call; so the calls are made here. Methods that read take their arguments in the
query, the others a JSON body (docs.slack.dev/apis/web-api).
"""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import Any, NamedTuple

import aiohttp
import orjson

from adapters.slack import failures
from adapters.slack.condition import Condition
from adapters.slack.config import SlackConfig
from bridge.errors import Broken, DeliveryError, Paced, Retry, Scope
from bridge.ports import Limiter

READS = frozenset(
    {
        "conversations.history",
        "conversations.info",
        "conversations.members",
        "conversations.replies",
        "files.getUploadURLExternal",
        "files.info",
        "usergroups.users.list",
        "users.info",
    }
)
"""Methods that take no JSON; of these an upload's address alone is no reading, and does no harm
twice."""
ONCE = frozenset({"chat.postMessage", "chat.postEphemeral", "files.completeUploadExternal"})
"""Methods that must not be repeated blindly: a second call makes a second message."""
TIERS: dict[str, tuple[float, int]] = {
    "chat.update": (50 / 60, 20),
    "reactions.add": (50 / 60, 20),
    "reactions.remove": (20 / 60, 8),
    "conversations.replies": (50 / 60, 20),
    "conversations.history": (50 / 60, 20),
}
"""Calls a second and burst, by method and workspace: Slack's tiers 3 and 2."""
POST_BURST = 3
"""Posts at once into a channel that has rested: Slack allows "short bursts" and does not say how
long ones."""
STRICT_FOR = 3_600.0
"""Seconds after a refused burst in which there is none."""
NEAR = 0.1
"""Seconds for which a turn that was taken ahead is good at least, however fast others grow."""
STRICTLY = 0.95
"""Of the pace that is allowed, where no burst is: the way to Slack is now longer, now shorter."""

Answer = dict[str, Any]


class Ahead(NamedTuple):
    """A turn that was taken before it was needed."""

    until: float
    take: asyncio.Future[float] | None


_NONE = Ahead(0.0, None)


class Client:
    """`call` for everything, `post` for what appears in a channel, `respond` for response_urls."""

    def __init__(self, config: SlackConfig, limiter: Limiter) -> None:
        self._config = config
        self._limiter = limiter
        self.condition = Condition(config.channels)
        self._ahead: dict[str, Ahead] = {}
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._strict: dict[str, float] = {}
        """Channels that allow no bursts, and until when, on the monotonic clock."""
        self.authorization = {"Authorization": f"Bearer {config.bot_token}"}
        self._headers = {
            **self.authorization,
            "Content-Type": "application/json; charset=utf-8",
        }

    def session(self) -> aiohttp.ClientSession:
        """Made at the first use, since it belongs to the running loop. Raises Retry once it is
        closed: whoever is late with something must not open another that nobody closes."""
        if self._closed:
            raise Retry("closed", counts=False)
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=self._config.send_timeout)
            jar = aiohttp.DummyCookieJar()  # the token says who we are, and nothing else does
            self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=jar)
        return self._session

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def call(self, method: str, /, team: str = "", **arguments: Any) -> Answer:
        """Slack's answer, which is ok. With `team` the method's limit is kept. Raises
        DeliveryError."""
        lane = f"slack:{team}:{method}"
        if team and method in TIERS:
            await self._take(lane, *TIERS[method])
        return await self._answer(method, arguments, lane)

    async def post(self, team: str, channel: str, **arguments: Any) -> Answer:
        """chat.postMessage, at the pace that Slack allows one channel."""
        lane, rate, burst = self._of_posts(team, channel)
        await self._take(lane, rate, burst)
        try:
            return await self._answer("chat.postMessage", {"channel": channel, **arguments}, lane)
        except Paced:
            self._strict[lane] = time.monotonic() + STRICT_FOR
            raise

    def expect(self, team: str, channel: str) -> None:
        """Takes a turn for a post that is about to come. There is one at most for a channel, good
        for whichever post comes next, until another turn has grown; none where there is no burst,
        since two posts were too near then."""
        lane, rate, burst = self._of_posts(team, channel)
        now = time.monotonic()
        if rate > 0 and burst > 1 and self._ahead.get(lane, _NONE).until < now:
            take = asyncio.ensure_future(self._limiter.take(lane, rate, burst))
            self._ahead[lane] = Ahead(now + max(1 / rate, NEAR), take)

    def _of_posts(self, team: str, channel: str) -> tuple[str, float, int]:
        """Name, turns a second and burst of the limit."""
        lane, rate = f"slack:{team}:post:{channel}", self._config.posts_per_second
        if self._strict.get(lane, 0.0) > time.monotonic():
            return lane, rate * STRICTLY, 1
        return lane, rate, POST_BURST

    async def respond(self, url: str, **message: Any) -> None:
        """An answer to what was just clicked or typed; good five times within half an hour."""
        body = orjson.dumps(message)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            async with self.session().post(
                url, data=body, headers=headers, allow_redirects=False
            ) as response:
                if response.status >= HTTPStatus.BAD_REQUEST:
                    raise Retry(f"http_{response.status}")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Retry("response_url") from error

    async def _take(self, lane: str, rate: float, burst: int) -> None:
        if self._config.posts_per_second <= 0:
            return
        if await self._was_taken(lane):
            return
        if wait := await self._limiter.take(lane, rate, burst):
            raise Paced(lane, wait, 1 / rate)

    async def _was_taken(self, lane: str) -> bool:
        """Whether there is a turn that was taken ahead. Where there was none to take, there may be
        one by now."""
        until, take = self._ahead.pop(lane, _NONE)
        return take is not None and until > time.monotonic() and not await take

    async def _answer(self, method: str, arguments: dict[str, Any], lane: str) -> Answer:
        try:
            answer = await self._asked(method, arguments, lane)
        except DeliveryError as error:
            if isinstance(error, Broken) and error.scope is Scope.CHANNEL:
                error.about = str(arguments.get("channel") or "")
            self.condition.failed(error, arguments)
            raise
        self.condition.worked(arguments, reading=method in READS)
        return answer

    async def _asked(self, method: str, arguments: dict[str, Any], lane: str) -> Answer:
        repeatable = method not in ONCE
        try:
            status, retry_after, answer = await self._send(method, arguments)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Retry("unreachable") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise failures.of_doubt("no_answer", repeatable=repeatable) from error
        if answer and answer.get("ok") is True:
            return answer
        if status == HTTPStatus.OK and not answer:
            raise failures.of_doubt("bad_answer", repeatable=repeatable)
        name = str((answer or {}).get("error", ""))[:80]
        failure = failures.of_answer(status, name, retry_after, repeatable=repeatable)
        if isinstance(failure, Retry) and not failure.counts:
            await self._limiter.block(lane, retry_after)
            raise Paced(lane, retry_after, self._every(method))
        raise failure

    def _every(self, method: str) -> float:
        """Seconds between two calls, as far as we know the limit."""
        rate = TIERS[method][0] if method in TIERS else self._config.posts_per_second
        return 1 / rate if rate > 0 else 1.0

    async def _send(
        self, method: str, arguments: dict[str, Any]
    ) -> tuple[int, float, Answer | None]:
        """Status, Retry-After and the answer, None when it is no JSON object."""
        url = self._config.api_url + method
        if method in READS:
            request = self.session().get(
                url, params=_query(arguments), headers=self._headers, allow_redirects=False
            )
        else:
            request = self.session().post(
                url, data=orjson.dumps(arguments), headers=self._headers, allow_redirects=False
            )
        async with request as response:
            raw = await response.read()
            after = failures.retry_after(response.headers.get("Retry-After"))
            return response.status, after, _object(raw)


def _query(arguments: dict[str, Any]) -> dict[str, str]:
    spelt = {True: "true", False: "false"}
    return {
        name: spelt[value] if isinstance(value, bool) else str(value)
        for name, value in arguments.items()
    }


def _object(raw: bytes) -> Answer | None:
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None
