"""The relay: customer to Slack and agent to customer, against a relay written by hand."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.bench.client import Pool
from tests.bench.journey import MARK, Journey
from tests.bench.load import GOOD
from tests.bench.report import Figures
from tests.bench.subjects import POSTGRES, SQLITE, UNPACED, Subject, hand_relay, product

CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Plan:
    """Many short rounds, as in `ingest.Plan`."""

    rounds: int = 11
    seconds: float = 1.6
    conversations: int = 40
    window: int = 64
    rate: float = 50.0
    """Messages a second at which latencies are taken."""


async def run(figures: Figures, folder: Path, plan: Plan) -> None:
    async with AsyncExitStack() as stack:
        subjects = [
            await stack.enter_async_context(hand_relay(folder)),
            await stack.enter_async_context(product(SQLITE, folder, UNPACED, plan.conversations)),
            await stack.enter_async_context(product(POSTGRES, folder, UNPACED, plan.conversations)),
        ]
        for subject in subjects:
            await opened(subject, plan.conversations)
        for way, journey in (("user → Slack", to_slack), ("agent → user", to_user)):
            for _ in range(plan.rounds):
                for subject in subjects:
                    async with journey(subject) as messages:
                        await _measured(figures, way, subject, messages, plan)


async def _measured(
    figures: Figures, way: str, subject: Subject, messages: Journey, plan: Plan
) -> None:
    cpu, helpers = subject.cpu(), subject.helpers_cpu()
    fast = await messages.closed(plan.window, plan.seconds)
    cpu, helpers = subject.cpu() - cpu, subject.helpers_cpu() - helpers
    steady = await messages.paced(plan.rate, plan.seconds)

    def add(measure: str, value: float) -> None:
        figures.add(f"relay {way}", measure, subject.name, value)

    add("messages/s", fast.rate)
    add("CPU ms/message", 1000 * cpu / max(fast.done, 1))
    if helpers:
        add("CPU ms/message, database", 1000 * helpers / max(fast.done, 1))
    add(f"p50 ms at {plan.rate:.0f}/s", 1000 * steady.percentile(0.5))
    add(f"p99 ms at {plan.rate:.0f}/s", 1000 * steady.percentile(0.99))
    if lost := fast.failed + steady.failed:
        add("lost", lost)


async def opened(subject: Subject, conversations: int) -> None:
    """Brings every conversation into Slack; each thread is known by where its words appear."""
    assert subject.workspace is not None
    async with Pool(subject.server.address, 4) as pool:

        async def send(number: int, text: str) -> None:
            await _good(pool, subject.say(number, f"open-{number}", text))

        journey = Journey(send, subject.numbers)

        def seen(data: bytes) -> None:
            if _learn_threads(subject, data):  # the card alone, which has the words too, is early
                journey.seen(data)

        stream = await subject.workspace.watch(seen)
        outcome = await journey.each(conversations)
        stream.close()
    if outcome.failed or len(subject.threads) < conversations:
        raise RuntimeError(f"{subject.name}: only {len(subject.threads)} conversations opened")


def _learn_threads(subject: Subject, data: bytes) -> bool:
    """Whether it is a reply in a thread."""
    message = orjson.loads(data).get("message") or {}
    thread = message.get("thread_ts")
    if thread:
        for number in MARK.findall(data):
            subject.threads.setdefault(int(number), thread)
    return bool(thread)


@asynccontextmanager
async def to_slack(subject: Subject) -> AsyncIterator[Journey]:
    assert subject.workspace is not None
    async with Pool(subject.server.address, CONNECTIONS) as pool:

        async def send(number: int, text: str) -> None:
            conversation = number % len(subject.threads)
            await _good(pool, subject.say(conversation, uuid.uuid4().hex, text))

        journey = Journey(send, subject.numbers)
        stream = await subject.workspace.watch(journey.seen)
        yield journey
        stream.close()


@asynccontextmanager
async def to_user(subject: Subject) -> AsyncIterator[Journey]:
    slack = subject.workspace
    assert slack is not None
    async with Pool(slack.server.address, CONNECTIONS) as pool:

        async def send(number: int, text: str) -> None:
            await _good(pool, slack.says(subject.threads[number % len(subject.threads)], text))

        journey = Journey(send, subject.numbers)
        streams = [await subject.hear(number, journey.seen) for number in subject.threads]
        yield journey
        for stream in streams:
            stream.close()


async def _good(pool: Pool, raw: bytes) -> None:
    answer = await pool.send(raw)
    if answer.status not in GOOD:
        raise RuntimeError(f"refused: {answer.status} {answer.body[:300].decode()}")
