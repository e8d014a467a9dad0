"""Who a user is: their name and picture, asked for once, before their first words are kept, so that
the card has a name from the beginning (Messenger Platform: User Profile API).

It may take a moment and no more: Meta wants a webhook answered within five seconds. Nameless users
are asked about again with a later message.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

import structlog

from adapters.messenger.client import Graph
from adapters.messenger.ids import conversation_of
from bridge.errors import DeliveryError, Refused
from bridge.problems import clean
from bridge.stores import Reads

PATIENCE = 2.0
"""Seconds."""
AGAIN_AFTER = 600.0
"""Seconds until Meta is asked again about somebody of whom it told nothing."""
AFTER_SILENCE = 30.0
"""Seconds until Meta is asked about anybody after it did not answer."""
FRESH = 60.0
"""Seconds for which a name is told with each message: the first one may not have been kept."""
MOST = 20_000
FIELDS = "first_name,last_name,name,profile_pic"

Known = dict[str, str]
log = structlog.get_logger("messenger")


class Profiles:
    def __init__(
        self, graph: Graph, reads: Reads, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._graph = graph
        self._reads = reads
        self._clock = clock
        self._met: OrderedDict[tuple[str, str], tuple[float, Known]] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Future[Known]] = {}
        self._without_locale: set[str] = set()
        self._silent_until = 0.0

    async def of(self, page: str, user: str) -> Known:
        """What is news of them, as fields of ToUser; mostly nothing. Raises nothing but
        StoreUnavailable."""
        key = (page, user)
        until, known = self._met.get(key, (0.0, {}))
        if until > self._clock():
            return known
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.ensure_future(self._look(key))
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        return await asyncio.shield(asking)

    async def _look(self, key: tuple[str, str]) -> Known:
        contact = await self._reads.contact(conversation_of(*key))
        if contact is not None and contact.name:
            return self._remember(key, float("inf"), {})
        if self._clock() < self._silent_until:
            return {}
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._ask(*key)
        except (DeliveryError, TimeoutError) as error:
            self._failed(key, error)
            return {}
        return self._remember(key, FRESH if found.get("name") else AGAIN_AFTER, found)

    def _failed(self, key: tuple[str, str], error: Exception) -> None:
        log.info("no_profile", reason=getattr(error, "reason", "too_slow"))
        if isinstance(error, Refused):
            self._remember(key, AGAIN_AFTER, {})
        else:
            self._silent_until = self._clock() + AFTER_SILENCE

    def _remember(self, key: tuple[str, str], seconds: float, known: Known) -> Known:
        self._met[key] = (self._clock() + seconds, known)
        self._met.move_to_end(key)
        if len(self._met) > MOST:
            self._met.popitem(last=False)
        return known

    async def _ask(self, page: str, user: str) -> Known:
        """The language needs a permission of its own, without which Meta refuses the rest, too."""
        if page not in self._without_locale:
            try:
                return _known(await self._graph.get(page, of=user, fields=f"{FIELDS},locale"))
            except DeliveryError as error:
                if not _is_an_answer(error):
                    raise
                self._without_locale.add(page)
        return _known(await self._graph.get(page, of=user, fields=FIELDS))


def _is_an_answer(error: DeliveryError) -> bool:
    return isinstance(error, Refused) or error.reason == "no_permission"


def _known(told: dict[str, object]) -> Known:
    def text(name: str, most: int) -> str:
        value = told.get(name)
        return clean(value).strip()[:most] if isinstance(value, str) else ""

    both = " ".join(filter(None, [text("first_name", 100), text("last_name", 100)]))
    found = {
        "name": both or text("name", 200),
        "avatar_url": text("profile_pic", 2_000),
        "locale": text("locale", 35).replace("_", "-"),
    }
    return {name: value for name, value in found.items() if value}
