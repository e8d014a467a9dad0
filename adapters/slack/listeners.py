"""The Bolt application: all that is not a message event. Listeners turn payloads into commands.

Bolt answers before its listeners have run unless told otherwise, and answers 200 when they fail; so
here `process_before_response` is on, and an error that means "come again" is a 503.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import filled, front, shortcuts
from adapters.slack.chores import Chores
from adapters.slack.clicks import Clicks
from adapters.slack.config import SlackConfig
from adapters.slack.front import Front
from adapters.slack.heard import Malformed
from adapters.slack.homes import Homes
from adapters.slack.identity import Self
from adapters.slack.members import MembershipUnknown
from adapters.slack.menus import MORE, read_more
from adapters.slack.news import News
from adapters.slack.pressed import read as read_click
from adapters.slack.shortcuts import Shortcuts
from adapters.slack.slash import Slash
from bridge.errors import BadData, DeliveryError, StoreUnavailable
from bridge.ports import Clock

ANYTHING = re.compile(".*", re.DOTALL)
STATUSES: Mapping[type[Exception], HTTPStatus] = {
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    MembershipUnknown: HTTPStatus.SERVICE_UNAVAILABLE,
    Malformed: HTTPStatus.BAD_REQUEST,
    BadData: HTTPStatus.OK,  # kept aside by the core; it would not get better by coming again
}


def application(config: SlackConfig, self_: Self) -> AsyncApp:
    """Knows who it is without asking Slack at each event, and works while Slack cannot be asked."""

    async def authorize() -> AuthorizeResult:
        us = self_.known
        if us is None:
            try:
                us = await self_.get()
            except DeliveryError:
                return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=config.bot_token)
        return AuthorizeResult(
            enterprise_id=None,
            team_id=us.team,
            bot_token=config.bot_token,
            bot_id=us.bot,
            bot_user_id=us.user,
        )

    client = AsyncWebClient(token=config.bot_token, base_url=config.api_url, retry_handlers=[])
    return AsyncApp(
        name="deskbridge",  # else it walks the whole stack for one, which takes a tenth of a second
        logger=_quiet(),
        process_before_response=True,
        request_verification_enabled=False,  # done before Bolt is asked, over the raw bytes
        attaching_conversation_kwargs_enabled=False,
        authorize=authorize,
        client=client,
    )


def _quiet() -> logging.Logger:
    """Bolt warns of every event that nobody listens to, with what it says in it."""
    logger = logging.getLogger("adapters.slack.bolt")
    logger.setLevel(logging.ERROR)
    return logger


@dataclass(frozen=True, slots=True)
class Ears:
    """Whoever takes what is told. `redraw` draws a card anew, by its handoff's id."""

    clicked: Clicks
    slash: Slash
    shortcuts: Shortcuts
    homes: Homes
    news: News
    front: Front
    chores: Chores
    clock: Clock
    redraw: Callable[[str, str], Coroutine[Any, Any, None]]
    reacted: Callable[[Mapping[str, Any]], Awaitable[None]]


def listen(app: AsyncApp, ears: Ears) -> None:
    """Registers the listeners; the last one takes what nobody else wants, for Slack's 200."""
    _listen_to_answers(app, ears)
    _listen_to_events(app, ears)

    @app.error
    async def failed(error: Exception) -> BoltResponse:
        return answer_to(error)


def _listen_to_answers(app: AsyncApp, ears: Ears) -> None:
    """What somebody pressed, chose, sent or typed."""
    chores = ears.chores

    @app.action(ANYTHING)
    async def pressed(ack: AsyncAck, body: dict[str, Any]) -> None:
        click = read_click(body)
        outcome = await ears.clicked.press(click)
        if outcome:
            url = str(body.get("response_url") or "")
            chores.start("tell_who_pressed", ears.front.show(click, outcome, url))
        if click.action_id == MORE:
            about = read_more(click.value)[1]
            chores.start("redraw", ears.redraw(about, click.action_ts))
        await ack()

    @app.view(ANYTHING)
    async def sent(ack: AsyncAck, body: dict[str, Any]) -> None:
        submitted = filled.read(body)
        if submitted is None:
            await ack()
            return
        done = await ears.clicked.submit(submitted, ears.clock())
        await ack(**front.submitted(done, submitted.field))

    @app.shortcut(ANYTHING)
    async def used(ack: AsyncAck, body: dict[str, Any]) -> None:
        asked = shortcuts.read(body)
        view = await ears.shortcuts.use(asked)
        chores.start("open_modal", ears.front.open(asked.trigger, view))
        await ack()

    @app.command(ANYTHING)
    async def typed(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(response_type="ephemeral", **front.message(await ears.slash.answer(body)))


def _listen_to_events(app: AsyncApp, ears: Ears) -> None:
    news = ears.news

    @app.event("app_home_opened")
    async def came_home(event: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            ears.homes.opened(str(event.get("user")))

    @app.event("member_joined_channel")
    async def joined(event: dict[str, Any]) -> None:
        news.joined(str(event.get("channel")))
        ears.homes.changed(str(event.get("user")))

    @app.event("member_left_channel")
    async def left(event: dict[str, Any]) -> None:
        news.left(str(event.get("channel")), str(event.get("user")))
        ears.homes.changed(str(event.get("user")))

    @app.event("user_change")
    async def changed(event: dict[str, Any]) -> None:
        user = event.get("user")
        news.changed(str(user.get("id") if isinstance(user, dict) else user))

    @app.event("reaction_added")
    @app.event("reaction_removed")
    async def reaction(body: dict[str, Any]) -> None:
        await ears.reacted(body)

    @app.event(ANYTHING)
    async def other() -> None:
        """Slack repeats and counts as a failure what is not answered with 200."""


def answer_to(error: Exception) -> BoltResponse:
    """The status for an error of a listener."""
    status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), None)
    if status is None:
        structlog.get_logger("slack").error("listener_failed", error=type(error).__name__)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
    return BoltResponse(status=int(status), body="")
