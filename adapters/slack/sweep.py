"""The catch-up: looks into Slack's history for what no event told.

Slack repeats an event for some minutes and not for ever, and over HTTP a silence cannot be seen. So
at the start, after a gap (no socket was connected), and every minute the newest pages of the
channel's history are read, and where those do not reach far enough, each time some further back.
The threads of handoffs that are open, or ended within a day, are compared with what they were when
last read (`differences`), and those that differ are read whole. Nothing waits for it, and it takes
no more of Slack's pace than is left: what is over comes a minute later.

Threads below questions that were put elsewhere (`!ask`) are read themselves, some in each sweep:
what else is said in those channels is nobody's business here.

Edits alone change nothing that the history of the channel tells, so they are found where a thread
is read for another reason, and after each start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus

import structlog

from adapters.slack import ids
from adapters.slack.client import Client
from adapters.slack.differences import (
    HIDDEN_AFTER,
    YOUNG,
    Json,
    Root,
    by_ts,
    differences,
    in_thread,
    roots,
    unknown,
)
from adapters.slack.entry import Take
from adapters.slack.roots import Roots
from bridge.background import Background
from bridge.errors import Broken, DeliveryError, Refused, Scope, StoreError
from bridge.model import DEFAULT_WORKSPACE, SECOND, Message, Micros, Thread
from bridge.ports import Clock, Limiter
from bridge.stores import Reads

ENDED_WITHIN: Micros = 86_400 * SECOND
PAGE = 200
PAGES = 5
"""Of a channel's history read at once. Where these do not reach back to the oldest thread that
counts, each sweep reads as many more, from where the last one ended."""
ASKED = 5
"""Missing messages of one thread that are asked for by themselves in one sweep."""
THREADS = 15
"""Threads read in one sweep, of the fifty reads a minute that Slack grants, look-ups included."""
QUESTIONS = 5
"""Threads below questions, which are read besides."""
FIRST_SOCKET = 5.0
"""Seconds for which the first look waits for the first socket: what is said before is found."""

log = structlog.get_logger("slack")

Place = tuple[str, str]
"""Team and channel."""


class Behind(Exception):
    """What was found could not be taken just now; it is found again."""


class Sweep:
    """Implements Runs of `bridge.ports`. `take` is the common entry's; `every` in seconds; with
    `sockets`, the first look is after the first `look_now`."""

    def __init__(
        self,
        client: Client,
        reads: Reads,
        take: Take,
        *,
        limiter: Limiter,
        clock: Clock,
        every: float,
        sockets: bool = False,
        roots: Roots | None = None,
    ) -> None:
        self._client = client
        self._reads = reads
        self._limiter = limiter
        self._clock = clock
        self._take = take
        self._every = every
        self._sockets = sockets
        self._heads = roots
        self._settled: dict[str, Root] = {}
        self._further: dict[Place, str] = {}
        self._looked_at: set[str] = set()
        self._woken = asyncio.Event()
        self._background = Background()

    async def start(self) -> None:
        self._background.start("sweep", self._run())

    async def close(self) -> None:
        """What was found and is not taken yet is found again."""
        await self._background.close()

    def look_now(self) -> None:
        """There was a gap: what it may hide is in threads of any kind, edits too."""
        self._settled.clear()
        self._woken.set()

    async def _run(self) -> None:
        if self._sockets:
            await self._pause(FIRST_SOCKET)
        while True:
            if self._woken.is_set() or await self._is_ours():
                self._woken.clear()
                await self.once()
            await self._pause(self._every)

    async def _pause(self, seconds: float) -> None:
        """Ended early by `look_now`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _is_ours(self) -> bool:
        """One process for all: whoever comes first after a while."""
        rate = 1 / (self._every * 0.9)
        return not await self._limiter.take("slack:sweep", rate, 1)

    async def once(self) -> None:
        """Looks as far as Slack and the store allow just now."""
        try:
            since = self._clock() - ENDED_WITHIN
            threads = await self._reads.threads_since(DEFAULT_WORKSPACE, since)
            questions = await self._reads.questions(DEFAULT_WORKSPACE)
            self._forget_all_but([*threads, *questions])
            await self._compare_all(threads)
            await self._answers(questions)
        except (DeliveryError, StoreError, Behind) as error:
            log.info("sweep_ended_early", reason=getattr(error, "reason", str(error)))
        except Exception:  # a mistake of ours must not end all later looks
            log.exception("sweep_failed")

    def _forget_all_but(self, threads: Iterable[Thread]) -> None:
        kept = {_name(thread) for thread in threads}
        self._settled = {name: root for name, root in self._settled.items() if name in kept}
        self._looked_at &= kept

    async def _compare_all(self, threads: Sequence[Thread]) -> None:
        places: dict[Place, list[Thread]] = {}
        for thread in threads:
            places.setdefault((thread.team, thread.channel), []).append(thread)
        left = THREADS
        for place, here in places.items():
            try:
                if self._heads:
                    await self._heads.leave(place[1], here)
                left -= await self._compare(place, here, left)
            except (Broken, Refused) as error:  # that channel alone
                log.info("sweep_skipped", channel=place[1], reason=error.reason)

    async def _compare(self, place: Place, threads: Sequence[Thread], most: int) -> int:
        """How many threads were read."""
        found = await self._roots(place, threads)
        due = [thread for thread in threads if self._differs(thread, found)][:most]
        for thread in due:
            if await self._catch_up(thread, *await self._read(thread)):
                self._settled[_name(thread)] = found[thread.ts]
        return len(due)

    def _differs(self, thread: Thread, found: Mapping[str, Root]) -> bool:
        root = found.get(thread.ts)
        return root is not None and root != self._settled.get(_name(thread))

    async def _answers(self, questions: Sequence[Thread]) -> None:
        """Below questions, some at a time until each had its turn."""
        if all(_name(thread) in self._looked_at for thread in questions):
            self._looked_at.clear()
        due = [thread for thread in questions if _name(thread) not in self._looked_at]
        for thread in due[:QUESTIONS]:
            ours, messages = await self._read(thread)
            now = Root(len(messages), str(messages[-1]["ts"]) if messages else "")
            known = self._settled.get(_name(thread)) == now
            if not known and await self._catch_up(thread, ours, messages):
                self._settled[_name(thread)] = now
            self._looked_at.add(_name(thread))

    async def _read(self, thread: Thread) -> tuple[Mapping[str, Message], Sequence[Json]]:
        """Ours first: what is said in between is then new, and nothing of ours seems to be gone."""
        ours = by_ts(thread, await self._reads.said_in(thread.handoff_id))
        return ours, await self._replies(thread)

    async def _catch_up(
        self, thread: Thread, ours: Mapping[str, Message], messages: Sequence[Json]
    ) -> bool:
        """Whether all is well with it now. Raises DeliveryError, StoreError and Behind."""
        replies = in_thread(thread, messages)
        if replies is None:
            return True  # the root went away meanwhile
        new = await self._new(thread, unknown(replies, ours, self._clock()))
        known = await self._without_elsewhere(thread, replies, ours)
        found = differences(thread, replies, known, new, self._clock())
        for event in found.events:
            taken = await self._take(event)
            if taken.status == HTTPStatus.SERVICE_UNAVAILABLE:
                raise Behind("not_taken")
        if found.events:
            log.info("caught_up", handoff=thread.handoff_id, events=len(found.events))
        return found.settled

    async def _without_elsewhere(
        self, thread: Thread, replies: Sequence[Json], ours: Mapping[str, Message]
    ) -> Mapping[str, Message]:
        """What is not in the thread may stand in another one of the channel: in the one before it,
        where it was opened anew and people may go on writing, or below a question that was put
        there. What nobody has asked about is taken to stand there."""
        here, now = {str(reply["ts"]) for reply in replies}, self._clock()
        missing = {ts for ts, said in ours.items() if ts not in here and not said.deleted}
        young = {ts for ts in missing if now - ids.micros_of(ts) <= YOUNG}
        begun = max(ids.order_of(thread.ts), ids.order_of(ids.ts_of(now - HIDDEN_AFTER)))
        asked = sorted(ts for ts in missing - young if ids.order_of(ts) > begun)[-ASKED:]
        gone = {ts for ts in asked if not await self._stands(thread, ts)}
        return {ts: said for ts, said in ours.items() if ts not in missing - gone - young}

    async def _stands(self, thread: Thread, ts: str) -> bool:
        """Whether a message is anywhere in the channel."""
        where = {"channel": thread.channel, "ts": ts, "oldest": ts, "latest": ts}
        try:
            messages, _ = await self._pages("conversations.replies", thread.team, where, 1)
        except Broken as error:
            if error.scope is not Scope.THREAD:
                raise
            return False
        return any(each.get("ts") == ts for each in messages)

    async def _new(self, thread: Thread, stamps: Sequence[str]) -> frozenset[str]:
        """Those that no command was taken for: words such as `!resolve` are no messages of ours."""
        keys = {ids.message_key(thread.team, thread.channel, ts): ts for ts in stamps}
        taken = await self._reads.taken(list(keys))
        return frozenset(ts for key, ts in keys.items() if key not in taken)

    # --- reading -------------------------------------------------------------------------------

    async def _roots(self, place: Place, threads: Sequence[Thread]) -> dict[str, Root]:
        """Of the newest, and of a stretch further back where there are more."""
        oldest = min((thread.ts for thread in threads), key=ids.order_of)
        messages, end = await self._stretch(place, threads, oldest)
        found = roots(messages)
        if end == oldest:
            self._further.pop(place, None)
            return found
        start = min(self._further.get(place, end), end, key=ids.order_of)
        messages, end = await self._stretch(place, threads, oldest, start)
        self._further[place] = end
        if end == oldest:
            del self._further[place]
        return {**roots(messages), **found}

    async def _stretch(
        self, place: Place, threads: Sequence[Thread], oldest: str, latest: str = ""
    ) -> tuple[list[Json], str]:
        """The channel's history from `latest` (now) back to the stamp that is given with it."""
        where = {"channel": place[1], "oldest": oldest} | ({"latest": latest} if latest else {})
        messages, whole = await self._pages("conversations.history", place[0], where, PAGES)
        stamps = [str(each["ts"]) for each in messages if ids.is_ts(each.get("ts"))]
        end = oldest if whole or not stamps else min(stamps, key=ids.order_of)
        if self._heads:
            here = [thread for thread in threads if _is_between(thread.ts, end, latest)]
            await self._heads.compare(here, messages)
            await self._heads.take_back(*place, messages)
        return messages, end

    async def _replies(self, thread: Thread) -> list[Json]:
        """Nothing where it alone cannot be read: the next ones may be."""
        where = {"channel": thread.channel, "ts": thread.ts}
        try:
            return (await self._pages("conversations.replies", thread.team, where, None))[0]
        except (Broken, Refused) as error:
            if getattr(error, "scope", Scope.THREAD) is not Scope.THREAD:
                raise
            return []

    async def _pages(
        self, method: str, team: str, where: Mapping[str, str], most: int | None
    ) -> tuple[list[Json], bool]:
        """And whether that is all."""
        messages: list[Json] = []
        cursor: dict[str, str] = {}
        while most is None or most > 0:
            answer = await self._client.call(
                method, team, **where, **cursor, limit=PAGE, inclusive=True
            )
            messages += [each for each in answer.get("messages") or () if isinstance(each, dict)]
            following = (answer.get("response_metadata") or {}).get("next_cursor")
            if not following:
                return messages, True
            cursor, most = {"cursor": str(following)}, most and most - 1
        return messages, False


def _is_between(ts: str, first: str, last: str) -> bool:
    at = ids.order_of(ts)
    return ids.order_of(first) <= at and (not last or at <= ids.order_of(last))


def _name(thread: Thread) -> str:
    return ids.source_of(thread.team, thread.channel, thread.ts)
