"""Our own adapters keep the promises of `adapters/conformance`, and who breaks one is told."""

from __future__ import annotations

import time
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import ASGIApp

import adapters.console
import adapters.relay
import adapters.webchat
from adapters import conformance
from adapters.conformance import ChannelCase, DeskCase
from adapters.messenger.ids import address
from adapters.messenger.signing import signature
from adapters.slack.ids import source_of
from adapters.slack.signing import signature as slacks
from bridge.commands import Answer, Request
from bridge.errors import Broken, DeliveryError, Refused, Retry, Scope
from bridge.model import AgentId, Conversation, Message, Thread
from bridge.policy import Traits
from bridge.ports import Deps, Outgoing, Receipt
from bridge.relaying import address as relayed
from bridge.settings import Settings
from bridge.web import application
from storage.memory import MemoryBell, MemoryLimiter, MemoryPresence
from tests.adapters.messenger import things as messenger
from tests.adapters.slack.things import ANA, view
from tests.adapters.slack.world import SECRET, Stage, stage, world
from tests.bridge.fakes import FakeChannel, PlainDesk
from tests.bridge.running import configured, in_file

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
TOKEN = "token-of-these-tests-with-more-than-32-characters"
Cases = Callable[[Path], AbstractAsyncContextManager[ChannelCase]]


class Nothing:
    """A store in which nobody has said anything yet."""

    async def conversation(self, _id: str) -> None:
        return None

    async def news(self, _id: str, _after: int = 0, _limit: int = 0) -> None:
        return None

    async def shown(self, _conversation: str, _after: int, _limit: int = 0) -> list[Message]:
        return []

    async def between(self, _conversation: str, _after: int, _to: int) -> list[Message]:
        return []


def deps(settings: Settings, **more: Any) -> Deps:
    reads: Any = Nothing()
    waking = (MemoryBell(), MemoryLimiter(), MemoryPresence())
    return Deps(settings, reads, *waking, lambda: messenger.NOW, **more)


@asynccontextmanager
async def of_webchat(folder: Path) -> AsyncIterator[ChannelCase]:
    made = adapters.webchat.channel(deps(configured(in_file(folder), folder)))
    greeted = await greet(application(made.routes(nobody)))
    proof = {"Authorization": f"Bearer {greeted.json()['token']}"}

    async def hear(client: httpx.AsyncClient, text: str, name: str) -> httpx.Response:
        body = {"client_id": name, "text": text}
        return await client.post("/webchat/messages", json=body, headers=proof)

    yield ChannelCase(made, "v1", hear=hear, proof=lambda _body: proof)


async def greet(app: ASGIApp) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        return await client.post("/webchat/sessions", json={})


async def nobody(_command: Request) -> Answer:
    raise AssertionError("a greeting is no command")


@asynccontextmanager
async def of_console(folder: Path) -> AsyncIterator[ChannelCase]:
    made = adapters.console.channel(deps(configured(in_file(folder), folder, CONSOLE_TOKEN=TOKEN)))
    assert made is not None
    proof = {"Authorization": f"Bearer {TOKEN}"}

    async def hear(client: httpx.AsyncClient, text: str, name: str) -> httpx.Response:
        headers = {**proof, "Idempotency-Key": name}
        return await client.post("/console/sam", content=text, headers=headers)

    yield ChannelCase(made, "sam", hear=hear, proof=lambda _body: proof)


@asynccontextmanager
async def of_messenger(_folder: Path) -> AsyncIterator[ChannelCase]:
    def proof(body: bytes) -> Mapping[str, str]:
        return {"x-hub-signature-256": signature(messenger.META.app_secret, body)}

    async def hear(client: httpx.AsyncClient, text: str, name: str) -> httpx.Response:
        body = orjson.dumps(messenger.webhook(messenger.said(text, f"m_{name}")))
        return await client.post("/messenger/webhook", content=body, headers=proof(body))

    kinds = {
        "down": "temporary",
        "limited": "rate_limited",
        "lost": "late_500",
        "refused": "blocked",
        "locked_out": "token_expired",
    }
    async with messenger.world() as page:

        def trouble(kind: str) -> Callable[[], None]:
            return lambda: page.meta.faults.set([{"kind": kind}])

        yield ChannelCase(
            page.channel,
            address(messenger.PAGE, messenger.PSID),
            seen=lambda: [each.text for each in page.meta.world.messages],
            hear=hear,
            proof=proof,
            # A rate limit holds up all that comes after it, so it is the last.
            troubles={name: trouble(kinds[name]) for name in sorted(kinds, key=_limits_last)},
            user_at=messenger.NOW,
        )


def _limits_last(trouble: str) -> bool:
    return trouble == "limited"


