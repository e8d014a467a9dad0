"""`/v1/webhooks`: where tools want to be told, and looking after that.

For whoever runs the desk: every call here needs a key that may do everything (`_admitted`).
"""

from __future__ import annotations

import base64
import secrets
import time
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.api import shapes
from bridge.api.access import Caller, admit
from bridge.api.webhook_shapes import (
    ChangeRequest,
    ReplayRequest,
    WebhookRequest,
    webhook,
)
from bridge.circuit import Circuit
from bridge.errors import BadRequest, Broken
from bridge.hook_store import Hooks
from bridge.hooking import Hooker
from bridge.hooks import EVERYTHING, Endpoint, Secret
from bridge.model import DEFAULT_WORKSPACE, SECOND
from bridge.ports import Deps
from bridge.problems import answer, json_body
from bridge.webhooks import iso

MOST = 100
"""Endpoints of a workspace; every commit looks at all of them."""
BOTH_SIGN = 24 * 3_600 * SECOND
"""For so long after a rotation the old secret signs, too."""
REPLAYED_AT_ONCE = 1_000
"""Events that one call looks at."""


class Webhooks:
    def __init__(self, store: Hooks, hooker: Hooker, deps: Deps) -> None:
        self._store = store
        self._hooker = hooker
        self._deps = deps

    def routes(self) -> list[Route]:
        path = "/v1/webhooks"
        one = f"{path}/{{id}}"
        return [
            Route(path, self.create, methods=["POST"]),
            Route(path, self.list, methods=["GET"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.change, methods=["PATCH"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/rotate", self.rotate, methods=["POST"]),
            Route(f"{one}/test", self.test, methods=["POST"]),
            Route(f"{one}/replay", self.replay, methods=["POST"]),
        ]

    async def _admitted(self, request: Request) -> Caller:
        return await admit(request, self._deps.settings)

    # --- what there is -------------------------------------------------------------------------

    async def create(self, request: Request) -> Response:
        """201 with the secret, which is never shown again."""
        caller = await self._admitted(request)
        asked = shapes.read(await json_body(request), WebhookRequest)
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
        return answer({**webhook(endpoint), "secret": secret}, 201)

    async def list(self, request: Request) -> Response:
        await self._admitted(request)
        found = await self._store.endpoints(DEFAULT_WORKSPACE)
        return answer({"webhooks": [webhook(endpoint) for endpoint in found]})

    async def show(self, request: Request) -> Response:
        await self._admitted(request)
        return answer(webhook(await self._endpoint(request)))

    async def change(self, request: Request) -> Response:
        """What is enabled again, or is elsewhere now, begins with a clean record."""
        caller = await self._admitted(request)
        endpoint = await self._endpoint(request)
        asked = shapes.read(await json_body(request), ChangeRequest)
        fields = asked.model_dump(exclude_none=True)
        if asked.url is not None:
            await self._check(asked.url)
        if asked.events is not None:
            fields["events"] = tuple(asked.events) or (EVERYTHING,)
        if asked.url is not None or (asked.enabled and not endpoint.enabled):
            fields |= {"reason": "", "circuit": Circuit()}
        changed = await self._change(caller, endpoint, **fields)
        await self._store.release(endpoint.id)
        self._hooker.book.wake()
        return answer(webhook(changed))

    async def delete(self, request: Request) -> Response:
        caller = await self._admitted(request)
        named = request.path_params["id"]
        if not await self._store.remove(named, caller.as_author(), self._deps.clock()):
            raise _unknown()
        await self._hooker.book.changed()
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def rotate(self, request: Request) -> Response:
        """A new secret; for a day both sign."""
        caller = await self._admitted(request)
        endpoint = await self._endpoint(request)
        secret, until = _secret(), self._deps.clock() + BOTH_SIGN
        before = Secret(endpoint.secrets[0].token, until)
        kept = (self._shut(secret), before)
        changed = await self._change(caller, endpoint, secrets=kept)
        return answer({**webhook(changed), "secret": secret, "old_secret_until": iso(until)})

    # --- trying it -----------------------------------------------------------------------------

    async def test(self, request: Request) -> Response:
        """Sends a `webhook.test` now, and says what came of it."""
        await self._admitted(request)
        endpoint = await self._endpoint(request)
        now, begun = self._deps.clock(), time.monotonic()
        body = {"type": "webhook.test", "timestamp": iso(now), "data": {"webhook": endpoint.id}}
        try:
            outcome = await self._hooker.send(endpoint, f"evt_{secrets.token_hex(12)}", body)
        except Broken as error:
            message = "Its secret was stored with a key that is gone: rotate it."
            raise BadRequest(error.reason, message, status=409) from error
        if outcome.is_taken:
            await self._hooker.took(endpoint)
        return answer(
            {
                "delivered": outcome.is_taken,
                "status": outcome.status or None,
                "error": outcome.reason or None,
                "seconds": round(time.monotonic() - begun, 3),
            }
        )

    async def replay(self, request: Request) -> Response:
        """202: events since then are sent once more, under the ids that they had."""
        await self._admitted(request)
        endpoint = await self._endpoint(request)
        if not endpoint.enabled:
            raise BadRequest("disabled", "Enable the webhook first.", status=409)
        asked = shapes.read(await json_body(request), ReplayRequest)
        since = int(asked.since.timestamp() * SECOND) if asked.since else 0
        done = await self._store.replay(endpoint, since, asked.after, REPLAYED_AT_ONCE)
        self._hooker.book.wake()
        return answer({"events": done.events, "next": done.next}, 202)

    # --- helpers -------------------------------------------------------------------------------

    async def _check(self, url: str) -> None:
        if fault := await self._hooker.poster.fault(url):
            raise BadRequest("invalid", "Some fields do not fit.", {"url": fault})

    async def _endpoint(self, request: Request) -> Endpoint:
        found = await self._store.endpoint(request.path_params["id"])
        if found is None:
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


def _secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _unknown() -> BadRequest:
    return BadRequest("not_found", "There is no such webhook.", status=404)
