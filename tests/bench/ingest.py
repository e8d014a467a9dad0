"""Ingest: a signed Slack event and a webchat post until 200, against a bare endpoint.

The bare endpoint checks the same signature and stores nothing; the product answers after a durable
commit, while its workers relay what came in at the pace that Slack would allow.
"""

import itertools
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from sandbox.slack.seed import ANA, ORDERS, TEAM
from tests.bench.client import Pool
from tests.bench.load import Outcome, closed, paced
from tests.bench.relay import opened
from tests.bench.report import Figures
from tests.bench.signing import SLACK_SECRET, slack_replies
from tests.bench.subjects import POSTGRES, SQLITE, Subject, bare, product

Add = Callable[[str, float], None]
"""Takes a measure and its value."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Many short rounds: what a rented machine does in a second changes by a third within a few, so
    that a ratio is as good as its two runs are near each other."""

    rounds: int = 13
    seconds: float = 1.0
    conversations: int = 20
    callers: tuple[int, ...] = (32, 128)
    """How many wait for an answer at once: what waits together is committed together."""
    rate: float = 300.0
    """Requests a second at which latencies are taken."""
    posts: float = 5.0
    """Posts a second that the sandbox's Slack is given."""


async def run(figures: Figures, folder: Path, plan: Plan) -> None:
    async with AsyncExitStack() as stack:
        subjects = [await stack.enter_async_context(bare(folder))]
        for name in (SQLITE, POSTGRES):
            made = product(name, folder, plan.posts, plan.conversations)
            subjects.append(await stack.enter_async_context(made))
            await opened(subjects[-1], plan.conversations)
        for kind, requests in (("Slack event", slack_events), ("webchat post", webchat_posts)):
            makers = [requests(subject, plan.conversations) for subject in subjects]
            for _ in range(plan.rounds):
                for subject, make in zip(subjects, makers, strict=True):
                    await _measured(figures, f"ingest {kind}", subject, make, plan)


async def _measured(
    figures: Figures, benchmark: str, subject: Subject, make: Callable[[], bytes], plan: Plan
) -> None:
    def add(measure: str, value: float) -> None:
        figures.add(benchmark, measure, subject.name, value)

    fast = [await _fast(add, subject, make, callers, plan) for callers in plan.callers]
    async with Pool(subject.server.address, plan.callers[0]) as pool:
        steady = await paced(pool, make, plan.rate, plan.seconds)
    add(f"p50 ms at {plan.rate:.0f}/s", 1000 * steady.percentile(0.5))
    add(f"p99 ms at {plan.rate:.0f}/s", 1000 * steady.percentile(0.99))
    _note_refused(add, *fast, steady)


async def _fast(
    add: Add, subject: Subject, make: Callable[[], bytes], callers: int, plan: Plan
) -> Outcome:
    """As fast as so many callers can have it."""
    async with Pool(subject.server.address, callers) as pool:
        cpu, helpers = subject.cpu(), subject.helpers_cpu()
        fast = await closed(pool, make, callers, plan.seconds)
        cpu, helpers = subject.cpu() - cpu, subject.helpers_cpu() - helpers
    add(f"requests/s, {callers} callers", fast.rate)
    add(f"CPU ms/request, {callers} callers", 1000 * cpu / max(fast.done, 1))
    if helpers:
        add(f"CPU ms/request, {callers} callers, database", 1000 * helpers / max(fast.done, 1))
    return fast


def _note_refused(add: Add, *outcomes: Outcome) -> None:
    for status in {status for outcome in outcomes for status in outcome.statuses}:
        if status not in (200, 201, 202):
            add(f"answered {status}", sum(outcome.statuses[status] for outcome in outcomes))


def slack_events(subject: Subject, conversations: int) -> Callable[[], bytes]:
    threads = list(subject.threads.values()) or [
        f"1700000000.{n:06d}" for n in range(conversations)
    ]
    return slack_replies(SLACK_SECRET, TEAM, ORDERS, ANA, threads)


def webchat_posts(subject: Subject, conversations: int) -> Callable[[], bytes]:
    numbers = itertools.count()

    def make() -> bytes:
        number = next(numbers)
        text = f"It was promised for last week, and nobody tells me anything. Number {number}."
        return subject.say(number % conversations, uuid.uuid4().hex, text)

    return make
