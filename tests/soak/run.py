"""One soak: traffic, faults and kills for a while, then silence, then the verdict."""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from redis.asyncio import Redis

from tests.scenarios.customer import Json
from tests.scenarios.facebook import PageCustomer
from tests.scenarios.processes import Server, until
from tests.scenarios.stage import Setting, Stage, on_stage
from tests.scenarios.thread import key_of, marks_of, whole
from tests.soak.traffic import Conversation, Traffic, by_thread
from tests.soak.verdict import Seen, Verdict, judge, name_of, number_of
from tests.waiting import NotYet

POST = ["chat.postMessage"]
WEATHER: tuple[Json, ...] = (
    {"kind": "drop_response_after_store", "methods": POST, "probability": 0.05},
    {"kind": "http_500", "methods": POST, "probability": 0.03, "when": "after"},
    {"kind": "drop_connection_before", "methods": POST, "probability": 0.03},
    {"kind": "slow", "methods": POST, "probability": 0.03, "seconds": 1.15},
    {"kind": "duplicate_events", "probability": 0.15, "concurrent": False},
    {"kind": "shuffle_events", "event_types": ["message"], "probability": 0.1, "seconds": 0.4},
)
"""What goes wrong all the time; what is slow is slower than we wait, but lands before we look for
the last time."""
META_WEATHER: tuple[Json, ...] = (
    {"kind": "lost_response", "times": 0, "every": 17},
    {"kind": "late_500", "times": 0, "every": 23},
    {"kind": "temporary", "times": 0, "every": 13},
    {"kind": "duplicate", "times": 0, "every": 7},
    {"kind": "lost_answer", "times": 0, "every": 11},
)
"""The same of Meta, where there is a page."""
FOG: Json = {"kind": "slow", "methods": POST, "seconds": 0.25}
"""Posts that are still on their way when the product is killed, and land afterwards."""
FLUSH = 0.5
"""How often a kill finds Redis empty, where there are many processes."""
UNCALLED = '[alerts]\nmention = "never"\n'
LATE = 1.0
"""Seconds of quarantine: on a busy machine what is slow lands later still than it was told to."""
QUIET = 1.5
"""Seconds without a call to the workspace, beyond lease and quarantine, that mean the end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`kills` first, then `halts`: the last process is stopped for longer than its lease, so that
    another takes over what it has in hand, and then goes on."""

    setting: Setting
    kills: int = 30
    halts: int = 0
    conversations: int = 6
    pace: float = 0.4
    seed: int = 1
    weather: tuple[Json, ...] = WEATHER
    seconds: float = 0.0
    """At least so much traffic."""
    flush: float = 0.0
    """How likely each kill is to be followed by a Redis that has forgotten everything."""
    patience: float = 60.0
    """Seconds until all must have arrived, after the last message was sent."""


