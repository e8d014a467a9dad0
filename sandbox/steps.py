"""The five steps of the demo, ticked from what really happens to one customer, and the count of
what was said.

All is watched from outside the product: the webhooks that the bot gets, the changes in the
workspace, and what browsers are given. Each login of the shop is a customer with steps of its own,
so that what happens in one browser ticks nothing in another.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import jwt

from sandbox.ledger import Ledger
from sandbox.sam import login_of
from sandbox.slack.ui_render import plain
from sandbox.tap import Exchange

Json = dict[str, Any]
STEPS = 5
MORE = ("held", "template", "stats")
"""What one may try besides: a reply in a colleague's thread, a template, and the desk's figures."""
KEPT = 200
"""The newest so many customers, threads, sessions and command words are known."""
NOTE, TAKEN, HELD = "lock", "white_check_mark", "hand"
ANOTHER_COMMAND = re.compile(r"!(?!n\b|note\b)")
"""A word like `!resolve` gets the mark of a note and is none."""
TEMPLATE = re.compile(r"!(?:t|template|hello|courier|refund)\b")
"""One of the demo's (`sandbox.demo`)."""
INSIDE = re.compile(r"[>`\s]*(!(?!r\b)|;;|//|:lock:|\U0001f512|note:|internal:)", re.IGNORECASE)
"""How what is not for the customer begins; its mark will tell for certain."""
SEEN = ("message", "changed", "deleted", "reaction")
"""Kinds of changes."""
GRAPH = "/sandbox/graph/"
STATS = re.compile(rb"command=%2Fdesk&.*text=stats")


class Known(OrderedDict[str, Any]):
    """Forgets the oldest when there are too many."""

    def put(self, key: str, value: Any) -> None:
        self[key] = value
        if len(self) > KEPT:
            self.popitem(last=False)


