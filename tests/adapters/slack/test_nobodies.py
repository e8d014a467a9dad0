"""Whatever there is to press, to fill in, to choose and to type, by whoever is no member: nothing
comes of it, and nobody is shown a word of a customer's.

What is pressed here is made by hand, so that it needs no button: Slack signs what it is told by any
client of the workspace, and an app cannot know what that client was shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest

from adapters.slack import (
    finding,
    forms,
    helping,
    home,
    menus,
    moving,
    pages,
    pickers,
    ready,
    replies,
)
from adapters.slack.buttons import BUTTONS
from adapters.slack.client import Client
from adapters.slack.verbs import VERBS
from bridge.model import Thread
from sandbox.slack import seed
from tests.adapters.slack.test_receiver import FORM, Door, door
from tests.adapters.slack.things import assigned
from tests.adapters.slack.world import World

__all__ = ["door"]
ABOUT = "hnd_1"
PAGE = orjson.dumps({"about": ABOUT, "before": 99}).decode()
FOUND = orjson.dumps({"text": "is:open", "after": [1, 2]}).decode()


def presses() -> Iterator[tuple[str, str, str]]:
    """(action_id, value, block_id) of all that a desk shows."""
    yield from ((name, "msg_1", "b") for name in BUTTONS)
    for verb in VERBS:
        yield verb, ABOUT, f"{menus.MENU}x"
        yield f"{replies.ONLINE}{verb}", ABOUT, "b"
        yield menus.MORE, f"{verb}{menus.CHOICE_SEPARATOR}{ABOUT}", "b"
        yield f"{pickers.PICK}{verb}", pickers.Choice(verb, ABOUT, "me").value, "b"
    yield from ((name, PAGE, "b") for name in (pages.OLDER, pages.NEWER))
    yield finding.MORE, FOUND, "b"
    yield menus.WRAP_UP, f"{ABOUT} done", "b"
    for name in (pickers.ASSIGN_ME, pages.DELETE, ready.CHOSEN, f"{menus.DO}refund"):
        yield name, ABOUT, f"b:{ABOUT}"
    for name in (pages.PAST, home.STUCK, forms.MYSELF):
        yield name, "cnv_1", "b"
    yield helping.EDIT, "msg_1", "b"
    yield from ((name, seed.ANA, "b") for name in (forms.MOVE_WORK, moving.CHOSEN))


def submissions() -> Iterator[dict[str, Any]]:
    """Each form, filled in."""
    fields = {
        forms.ARG: {"a": {"value": "hello"}},
        forms.MORE_ARG: {"a": {"value": "hello"}},
        forms.WHICH: {"a": {"selected_option": {"value": ABOUT}}},
        forms.QUEUE: {"a": {"selected_option": {"value": "orders"}}},
        f"{forms.WHICH}:{seed.ANA}": {"a": {"selected_options": [{"value": ABOUT}]}},
        moving.FROM: {"a": {"selected_option": {"value": seed.ANA}}},
        moving.TO: {"a": {"selected_user": seed.GIL}},
        "name": {"a": {"value": "Eve"}},
    }
    state = {"values": fields}
    for kind in (forms.MOVE_WORK, forms.MYSELF, forms.NOTE_FROM, forms.SUGGESTION):
        yield {"callback_id": kind, "private_metadata": "msg_1", "state": state}
    for verb in VERBS:
        private = json.dumps({"verb": verb, "about": ABOUT, "first": "refund"})
        yield {"callback_id": forms.DO, "private_metadata": private, "state": state}


async def sent(door: Door, payload: dict[str, Any], who: str) -> httpx.Response:
    """With what every payload has."""
    whole = {
        "user": {"id": who, "team_id": seed.TEAM},
        "team": {"id": seed.TEAM},
        "api_app_id": "A1",
        "token": "t",
        "trigger_id": "1.2.3",
        **payload,
    }
    return await door.post(urlencode({"payload": json.dumps(whole)}).encode(), FORM)


async def seen(slack: World, thread: Thread) -> list[str]:
    """What stands in the channel and in the thread."""
    found = await slack.ana.history(thread.channel)
    return [each["text"] for each in (*found, *await slack.ana.thread(thread.channel, thread.ts))]


async def test_who_is_no_member_changes_nothing_and_sees_nothing(
    slack: World, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    who = cycle([seed.GIL, seed.BEN, seed.OSCAR])  # a guest, one who has left, an outsider

    async def respond(_: Client, _url: str, **body: Any) -> None:
        said.append(json.dumps(body))

    monkeypatch.setattr(Client, "respond", respond)
    slack.books.views.clear()  # the door comes with one of its own
    thread = await slack.opened(assigned())
    await slack.ben.join(thread.channel, on=False)
    slack.desk._members.left(thread.channel, seed.BEN)
    before = await seen(slack, thread)
    for n, (name, value, block) in enumerate(presses()):
        chosen = {"selected_option": {"value": value}} if name == menus.MORE else {"value": value}
        action = {"type": "button", "action_id": name, "block_id": block, **chosen}
        action["action_ts"] = f"1763700000.{n:06}"
        payload = {"type": "block_actions", "actions": [action], "response_url": "https://x"}
        answer = await sent(door, payload, next(who))
        assert answer.status_code == 200, name
    await slack.desk.idle()
    assert len(said) > len(BUTTONS) + 4 * len(VERBS) - 4
    for n, view_ in enumerate(submissions()):
        view = {"id": f"V{n}", "type": "modal", **view_}
        answer = await sent(door, {"type": "view_submission", "view": view}, next(who))
        assert (answer.status_code, replies.NOT_MEMBER in answer.text) == (200, True), view_
        said.append(answer.text)
    for name in ("handoff", "add_note"):
        message = {"ts": thread.ts, "text": "x"}
        shortcut = {"callback_id": name, "channel": {"id": thread.channel}, "message": message}
        answer = await sent(door, {"type": "message_action", **shortcut}, next(who))
        assert answer.status_code == 200
    for verb in VERBS.keys() - {"help"}:
        typed = {
            "command": "/desk",
            "text": f"{verb} 42 me",
            "user_id": next(who),
            "trigger_id": "9",
        }
        answer = await door.post(urlencode({**typed, "team_id": seed.TEAM}).encode(), FORM)
        assert answer.status_code == 200
        said.append(answer.text)
    await slack.desk.idle()
    assert (slack.bridge.commands, await seen(slack, thread)) == ([], before)
    assert {replies.NOT_MEMBER in text for text in said} == {True}
