"""How webhooks of tools are sent: whom, when, signed by whom, and what the answer means.

The endpoints are few and seldom change, so every process has them in hand (`Book`): a commit looks
at a tuple and, without endpoints, does nothing. Which deliveries follow from an event is decided in
`hooks`, when an endpoint is left alone in `circuit`; here both meet the network and the store.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import structlog

from bridge import circuit, signing
from bridge.calling import stretch
from bridge.effects import CallHook
from bridge.errors import Broken, Refused, Retry, Scope, StoreError
from bridge.hook_store import TOPIC_HOOKS, Hooks
from bridge.hooks import RETURNED, Endpoint
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    Handoff,
    Message,
    Micros,
    Standing,
    Visibility,
)
from bridge.ports import TOPIC_WORK, Bell, Clock
from bridge.posting import Outcome, Posts
from bridge.stores import Reads, Work, in_time
from bridge.vault import Vault
from bridge.webhooks import told

POLL = 2.0
"""Seconds in which a process learns of an endpoint whose ring it did not hear."""
AT_ONCE = 16
"""Deliveries under way to one endpoint; a slow one must not take every slot of the process."""
CROWDED, ONE_MORE = SECOND // 4, SECOND // 50
"""µs until who found no room looks again, and between two of those."""
MAX_BODY = 2 * 1024 * 1024
"""Bytes; of a longer one the oldest of the transcript is left out, and said to be."""
GONE = 410

log = structlog.get_logger("webhooks")


# --- the endpoints in hand -----------------------------------------------------------------------


class Book:
    """All endpoints, as last read. `start` reads them before anything is committed."""

    def __init__(self, store: Hooks, bell: Bell, clock: Clock, *, works: bool) -> None:
        """`works`: whether this process sends; then it also looks after those that recover."""
        self._store = store
        self._bell = bell
        self._clock = clock
        self._works = works
        self._by_id: dict[str, Endpoint] = {}
        self.enabled: tuple[Endpoint, ...] = ()
        self._ending = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self.refresh()
        self._tasks = [asyncio.create_task(self._keep(), name="webhooks")]

    async def close(self) -> None:
        """Not by a cancellation: a driver that is amid a statement would make another error of
        it."""
        self._ending = True
        self._bell.ring([TOPIC_HOOKS])
        await asyncio.gather(*self._tasks)

    async def refresh(self) -> None:
        found = await self._store.endpoints(DEFAULT_WORKSPACE)
        self._by_id = {endpoint.id: endpoint for endpoint in found}
        self.enabled = tuple(endpoint for endpoint in found if endpoint.enabled)
        if self._works:
            await self._look_after()

    async def changed(self) -> None:
        """By this process: it knows at once, the others by the bell."""
        await self.refresh()
        self._bell.ring([TOPIC_HOOKS])

    def wake(self) -> None:
        """The workers, for what was put into lanes without a commit of the inbox."""
        self._bell.ring([TOPIC_WORK])

    def put(self, endpoint: Endpoint) -> None:
        self._by_id[endpoint.id] = endpoint

    async def get(self, id: str) -> Endpoint | None:
        """As it is now where it is failing, since others may be at it; else as it was lately."""
        known = self._by_id.get(id)
        if known is None or known.circuit.failures:
            known = await self._store.endpoint(id)
            if known:
                self.put(known)
        return known

    async def _keep(self) -> None:
        """Nothing that fails here may end it."""
        with self._bell.listen(TOPIC_HOOKS) as listener:
            while not self._ending:
                await listener.wait(POLL)
                try:
                    await self.refresh()
                except StoreError as error:
                    log.warning("cannot read webhooks", error=str(error))

    async def _look_after(self) -> None:
        """A lane that was told to wait just before the answer came may have gone to wait just
        after all that waited were released."""
        now = self._clock()
        for endpoint in self.enabled:
            if circuit.is_recovering(endpoint.circuit, now):
                await self._store.release(endpoint.id)


# --- sending -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Hooker:
    """Performs `CallHook`. One for each process."""

    book: Book
    store: Hooks
    reads: Reads
    poster: Posts
    vault: Vault
    clock: Clock
    _under_way: Counter[str] = field(default_factory=Counter)
    _turns: dict[tuple[str, Micros], Micros] = field(default_factory=dict)
    """When the last lane that waits for an endpoint has its turn, by endpoint and pace."""

    async def call(self, work: Work, effect: CallHook) -> None:
        """Returns when it was taken, or when there is nothing to be sent. Raises DeliveryError."""
        endpoint = await self.book.get(effect.endpoint)
        if endpoint is None or not endpoint.enabled:
            return
        if self._under_way[endpoint.id] >= AT_ONCE:
            now = self.clock()
            pause = self._turn(endpoint, now, now + CROWDED, ONE_MORE)
            raise Retry("crowded", pause, counts=False)
        self._under_way[endpoint.id] += 1
        try:
            await self._admit(endpoint, work)
            await self._call(endpoint, work, effect)
        finally:
            self._under_way[endpoint.id] -= 1

    async def _admit(self, endpoint: Endpoint, work: Work) -> None:
        """Raises Retry where it is not this lane's turn."""
        state, lane, now = endpoint.circuit, work.claim.lane, self.clock()
        if not circuit.needs_probe(state, lane):
            return
        held = circuit.hold(state, lane, now)
        if held or not await self.store.take_probe(endpoint.id, now):
            first = now + max(held, SECOND)
            pause = self._turn(endpoint, now, first, circuit.PROBE_EVERY)
            raise Retry("circuit_open", pause, counts=False)

    def _turn(self, endpoint: Endpoint, now: Micros, first: Micros, every: Micros) -> float:
        """Seconds; each lane that waits has a turn of its own, so that not all come at once."""
        pace = endpoint.id, every
        turn = max(first, self._turns.get(pace, 0) + every)
        self._turns[pace] = turn
        return (turn - now) / SECOND

    async def _call(self, endpoint: Endpoint, work: Work, effect: CallHook) -> None:
        body = await self._body(work, effect)
        if body is None:
            return
        in_time(work)
        outcome = await self.send(endpoint, effect.id, body)
        if outcome.is_taken:
            await self.took(endpoint)
        elif outcome.status == GONE:
            await self._disable(endpoint, "gone")
        else:
            await self._refused(endpoint, work, outcome)

    async def send(self, endpoint: Endpoint, id: str, body: Mapping[str, Any]) -> Outcome:
        """Raises Broken where its secrets cannot be read."""
        content = orjson.dumps(body)
        return await self.poster.post(endpoint.url, self._headers(endpoint, id, content), content)

    async def tell(self, webhook: str, id: str, body: Mapping[str, Any]) -> None:
        """For a channel whose users are behind a webhook (`TellWebhook`): tried again each minute,
        as a tool that is back gets all it has missed within two. Raises DeliveryError."""
        endpoint = await self.book.get(webhook)
        if endpoint is None or not endpoint.enabled:
            raise Refused("webhook_gone")
        outcome = await self.send(endpoint, id, body)
        if outcome.is_taken:
            return await self.took(endpoint)
        if outcome.status == GONE:
            await self._disable(endpoint, "gone")
            raise Refused("webhook_gone")
        asked = circuit.asked_for(outcome.status, outcome.retry_after, self.clock())
        raise Retry(outcome.reason, asked / SECOND, at_most=circuit.PROBE_EVERY / SECOND)

    async def took(self, endpoint: Endpoint) -> None:
        """Any answer of 2xx ends a row of failures."""
        if not endpoint.circuit.failures:
            return
        now = self.clock()
        after = await self.store.answered(endpoint.id, now)
        self._turns.pop((endpoint.id, circuit.PROBE_EVERY), None)
        self.book.wake()
        self.book.put(replace(endpoint, circuit=after))
        if endpoint.circuit.is_open:
            log.info("webhook recovered", webhook=endpoint.id)

    async def _refused(self, endpoint: Endpoint, work: Work, outcome: Outcome) -> None:
        now, lane = self.clock(), work.claim.lane
        asked = circuit.asked_for(outcome.status, outcome.retry_after, now)
        after = await self.store.failed(endpoint.id, lane, outcome.reason, now, asked)
        self.book.put(replace(endpoint, circuit=after))
        if circuit.is_hopeless(after, now):
            return await self._disable(endpoint, "failing")
        if after.is_open and not endpoint.circuit.is_open:
            log.warning("webhook failing", webhook=endpoint.id, reason=outcome.reason)
        raise Retry(outcome.reason, (asked or circuit.pause(after, work.failures)) / SECOND)

    async def _disable(self, endpoint: Endpoint, reason: str) -> None:
        log.error("webhook disabled", webhook=endpoint.id, reason=reason)
        await self.store.disable(endpoint.id, reason, self.clock())
        await self.book.changed()

    # --- what is sent --------------------------------------------------------------------------

    def _headers(self, endpoint: Endpoint, id: str, content: bytes) -> dict[str, str]:
        now = self.clock()
        secrets = [s for s in endpoint.secrets if not s.until or s.until > now]
        keys = [key for secret in secrets if (key := self.vault.open(secret.token))]
        if not keys:
            raise Broken("webhook_secret_unreadable", Scope.CHANNEL)
        return signing.headers(keys, id, now, content)

    async def _body(self, work: Work, effect: CallHook) -> dict[str, Any] | None:
        """None: it must not be told any more, or there is nobody whom it is about."""
        conversation = await self.reads.conversation(work.conversation_id)
        contact = await self.reads.contact(work.conversation_id)
        if conversation is None or contact is None:
            return None
        message = await self._message(work, effect)
        if message and not _may_be_told(message):
            return None
        view = await self.reads.view(effect.handoff_id) if effect.handoff_id else None
        handoff = view.handoff if view else None
        said = await self._stretch(work, effect, handoff)
        return _bounded(
            told(effect, conversation, contact, handoff, message=message, transcript=said)
        )

    async def _message(self, work: Work, effect: CallHook) -> Message | None:
        if work.subject is not None and work.subject.id == effect.message_id:
            return work.subject
        return await self.reads.message(effect.message_id) if effect.message_id else None

    async def _stretch(
        self, work: Work, effect: CallHook, handoff: Handoff | None
    ) -> Sequence[Message]:
        if effect.type != RETURNED or handoff is None:
            return ()
        seqs = effect.stretch or (handoff.opened_seq, handoff.closed_seq)
        return await stretch(self.reads, work.conversation_id, seqs, self.clock())


def _may_be_told(message: Message) -> bool:
    """It may have become a note since it was said."""
    return message.visibility is Visibility.PUBLIC and message.standing is not Standing.HELD


def _bounded(body: dict[str, Any]) -> dict[str, Any]:
    transcript = body.get("data", {}).get("transcript")
    while transcript and len(orjson.dumps(body)) > MAX_BODY:
        del transcript[: max(1, len(transcript) // 4)]
        body["data"]["transcript_shortened"] = True
    return body
