"""What the calls of both modules need: which bot is meant, and what is refused in Botpress' way."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from starlette.responses import Response

from bridge.api.access import bot_of
from bridge.api.calls import DESK, Answers, Asked, Call
from bridge.api.refusals import REFUSALS
from bridge.api.shapes import Request
from bridge.commands import Answer, Rejected
from bridge.errors import BadRequest
from bridge.settings import Settings

PAGE = 200
T = TypeVar("T")
Does = Callable[[Asked], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Bots:
    """With one bot or none every name means it; with several an unknown one is 404."""

    settings: Settings

    def meant(self, it: Asked) -> str:
        named, bots = it.path("botId"), self.settings.bots
        if len(bots) > 1 and named not in {bot.id for bot in bots}:
            raise BadRequest("not_found", "There is no such bot.", status=404)
        return named

    def has(self, bot: str, channel: str) -> bool:
        """Whether the bot serves the conversations of the channel."""
        return len(self.settings.bots) <= 1 or bot_of(self.settings, channel) == bot


async def gather(
    read: Callable[[Sequence[T]], Awaitable[list[T]]], keep: Callable[[T], bool], most: int
) -> list[T]:
    """The first so many that are kept. `read` gives those that come after the rows of the page
    before, at most `PAGE`."""
    found: list[T] = []
    rows: list[T] = []
    while len(found) < most:
        rows = await read(rows)
        found += [row for row in rows if keep(row)]
        if len(rows) < PAGE:
            break
    return found[:most]


def key() -> str:
    return f"api:botpress:{secrets.token_hex(12)}"


def unfit(reason: str) -> BadRequest:
    """What the lifecycle forbids is 422 there."""
    message = REFUSALS.get(reason, (0, "This cannot be done now."))[1]
    return BadRequest(reason, message, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def done(result: Answer) -> Answer:
    """Raises BadRequest: 404 or 403 for what is so everywhere, else 422."""
    if isinstance(result, Rejected):
        status = REFUSALS.get(result.reason, (422, ""))[0]
        error = unfit(result.reason)
        plain = status in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}
        raise BadRequest(result.reason, error.message, status=status) if plain else error
    return result


def call(
    address: tuple[str, str],
    does: Does,
    group: str,
    title: str,
    told: Answers,
    *,
    body: type[Request] | None = None,
    query: type[Request] | None = None,
) -> Call:
    method, path = address
    return Call(
        method, path, does, group, title, told, DESK, body=body, query=query, refusals=(404,)
    )
