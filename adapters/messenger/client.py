"""The one way to the Graph API: one HTTP session, no retries of its own, every failure by remedy.

A page's token goes in a header, and with it the proof that we know the app's secret. Of several
tokens of a page the next one is taken when Meta refuses one: that a token is refused says that
nothing was done.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from adapters.messenger import failures, usage
from adapters.messenger.condition import Condition
from adapters.messenger.config import MessengerConfig
from adapters.messenger.failures import GraphError
from adapters.messenger.signing import proof
from adapters.messenger.uploads import SLOW, Form
from bridge.authorities import authorities
from bridge.errors import Broken, DeliveryError, Paced, Refused, Retry, Scope
from bridge.ports import Limiter

SENDS_A_SECOND, BURST = 250.0, 50
"""Of 300 that Meta takes for a page (Messenger Platform: Rate limits)."""
SOUNDS_A_SECOND, SOUNDS_AT_ONCE = 8.0, 8
"""Of ten sounds and videos."""
UPLOAD_AT_MOST = 900.0
"""Seconds for an upload; before that it fails when nothing moves."""
LOOKS_AT_UPLOAD = 90.0
"""Seconds that Meta may look at an upload before it answers: a video takes it up to 75."""

Answer = dict[str, Any]


class Graph:
    """`send` for what a user sees, which must not be repeated blindly; `get` and `post` for the
    rest. All raise DeliveryError."""

    def __init__(self, config: MessengerConfig, limiter: Limiter) -> None:
        self._config = config
        self._limiter = limiter
        self._session: httpx.AsyncClient | None = None
        self._closed = False
        self.condition = Condition()

    def session(self) -> httpx.AsyncClient:
        """Made at the first use, since it belongs to the running loop. Raises Retry once it is
        closed: whoever is late must not open another that nobody closes."""
        if self._closed:
            raise Retry("closed", counts=False)
        if self._session is None:
            # The environment's proxies are not for users' words, and a redirect is no answer.
            self._session = httpx.AsyncClient(
                timeout=self._config.timeout,
                trust_env=False,
                verify=authorities(),
                follow_redirects=False,
            )
        return self._session

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.aclose()

    async def send(self, page: str, body: Mapping[str, Any]) -> Answer:
        """POST /{page}/messages, at the page's pace."""
        kind = (body["message"].get("attachment") or {}).get("type")
        if kind in SLOW:
            await self._pace(f"messenger:{page}:sounds", SOUNDS_A_SECOND, SOUNDS_AT_ONCE)
        await self._pace(_lane(page), SENDS_A_SECOND, BURST)
        return await self._asked("POST", page, "messages", body=body, repeatable=False)

    async def _pace(self, lane: str, rate: float, burst: int) -> None:
        if wait := await self._limiter.take(lane, rate, burst):
            raise Paced(lane, wait, 1 / rate)

    async def upload(self, page: str, form: Form) -> Answer:
        """POST /{page}/message_attachments."""
        return await self._asked("POST", page, "message_attachments", body=form)

    async def post(self, page: str, edge: str, **body: Any) -> Answer:
        return await self._asked("POST", page, edge, body=body)

    async def get(self, page: str, edge: str = "", *, of: str = "", **query: str) -> Answer:
        """`of`: about another object than the page itself."""
        return await self._asked("GET", page, edge, of=of, query=query)

    # --- asking --------------------------------------------------------------------------------

    async def _asked(
        self,
        method: str,
        page: str,
        edge: str,
        *,
        of: str = "",
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | Form | None = None,
        repeatable: bool = True,
    ) -> Answer:
        node = quote(of or page or "me", safe="")  # an id is anybody's word, and one step of a path
        path = "/".join(filter(None, [self._config.api_url, node, edge]))
        tokens = self._config.tokens_of(page)
        if not tokens:
            raise Refused("unknown_page")
        patience = UPLOAD_AT_MOST if isinstance(body, Form) else self._config.timeout
        for last, token in enumerate(tokens, 1 - len(tokens)):
            request = self._request(method, path, token, query or {}, body)
            try:
                answer = await self._answer(request, page, repeatable=repeatable, patience=patience)
            except DeliveryError as error:
                if _is_of_token(error) and last < 0:
                    continue
                self.condition.failed(error)
                raise
            break
        self.condition.worked()
        return answer

    def _request(
        self,
        method: str,
        url: str,
        token: str,
        query: Mapping[str, str],
        body: Mapping[str, Any] | Form | None,
    ) -> httpx.Request:
        proven = {**query, "appsecret_proof": proof(self._config.app_secrets[0], token)}
        headers, content = _written(body)
        patience = httpx.Timeout(self._config.timeout)
        if isinstance(body, Form):
            patience.read = LOOKS_AT_UPLOAD
        return self.session().build_request(
            method,
            url,
            params=proven,
            headers={"Authorization": f"Bearer {token}", **headers},
            content=content,
            timeout=patience,
        )

    async def _answer(
        self, request: httpx.Request, page: str, *, repeatable: bool, patience: float
    ) -> Answer:
        try:
            # The client's own time-out is for each read: an answer that drips would have no end.
            async with asyncio.timeout(patience):
                response = await self.session().send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Retry("unreachable") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise failures.of_doubt("no_answer", repeatable=repeatable) from error
        answer = _object(response.content)
        if wait := usage.wait(response.headers):
            await self._limiter.block(_lane(page), wait)
        if response.is_success and answer is not None and "error" not in answer:
            return answer
        failure = failures.of_answer(_error(response, answer), repeatable=repeatable)
        if isinstance(failure, Retry) and not failure.counts:
            after = max(wait, failure.after)
            await self._limiter.block(_lane(page), after)
            failure = Retry(failure.reason, after, counts=False)
        raise failure


def _written(
    body: Mapping[str, Any] | Form | None,
) -> tuple[Mapping[str, str], bytes | AsyncIterator[bytes] | None]:
    """Its headers and its bytes."""
    if body is None:
        return {}, None
    if isinstance(body, Form):
        return body.headers, body.stream()
    return {"Content-Type": "application/json"}, orjson.dumps(body)


def _lane(page: str) -> str:
    return f"messenger:{page}:send"


def _is_of_token(error: DeliveryError) -> bool:
    refused = isinstance(error, Broken) and error.scope is Scope.TOKEN
    return refused and error.reason == "token_refused"


def _error(response: httpx.Response, answer: Answer | None) -> GraphError:
    told = (answer or {}).get("error")
    if not isinstance(told, dict):
        return GraphError(response.status_code)
    return GraphError(
        response.status_code,
        _whole(told.get("code")),
        _whole(told.get("error_subcode")),
        told.get("is_transient") is True,
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _object(raw: bytes) -> Answer | None:
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None
