"""`/v1/webhooks`: where tools want to be told, and looking after that.

Whoever has a key may have webhooks, and sees and changes those that it has registered; a key of the
scope admin all of them.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from bridge.api import shapes
from bridge.api.access import Caller
from bridge.api.calls import EVERYONE, Answers, Asked, Call, told
from bridge.api.webhook_shapes import (
    ChangeRequest,
    ReplayedOut,
    ReplayRequest,
    Rotated,
    Tried,
    WebhookList,
    WebhookMade,
    WebhookOut,
    WebhookRequest,
    webhook,
)
from bridge.circuit import Circuit
from bridge.errors import BadRequest, Broken
from bridge.hook_store import Hooks
from bridge.hooking import Hooker
from bridge.hooks import EVERYTHING, Endpoint, Secret
from bridge.keys import Scope
from bridge.model import DEFAULT_WORKSPACE, SECOND
from bridge.ports import Deps
from bridge.webhooks import iso

MOST = 100
"""Endpoints of a workspace; every commit looks at all of them."""
BOTH_SIGN = 24 * 3_600 * SECOND
"""For so long after a rotation the old secret signs, too."""
SIGNING = 5
"""Secrets of an endpoint at once, however often it is turned within that day."""
REPLAYED_AT_ONCE = 1_000
"""Events that one call looks at."""


class Webhooks:
    def __init__(self, store: Hooks, hooker: Hooker, deps: Deps) -> None:
        self._store = store
        self._hooker = hooker
        self._deps = deps

    def calls(self) -> list[Call]:
        path, one = "/v1/webhooks", "/v1/webhooks/{id}"
        return [
            _call(("POST", path), self.create, "Register one", {201: WebhookMade}, WebhookRequest),
            _call(("GET", path), self.every, "List them", {200: WebhookList}),
            _call(("GET", one), self.show, "Look at one", {200: WebhookOut}),
            _call(("PATCH", one), self.change, "Change it", {200: WebhookOut}, ChangeRequest),
            _call(("DELETE", one), self.delete, "Delete it", {204: None}),
            _call(("POST", f"{one}/rotate"), self.rotate, "Give it a new secret", {200: Rotated}),
            _call(("POST", f"{one}/test"), self.test, "Try it now", {200: Tried}),
            _call(
                ("POST", f"{one}/replay"),
                self.replay,
                "Send events again",
                {202: ReplayedOut},
                ReplayRequest,
            ),
        ]

    # --- what there is -------------------------------------------------------------------------

    async def create(self, it: Asked) -> Response:
        """201 with the secret, which is never shown again."""
        caller, asked = it.caller, it.body
        await self._check(asked.url)
        secret, now = _secret(), self._deps.clock()
        endpoint = Endpoint(
            id=f"whk_{secrets.token_hex(12)}",
            url=asked.url,
            events=tuple(asked.events) or (EVERYTHING,),
            description=asked.description,
            enabled=asked.enabled,
            owner=caller.name,
            secrets=(self._shut(secret),),
            created_at=now,
            updated_at=now,
        )
        if not await self._store.add(endpoint, caller.as_author(), MOST):
            raise BadRequest("too_many", f"There are {MOST} webhooks already.", status=409)
        await self._hooker.book.changed()
        return told(WebhookMade(**dict(webhook(endpoint)), secret=secret), HTTPStatus.CREATED)

    async def every(self, it: Asked) -> Response:
        found = await self._store.endpoints(DEFAULT_WORKSPACE)
        mine = [webhook(endpoint) for endpoint in found if _may(it.caller, endpoint)]
        return told(WebhookList(webhooks=mine))

    async def show(self, it: Asked) -> Response:
        return told(webhook(await self._endpoint(it)))

    async def change(self, it: Asked) -> Response:
        """What is enabled again, or is elsewhere now, begins with a clean record."""
        endpoint = await self._endpoint(it)
        asked: ChangeRequest = it.body
        fields = asked.model_dump(exclude_none=True)
        if asked.url is not None:
            await self._check(asked.url)
        if asked.events is not None:
            fields["events"] = tuple(asked.events) or (EVERYTHING,)
        if asked.url is not None or (asked.enabled and not endpoint.enabled):
            fields |= {"reason": "", "circuit": Circuit()}
        changed = await self._change(it.caller, endpoint, **fields)
        await self._store.release(endpoint.id)
        self._hooker.book.wake()
        return told(webhook(changed))

    async def delete(self, it: Asked) -> Response:
        endpoint, by = await self._endpoint(it), it.caller.as_author()
        if not await self._store.remove(endpoint.id, by, self._deps.clock()):
            raise _unknown()
        await self._hooker.book.changed()
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def rotate(self, it: Asked) -> Response:
        """A new secret; for a day both sign."""
        endpoint = await self._endpoint(it)
        secret, now = _secret(), self._deps.clock()
        until = now + BOTH_SIGN
        newest, *older = endpoint.secrets
        good = (old for old in older if old.until > now)
        kept = (self._shut(secret), Secret(newest.token, until), *good)[:SIGNING]
        changed = await self._change(it.caller, endpoint, secrets=kept)
        return told(Rotated(**dict(webhook(changed)), secret=secret, old_secret_until=iso(until)))

    # --- trying it -----------------------------------------------------------------------------

    async def test(self, it: Asked) -> Response:
        """Sends a `webhook.test` now, and says what came of it."""
        endpoint = await self._endpoint(it)
        now, begun = self._deps.clock(), time.monotonic()
        body = {"type": "webhook.test", "timestamp": iso(now), "data": {"webhook": endpoint.id}}
        try:
            outcome = await self._hooker.send(endpoint, f"evt_{secrets.token_hex(12)}", body)
        except Broken as error:
            message = "Its secret was stored with a key that is gone: rotate it."
            raise BadRequest(error.reason, message, status=409) from error
        if outcome.is_taken:
            await self._hooker.took(endpoint)
        return told(
            Tried(
                delivered=outcome.is_taken,
                status=outcome.status or None,
                error=outcome.reason or None,
                seconds=round(time.monotonic() - begun, 3),
            )
        )

    async def replay(self, it: Asked) -> Response:
        """202: events since then are sent once more, under the ids that they had."""
        endpoint = await self._endpoint(it)
        if not endpoint.enabled:
            raise BadRequest("disabled", "Enable the webhook first.", status=409)
        asked: ReplayRequest = it.body
        since = int(asked.since.timestamp() * SECOND) if asked.since else 0
        done = await self._store.replay(endpoint, since, asked.after, REPLAYED_AT_ONCE)
        self._hooker.book.wake()
        return told(ReplayedOut(events=done.events, next=done.next), HTTPStatus.ACCEPTED)

    # --- helpers -------------------------------------------------------------------------------

    async def _check(self, url: str) -> None:
        if fault := await self._hooker.poster.fault(url):
            raise BadRequest("address_refused", shapes.UNFIT, {"url": fault}, HTTPStatus.CONFLICT)

    async def _endpoint(self, it: Asked) -> Endpoint:
        found = await self._store.endpoint(it.path("id"))
        if found is None or not _may(it.caller, found):
            raise _unknown()
        return found

    async def _change(self, caller: Caller, endpoint: Endpoint, **fields: Any) -> Endpoint:
        by, now = caller.as_author(), self._deps.clock()
        changed = await self._store.change(endpoint.id, by, now, **fields)
        if changed is None:
            raise _unknown()
        await self._hooker.book.changed()
        return changed

    def _shut(self, secret: str) -> Secret:
        return Secret(self._hooker.vault.shut(secret))


def _call(
    address: tuple[str, str],
    does: Callable[[Asked], Awaitable[Response]],
    title: str,
    answers: Answers,
    body: type[shapes.Request] | None = None,
) -> Call:
    method, path = address
    return Call(method, path, does, "Webhooks", title, answers, EVERYONE, body, refusals=(404, 409))


def _may(caller: Caller, endpoint: Endpoint) -> bool:
    """To others it is as though it were not there."""
    return endpoint.owner == caller.name or Scope.ADMIN in caller.scopes


def _secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _unknown() -> BadRequest:
    return BadRequest("not_found", "There is no such webhook.", status=404)
