"""An action of one's own, performed: a signed POST to the system that does it. Raises
DeliveryError.

It is sent again a few times where that may help, always under the same id, by which the other side
knows that it is the same; then whoever asked for it is told that it failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bridge import signing
from bridge.commands import ActionAnswered, Result
from bridge.errors import Refused, Retry
from bridge.favours import CallAction
from bridge.ports import Clock
from bridge.posting import PRIVATE, Outcome, Posts
from bridge.stores import Reads, Work, in_time
from bridge.views import View
from bridge.webhooks import acted

TRIES = 3
LATER = frozenset({408, 425, 429})
"""Statuses that say that it may go well another time, as those of 5xx do."""
SERVER_FAULT = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where an action is sent, and with which secret it is signed."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Invoker:
    reads: Reads
    poster: Posts
    places: Mapping[str, Place]
    """By the action's name."""
    clock: Clock

    async def invoke(self, work: Work, effect: CallAction) -> Result:
        place, view = self.places.get(effect.action), await self.reads.view(effect.handoff_id)
        if place is None:
            raise Refused("no_action")
        if view is None:
            raise Refused("no_handoff")
        in_time(work)
        outcome = await self._post(place, effect, view)
        if not outcome.is_taken:
            raise self._failure(work, outcome)
        return ActionAnswered(work.claim, self.clock(), text_of(outcome.body))

    async def _post(self, place: Place, effect: CallAction, view: View) -> Outcome:
        content = orjson.dumps(acted(effect, view.conversation, view.contact, view.handoff))
        headers = signing.headers([place.secret], effect.id, self.clock(), content)
        return await self.poster.post(place.url, headers, content)

    @staticmethod
    def _failure(work: Work, outcome: Outcome) -> Refused | Retry:
        told = outcome.status in LATER or outcome.status >= SERVER_FAULT
        may_help = told or (not outcome.status and outcome.error != PRIVATE)
        last = work.failures + 1 >= TRIES
        return Retry(outcome.reason) if may_help and not last else Refused(outcome.reason)


def text_of(body: bytes) -> str:
    """The `text` of an answer; empty: it says nothing that can be read."""
    try:
        told: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    text = told.get("text") if isinstance(told, dict) else None
    return text.replace("\0", "\ufffd") if isinstance(text, str) else ""