@asynccontextmanager
async def of_relay(folder: Path) -> AsyncIterator[ChannelCase]:
    """What tells webhooks raises the errors itself (`bridge/hooking.py`)."""
    taken: dict[str, str] = {}
    errors: list[DeliveryError] = []

    async def tell(_webhook: str, id: str, body: Mapping[str, Any]) -> None:
        if errors:
            raise errors.pop()
        taken.setdefault(id, body["data"]["message"]["text"])

    made = adapters.relay.channel(deps(configured(in_file(folder), folder), tell=tell))
    troubles = {"down": Retry("http_500"), "refused": Refused("webhook_gone")}
    yield ChannelCase(
        made,
        relayed("whk_1", "chat/7"),
        seen=lambda: list(taken.values()),
        troubles={name: _raising(errors, error) for name, error in troubles.items()},
    )


def _raising(errors: list[DeliveryError], error: DeliveryError) -> Callable[[], None]:
    return lambda: errors.append(error)


CHANNELS: Mapping[str, Cases] = {
    "console": of_console,
    "messenger": of_messenger,
    "relay": of_relay,
    "webchat": of_webchat,
}


def test_every_channel_of_the_project_is_looked_at() -> None:
    points = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["entry-points"]
    assert set(points["deskbridge.channels"]) == set(CHANNELS)
    assert set(points["deskbridge.desks"]) == {"slack"}


@pytest.mark.parametrize("promise", conformance.CHANNEL, ids=conformance.name)
@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_channel_keeps_its_promises(channel: str, promise: Any, tmp_path: Path) -> None:
    async with CHANNELS[channel](tmp_path) as case:
        assert case.channel.name == channel
        await promise(case)


# --- the desk ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def stages() -> AsyncIterator[tuple[Stage, Stage]]:
    async with stage() as workspace, stage() as product:
        yield workspace, product


@pytest.mark.parametrize("promise", conformance.DESK, ids=conformance.name)
async def test_slack_keeps_the_promises_of_a_desk(
    promise: Any, stages: tuple[Stage, Stage]
) -> None:
    async with world(stages) as slack:

        def trouble(**rule: Any) -> Callable[[], None]:
            rule = {"methods": ["chat.postMessage"], "count": 1, **rule}
            return lambda: slack.box.faults.install({"rules": [rule]}, 0)

        async def shown(thread: Thread) -> list[str]:
            return [str(each) for each in await slack.ana.thread(thread.channel, thread.ts)]

        async def said(thread: Thread) -> str:
            ts = await slack.ana.reply(thread.channel, thread.ts, "Hello")
            return source_of(thread.team, thread.channel, ts)

        await promise(
            DeskCase(
                slack.desk,
                view(),
                AgentId(ANA),
                shown,
                said,
                proof=_signed,
                troubles={
                    "down": trouble(kind="http_503"),
                    "lost": trouble(kind="drop_response_after_store", count=2),
                    "refused": trouble(kind="error", error="no_text"),
                    "locked_out": trouble(kind="error", error="token_revoked"),
                    "limited": trouble(kind="ratelimit", retry_after=30),
                },
            )
        )


def _signed(body: bytes) -> Mapping[str, str]:
    at = str(int(time.time()))
    return {"x-slack-request-timestamp": at, "x-slack-signature": slacks(SECRET, at, body)}


# --- who breaks a promise ------------------------------------------------------------------------


class Careless(FakeChannel):
    """Cuts what is too long, and lets errors through as they are."""

    async def send(self, conversation: Conversation, message: Outgoing, key: str) -> Receipt:
        self.sent.append((key, message.text[: self.traits.max_text]))
        return Receipt()


@pytest.mark.parametrize(
    ("channel", "broken"),
    [
        (FakeChannel("My Channel"), "names_itself"),
        (FakeChannel(traits=Traits(max_text=0)), "can_do_what_its_traits_say"),
        (FakeChannel(traits=Traits(edits=True)), "can_do_what_its_traits_say"),
        (Careless(), "never_cuts"),
        (FakeChannel(traits=Traits(repeatable=True)), "repeats_only_what_may_be_repeated"),
        (FakeChannel(), "fails_by_remedy"),
    ],
)
async def test_who_breaks_a_promise_is_told_which(channel: FakeChannel, broken: str) -> None:
    promise = next(each for each in conformance.CHANNEL if conformance.name(each) == broken)
    out_of_order = {"refused": lambda: channel.moods.say(Broken("gone", Scope.CHANNEL))}

    def sent() -> list[str]:
        return [text for _, text in channel.sent]

    with pytest.raises(AssertionError, match="not kept"):
        await promise(ChannelCase(channel, "v1", sent, troubles=out_of_order))


async def test_a_desk_that_posts_into_nothing_is_told_so() -> None:

    async def nowhere(_thread: Thread) -> str:
        return ""

    case = DeskCase(PlainDesk(), view(), AgentId(ANA), nowhere, nowhere)
    promise = next(each for each in conformance.DESK if "thread_that_is_gone" in each.__name__)
    with pytest.raises(AssertionError, match="a thread that is not there is told"):
        await promise(case)
