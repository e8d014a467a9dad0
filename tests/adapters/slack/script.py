"""A Web API that answers what a test tells it to, for what a well-behaved workspace never does."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Reply = Callable[[dict[str, Any]], Awaitable[Response]]


class Script:
    """`answers[method]` are given one after another, the last one for ever."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: dict[str, list[Any]] = defaultdict(list)
        self.app = Starlette(routes=[Route("/api/{method}", self._answer, methods=["GET", "POST"])])

    def on(self, method: str, *answers: Any) -> None:
        """Each a dict, a Response, a number of seconds to be silent, or a function of the
        arguments."""
        self.answers[method] = list(answers)

    def of(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    async def _answer(self, request: Request) -> Response:
        method = request.path_params["method"]
        raw = await request.body()
        arguments = orjson.loads(raw) if raw else dict(request.query_params)
        self.calls.append((method, arguments))
        self.headers.append(dict(request.headers))
        answers = self.answers[method] or [{"ok": True}]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            answer = {"ok": True}
        if callable(answer) and not isinstance(answer, Response):
            answer = answer(arguments)
        return answer if isinstance(answer, Response) else JSONResponse(answer)