class Story:
    """What has happened to one customer. A step ticks when all before it have."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self.happened = [False] * STEPS
        self.more = dict.fromkeys(MORE, False)
        self.ledger = Ledger()
        self.returned = False
        self.agent = ""
        """Who has it."""
        self.thread: Json | None = None
        """Where its newest handoff is: channel and ts."""
        self._tell = tell

    @property
    def done(self) -> list[bool]:
        return [all(self.happened[: step + 1]) for step in range(STEPS)]

    def told(self) -> Json:
        return {
            "steps": self.done,
            "more": self.more,
            "tally": self.ledger.tally(),
            "thread": self.thread,
            "returned": self.returned,
        }

    def webhook(self, kind: str, agent: str = "") -> None:
        """`agent`: who has it, of an event that tells."""
        self.returned |= kind == "control.returned"
        self.agent = "" if kind == "control.returned" else agent or self.agent
        if kind == "message.created":
            self.happen(0)
            if self.returned:
                self.happen(4)
        elif kind == "handoff.queued":
            self.happen(1)

    def marked(self, ts: str, names: set[str], by: str, *, command: str) -> None:
        """`command`: the word of one, which is never what the customer reads; empty: it is none."""
        if TAKEN in names:
            self.happen(2)
        if NOTE in names and not command:
            self.happen(3)
        if HELD in names and self.agent not in ("", by):
            self.try_more("held")
        if TAKEN in names and TEMPLATE.match(command):
            self.try_more("template")
        if names & {TAKEN, NOTE, HELD}:
            self.ledger.agent_marked(ts, leaves=TAKEN in names and not command)

    def happen(self, step: int) -> None:
        self.happened[step] = True
        self._tell()

    def try_more(self, name: str) -> None:
        self.more = {**self.more, name: True}
        self._tell()


class Steps:
    """Everybody's steps, by login. `tell` is called by each change."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._stories = Known()
        self._handoffs = Known()  # its customer's story by id
        self._roots = Known()  # the handoff's id by the ts of its thread
        self._threads = Known()  # channel and ts of its thread by the handoff's id
        self._commands = Known()  # by the ts of the reply
        self._authors = Known()  # so, too
        self._early = Known()  # changes by thread, while nobody knows whose it is
        self._sessions = Known()  # its customer's story by token

    def of(self, login: str) -> Story:
        if login not in self._stories:
            self._stories.put(login, Story(self._tell))
        story: Story = self._stories[login]
        return story

    # --- what passes by HTTP -----------------------------------------------------------------

    def hear(self, exchange: Exchange) -> None:
        body = _json(exchange.body)
        if exchange.path.startswith("/sandbox/bot"):
            if exchange.status == HTTPStatus.OK:  # else it was not signed
                self.webhook(body)
        elif exchange.path == "/webchat/sessions":
            self._opened(body, _json(exchange.answer))
        elif exchange.path == "/webchat/messages":
            self._chatted(exchange, body)
        elif exchange.path.startswith(GRAPH):
            self._on_messenger(exchange, body)
        elif STATS.search(exchange.body):
            for story in self._stories.values():
                story.try_more("stats")
        self._tell()

    def read(self, exchange: Exchange, event: bytes) -> None:
        """A whole event of a customer's stream."""
        story = self._sessions.get(_token(exchange))
        for line in event.splitlines():
            if story and line.startswith(b"data: "):
                story.ledger.customer_saw(_json(line.removeprefix(b"data: ")))
        self._tell()

    def _opened(self, asked: Json, answer: Json) -> None:
        """The token of a session is known by whom the shop says that it is."""
        with suppress(jwt.InvalidTokenError):
            claims = jwt.decode(str(asked.get("identity")), options={"verify_signature": False})
            login = login_of(str(claims.get("sub")))
            if login and "token" in answer:
                self._sessions.put(answer["token"], self.of(login))

    def _chatted(self, exchange: Exchange, body: Json) -> None:
        story = self._sessions.get(_token(exchange))
        if story is None:
            return
        if exchange.method == "GET":
            for message in _json(exchange.answer).get("messages", ()):
                story.ledger.customer_saw(message)
        elif 400 <= exchange.status < 500:  # noqa: PLR2004 - the client's fault
            story.ledger.refused(str(body.get("client_id")))
        else:
            story.ledger.customer_said(str(body.get("client_id")), str(body.get("text")))

    def _on_messenger(self, exchange: Exchange, body: Json) -> None:
        """What a customer wrote there, and what the product had said to them."""
        answer = _json(exchange.answer)
        to = body.get("recipient", {}).get("id") or body.get("psid")
        login = login_of(f"0:{to}")
        if not login or exchange.status != HTTPStatus.OK:
            return
        ledger = self.of(login).ledger
        if "mid" in answer:
            text = body.get("text") or body.get("title") or ""
            if answer.get("payload", text) == text:  # else a button is more than its words
                ledger.customer_said(answer["mid"], text)
        elif "message_id" in answer and body.get("persona_id"):  # an agent's words
            text = body.get("message", {}).get("text", "")
            ledger.customer_saw(
                {"id": answer["message_id"], "author": {"kind": "agent"}, "text": text}
            )

    def webhook(self, event: Json) -> None:
        """What the bot was told."""
        data = event.get("data", {})
        user = data.get("user") or {}  # an approval may be about nobody
        login = login_of(str(user.get("id")))
        if not login:
            return
        story = self.of(login)
        if data.get("handoff_id"):
            self._belongs(data["handoff_id"], story)
        agent = data.get("agent") or {}
        story.webhook(event.get("type", ""), str(agent.get("id") or ""))
        if event.get("type") == "message.created" and "message" in data:
            said = data["message"]
            story.ledger.bot_heard(str(said.get("id")), str(said.get("text")))

    # --- what happens in the workspace -------------------------------------------------------

    def _belongs(self, handoff: str, story: Story) -> None:
        """What happened in its thread before we knew whose it is happened to this customer."""
        if handoff not in self._handoffs:
            self._handoffs.put(handoff, story)
            story.thread = self._threads.get(handoff)
            for root in [root for root, named in self._roots.items() if named == handoff]:
                for change in self._early.pop(root, ()):
                    self.change(change)

    def change(self, change: Json) -> None:
        """What happened in the workspace."""
        if change.get("type") not in SEEN:
            return
        message = change.get("message", change)
        if change["type"] == "message":
            self._note_root(message)
        thread = message.get("thread_ts") or ""
        story = self._handoffs.get(self._roots.get(thread, ""))
        if story is None:
            if thread not in self._early:
                self._early.put(thread, deque(maxlen=KEPT))
            self._early[thread].append(change)
        elif thread != message["ts"]:
            self._replied(story, change, message)
            self._tell()

    def _note_root(self, message: Json) -> None:
        """The desk's first block of a thread names the handoff: `hnd_…/1`."""
        blocks = message.get("blocks") or [{}]
        handoff, slash, _ = str(blocks[0].get("block_id")).partition("/")
        if slash and message.get("thread_ts") in {None, message["ts"]}:
            self._roots.put(message["ts"], handoff)
            self._threads.put(handoff, {"channel": message.get("channel"), "ts": message["ts"]})
            if handoff in self._handoffs:
                self._handoffs[handoff].thread = self._threads[handoff]
                self._tell()

    def _replied(self, story: Story, change: Json, message: Json) -> None:
        ts = message["ts"]
        match change["type"]:
            case "message" | "changed" if message.get("bot_id"):
                if str(message.get("username")).endswith("customer"):
                    story.ledger.team_saw(ts, filter(None, map(plain, message.get("blocks") or ())))
            case "message" | "changed":
                text = str(message.get("text"))
                self._authors.put(ts, str(message.get("user")))
                if ANOTHER_COMMAND.match(text.strip()):
                    self._commands.put(ts, text.strip())
                story.ledger.agent_said(ts, text, leaves=not INSIDE.match(text))
            case "deleted":
                story.ledger.agent_deleted(ts)
            case "reaction":
                names = {reaction["name"] for reaction in change.get("reactions", ())}
                by = self._authors.get(ts, "")
                story.marked(ts, names, by, command=self._commands.get(ts, ""))


def _token(exchange: Exchange) -> str:
    return exchange.headers.get("authorization", "").removeprefix("Bearer ")


def _json(body: bytes) -> Json:
    with suppress(ValueError):
        found = json.loads(body)
        if isinstance(found, dict):
            return found
    return {}