@dataclass(slots=True)
class Soak:
    plan: Plan
    stage: Stage
    dice: random.Random
    traffic: Traffic = field(init=False)

    def __post_init__(self) -> None:
        plan = self.plan
        self.traffic = Traffic(self.stage, self.dice, plan.pace, plan.setting.fronts)

    async def run(self) -> Verdict:
        plan, oracle = self.plan, self.stage.oracle
        await oracle.faults(*plan.weather, seed=plan.seed)
        await self.stage.meta_faults(*(META_WEATHER if plan.weather else ()))
        await self.traffic.begin(plan.conversations)
        waking = asyncio.create_task(self._wake_stopped())
        try:
            await self._trouble()
            await self.traffic.stop()
            await oracle.faults()
            await self.stage.meta_faults()
            await self._silence()
        finally:
            waking.cancel()
            await self.traffic.abandon()
        return await self._verdict()

    # --- trouble -------------------------------------------------------------------------------

    async def _trouble(self) -> None:
        until_then = time.monotonic() + self.plan.seconds
        for _ in range(self.plan.kills):
            await asyncio.sleep(self.dice.uniform(0.3, 1.0))
            await self._kill()
            self.traffic.check()
        for _ in range(self.plan.halts):
            await asyncio.sleep(self.dice.uniform(0.3, 1.0))
            await self._halt()
            self.traffic.check()
        await asyncio.sleep(max(0.0, until_then - time.monotonic()))

    async def _kill(self) -> None:
        """At any moment; or while posts are on their way, which then land after the kill."""
        oracle, weather = self.stage.oracle, self.plan.weather
        which = self.dice.randrange(len(self.stage.products))
        if self.dice.random() < 0.6:
            await oracle.faults(FOG, *weather, seed=self.dice.randrange(10**6))
            await asyncio.sleep(self.dice.uniform(0.05, 0.25))
        self.stage.products[which].kill()
        if self.dice.random() < self.plan.flush:
            await forget_everything(self.plan.setting.redis_url)
        await oracle.faults(*weather, seed=self.dice.randrange(10**6))
        await asyncio.sleep(self.dice.uniform(0.0, 0.3))
        await self.stage.start(which)

    async def _halt(self) -> None:
        """`_wake_stopped` lets it go on."""
        self.stage.products[-1].halt()
        await until(self._nobody_halts, 30.0, "the halted process to go on")

    async def _nobody_halts(self) -> bool:
        return not any(is_stopped(server) for server in self.stage.products)

    async def _wake_stopped(self) -> None:
        """Whoever stands still, by our hand or its own, goes on when its lease is over."""
        since: dict[int, float] = {}
        while True:
            for server in self.stage.products:
                if not is_stopped(server):
                    since.pop(server.pid, None)
                elif time.monotonic() > since.setdefault(server.pid, time.monotonic()) + self._past:
                    server.go_on()
            await asyncio.sleep(0.05)

    @property
    def _past(self) -> float:
        """Seconds after which others have taken over, looked, and sent again."""
        setting = self.plan.setting
        return setting.lease + 2 * (setting.timeout + setting.quarantine)

    # --- silence -------------------------------------------------------------------------------

    async def _silence(self) -> None:
        """Until everything has arrived and nothing happens any more; or until time is up."""
        with suppress(NotYet):
            await until(self._arrived, self.plan.patience)
        setting, calls = self.plan.setting, -1
        length = setting.lease + setting.timeout + setting.quarantine + QUIET
        deadline = time.monotonic() + self.plan.patience
        quiet_since = time.monotonic()
        while time.monotonic() < min(deadline, quiet_since + length):
            now = len((await self.stage.oracle.get("log"))["calls"])
            if now != calls or not await self._nobody_halts():
                calls, quiet_since = now, time.monotonic()
            await asyncio.sleep(0.25)

    async def _arrived(self) -> bool:
        if not await self.stage.oracle.quiet():
            return False
        return (await self._verdict()).lost == 0

    # --- the verdict ---------------------------------------------------------------------------

    async def _verdict(self) -> Verdict:
        conversations = self.traffic.conversations
        messages = await self.stage.oracle.messages()
        asked = {one.number: one.asked for one in conversations}
        replied = {one.number: one.replied for one in conversations}
        verdict = judge(asked, in_threads(messages), "in threads")
        fresh = [seen for one in conversations for seen in await self._fresh(one)]
        verdict += judge(replied, fresh, "for a fresh client")
        if not self.stage.meta_base:
            shown = [s for one in conversations for s in streamed(one)]
            verdict += judge(replied, shown, "streamed")
        self._count_roots(verdict, messages)
        self._count_marks(verdict, messages)
        for refusal in (refusal for one in conversations for refusal in one.refused):
            verdict.note("refused", refusal)
        for server in self.stage.products:
            for _ in range(server.log.read_text(errors="replace").count("poison kept")):
                verdict.note("poisoned", server.name)
        return verdict

    async def _fresh(self, one: Conversation) -> list[Seen]:
        if isinstance(one.customer, PageCustomer):
            texts = await one.customer.agents_words()
        else:
            texts = await one.customer.texts()
        return [Seen(text, "the customer's screen", one.number) for text in texts]

    def _count_roots(self, verdict: Verdict, messages: list[Json]) -> None:
        """A new handoff for each customer after each end, one card for each, and words in all."""
        cards: dict[int, list[str]] = {}
        for thread, posts in by_thread(messages).items():
            texts = whole(posts)
            owner = number_of(texts[0]) if texts else -1
            cards.setdefault(owner, []).append(key_of(posts[0]) or f"no card at {thread}")
        for owner, keys in cards.items():
            ended = len(self.traffic.conversations[owner].ended) if owner >= 0 else -1
            if len(keys) > ended + 1 or not all(key.startswith("hnd_") for key in keys):
                verdict.note("roots", f"cards of {owner} after {ended} ends: {keys}")

    def _count_marks(self, verdict: Verdict, messages: list[Json]) -> None:
        marks = {message["ts"]: marks_of(message) for message in messages}
        for one in self.traffic.conversations:
            for text, ts in zip(one.replied, one.stamps, strict=False):
                if marks.get(ts) != ["✅"]:
                    verdict.note("marks", f"{name_of(text)} has {marks.get(ts)}")


def in_threads(messages: list[Json]) -> list[Seen]:
    """Customers' words in each thread; a thread is whose first words are in it."""
    found: list[Seen] = []
    for thread, posts in by_thread(messages).items():
        texts = _with_repeats(posts)
        owner = number_of(texts[0]) if texts else -1
        found += [Seen(text, f"the thread {thread}", owner) for text in texts]
    return found


def _with_repeats(posts: list[Json]) -> list[str]:
    """Each message whole; one of which a part is there twice stands there twice."""
    parts: dict[str, Json] = {}
    repeated: dict[str, list[Json]] = {}
    for post in posts:
        key = key_of(post)
        if key.startswith("msg_") and parts.setdefault(key, post) is not post:
            repeated[key.partition("/")[0]] = []
    for key, post in parts.items():
        if (message := key.partition("/")[0]) in repeated:
            repeated[message].append(post)
    return [*whole(list(parts.values())), *(whole(again)[0] for again in repeated.values())]


def streamed(one: Conversation) -> list[Seen]:
    """What the stream has shown, over all its connections; `message` twice is seen twice."""
    shown = one.shown
    new = [m for kind, _, m in shown.events if kind == "message" and m["author"]["kind"] == "agent"]
    extra = [m["text"] for n, m in enumerate(new) if m["id"] in {o["id"] for o in new[:n]}]
    return [Seen(text, "the stream", one.number) for text in (*shown.texts("agent"), *extra)]


async def forget_everything(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        await redis.flushall()


def is_stopped(server: Server) -> bool:
    """Whether the kernel has it stopped by a signal (state T)."""
    if not server.runs:
        return False
    try:
        stat = Path(f"/proc/{server.pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "T"


def four(setting: Setting) -> Setting:
    """The same with two web and two worker processes, of which any may be killed."""
    roles = ("web", "web", "worker", "worker")
    return replace(setting, commands=setting.commands[:1] * len(roles), roles=roles)


async def soak(plan: Plan, folder: Path) -> Verdict:
    """Runs it in `folder`, where the logs stay."""
    setting = replace(  # an end is one, and words stand as they were said, without a call
        plan.setting, reopen_within=0.0, more_toml=plan.setting.more_toml + UNCALLED
    )
    async with on_stage(setting, folder) as stage:
        return await Soak(plan, stage, random.Random(plan.seed)).run()
