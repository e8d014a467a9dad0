"""The demo page's own routes: `/demo/…`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from sandbox.board import Board
from sandbox.breaking import Breaking
from sandbox.hood import Hood
from sandbox.sam import psid
from sandbox.shop.routes import login_of, new_login, remember
from sandbox.steps import Steps
from sandbox.supervisor import Supervisor

Json = dict[str, Any]
STREAM = {"cache-control": "no-store", "x-accel-buffering": "no"}
DOWN = 20.0
"""Seconds for which Slack is down, unless another time is asked for."""


@dataclass(frozen=True, slots=True)
class Front:
    """What the page shows and does, for whoever is logged in at the shop in this browser."""

    steps: Steps
    hood: Hood
    breaking: Breaking
    server: Supervisor
    board: Board

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/demo/state", self.state),
            Route("/demo/events", self.events),
            Route("/demo/reset", self.reset, methods=["POST"]),
            Route("/demo/break", self.broken, methods=["POST"]),
        ]

    def told(self, login: str) -> Json:
        server = {"up": self.server.up.is_set(), "restarts": self.server.restarts}
        return {
            **self.steps.of(login).told(),
            "psid": psid(login),
            "server": server,
            "faults": self.breaking.state(),
        }

    async def state(self, request: Request) -> Response:
        return JSONResponse(self.told(login_of(request)))

    async def events(self, request: Request) -> Response:
        login, last = login_of(request), 0

        def look() -> Json:
            nonlocal last
            fresh, last = self.hood.after(last), self.hood.last
            return {**self.told(login), **({"wire": fresh} if fresh else {})}

        following = self.board.follow(look)
        return StreamingResponse(following, media_type="text/event-stream", headers=STREAM)

    async def reset(self, _request: Request) -> Response:
        login = new_login()
        return remember(JSONResponse(self.told(login)), login)

    async def broken(self, request: Request) -> Response:
        """`{"fault": "down"|"limited"|"doubled"|"kill", "on": true, "seconds": 20}`"""
        asked: Json = json.loads(await request.body() or b"{}")
        on = bool(asked.get("on", True))
        match asked.get("fault"):
            case "down":
                self.breaking.slack_down(float(asked.get("seconds", DOWN)) if on else 0.0)
            case "limited":
                self.breaking.limit(on=on)
            case "doubled":
                self.breaking.double(on=on)
            case "kill":
                await self.server.kill()
            case _:
                return JSONResponse({"error": "fault: down, limited, doubled or kill"}, 422)
        return JSONResponse(self.told(login_of(request)))
