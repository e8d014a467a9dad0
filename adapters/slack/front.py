"""How the answer to a click or a shortcut is shown: beside the message, in its place, in a modal.

A modal needs the click's trigger, which is good once and for three seconds; who pressed is told
when that was too short.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from adapters.slack import forms
from adapters.slack.acts import Done
from adapters.slack.blocks import Body
from adapters.slack.clicks import Outcome
from adapters.slack.client import Client
from adapters.slack.pressed import Click
from adapters.slack.replies import plain
from bridge.errors import DeliveryError

TOO_LATE = "Slack took too long to open that. Please press it again."


class Front:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def show(self, click: Click, outcome: Outcome, url: str) -> None:
        """Raises DeliveryError."""
        if outcome.modal is not None:
            await self._modal(click, outcome, outcome.modal, url)
        elif click.on == "modal":
            shown = forms.shown(outcome.body)
            await self._client.call("views.update", view_id=click.view, view=shown)
        elif url:
            await self._client.respond(url, **_response(outcome))
        else:
            await self.open(click.trigger, forms.shown(outcome.body))

    async def open(self, trigger: str, view: forms.View) -> None:
        await self._client.call("views.open", trigger_id=trigger, view=view)

    async def _modal(self, click: Click, outcome: Outcome, view: forms.View, url: str) -> None:
        """Another one above a modal, or what was in it anew, which needs no trigger."""
        if outcome.replace:
            how, where = "views.update", {"view_id": click.view}
        else:
            how = "views.push" if click.on == "modal" else "views.open"
            where = {"trigger_id": click.trigger}
        try:
            await self._client.call(how, **where, view=view)
        except DeliveryError:
            if url:
                await self._client.respond(url, **_response(Outcome(plain(TOO_LATE))))
            raise


def message(body: Body) -> dict[str, Any]:
    return {"text": body.text, **({"blocks": body.blocks} if body.blocks else {})}


def _response(outcome: Outcome) -> dict[str, Any]:
    """For a response_url: a new message for who pressed, or in place of the one they pressed."""
    kind = {} if outcome.replace else {"response_type": "ephemeral"}
    return {**kind, "replace_original": outcome.replace, **message(outcome.body)}


def submitted(done: Done, field: str = forms.ARG) -> Mapping[str, Any]:
    """The answer to a modal that was sent: what came of it, or beside the field why not.
    Where a card says it, nobody has to close a second window."""
    if done.errors:
        return {"response_action": "errors", "errors": dict(done.errors)}
    if done.refused and not done.offers:
        return {"response_action": "errors", "errors": {field: html.unescape(done.body.text)}}
    if done.seen:
        return {"response_action": "clear"}
    return {"response_action": "update", "view": forms.shown(done.body, done.title)}
