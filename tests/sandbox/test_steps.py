"""The five steps tick from what really happens to one customer, in their order."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from sandbox.sam import psid
from sandbox.steps import KEPT, STEPS, Steps
from sandbox.tap import Exchange

SAM, KIM = "0123456789abcdef", "fedcba9876543210"
THREAD = "1763700000.000100"


def nothing() -> None:
    """Nobody looks."""


def event(kind: str, login: str = SAM, handoff: str = "hnd_1") -> dict[str, Any]:
    return {"type": kind, "data": {"user": {"id": f"id:sam-{login}"}, "handoff_id": handoff}}


def root(handoff: str = "hnd_1", ts: str = THREAD) -> dict[str, Any]:
    """The desk opens a thread."""
    blocks = [{"block_id": f"{handoff}/1"}]
    return {"type": "message", "message": {"ts": ts, "thread_ts": None, "blocks": blocks}}


def reply(text: str, ts: str, thread: str = THREAD) -> dict[str, Any]:
    return {"type": "message", "message": {"ts": ts, "thread_ts": thread, "text": text}}


def reaction(*names: str, ts: str = "1.1", thread: str = THREAD) -> dict[str, Any]:
    marks = [{"name": name} for name in names]
    return {"type": "reaction", "ts": ts, "thread_ts": thread, "reactions": marks}


def asked(steps: Steps) -> None:
    """Sam has asked the bot and then for a human, and the thread is there."""
    steps.change(root())  # the desk may be quicker than the bot
    steps.webhook(event("message.created"))
    steps.webhook(event("handoff.queued"))


def test_a_whole_story_ticks_all_five() -> None:
    steps = Steps(nothing)
    steps.webhook(event("message.created"))
    assert steps.of(SAM).done == [True, False, False, False, False]
    asked(steps)
    assert steps.of(SAM).done == [True, True, False, False, False]
    steps.change(reaction("white_check_mark"))
    steps.change(reaction("white_check_mark", "lock"))
    assert steps.of(SAM).done == [True, True, True, True, False]
    steps.webhook(event("control.returned"))
    assert not steps.of(SAM).done[4]
    steps.webhook(event("message.created"))
    assert steps.of(SAM).done == [True] * STEPS


def test_what_happens_to_another_customer_ticks_nothing() -> None:
    steps = Steps(nothing)
    asked(steps)
    steps.webhook(event("message.created", KIM, "hnd_2"))
    steps.webhook(event("handoff.queued", KIM, "hnd_2"))
    steps.change(root("hnd_2", "2.2"))
    steps.change(reaction("white_check_mark", thread="2.2"))
    assert steps.of(SAM).done == [True, True, False, False, False]
    assert steps.of(KIM).done == [True, True, True, False, False]


def test_what_comes_early_waits_for_the_step_before_it() -> None:
    steps = Steps(nothing)
    asked(steps)
    steps.change(reaction("lock"))
    steps.webhook(event("control.returned"))
    steps.webhook(event("message.created"))
    assert steps.of(SAM).done == [True, True, False, False, False]
    steps.change(reaction("white_check_mark"))
    assert steps.of(SAM).done == [True] * STEPS


@pytest.mark.parametrize(
    ("text", "is_note"),
    [("!resolve", False), ("!nothing", False), ("!n check", True), ("!note check", True)],
)
def test_the_lock_of_another_command_is_no_note(text: str, is_note: bool) -> None:
    steps = Steps(nothing)
    asked(steps)
    steps.change(reaction("white_check_mark"))
    steps.change(reply(text, "3.3"))
    steps.change(reaction("lock", ts="3.3"))
    assert steps.of(SAM).done[3] is is_note


def test_nothing_ticks_before_its_time() -> None:
    steps = Steps(nothing)
    steps.change(reaction("white_check_mark"))
    steps.change({"type": "presence"})
    stranger = {"type": "message.created", "data": {"user": {"id": "somebody"}}}
    steps.webhook({})
    steps.webhook({"type": "approval.decided", "data": {"user": None}})
    steps.webhook(stranger)
    assert steps.of(SAM).done == [False] * STEPS


def test_only_the_newest_customers_are_remembered() -> None:
    steps = Steps(nothing)
    steps.webhook(event("message.created"))
    for number in range(KEPT - 1):
        steps.of(f"{number:016x}")
    assert steps.of(SAM).done[0]
    steps.of(KIM)
    assert not steps.of(SAM).done[0]


# --- what was said, counted ----------------------------------------------------------------------

TOKEN = "token-of-sam"


def exchange(path: str, body: Any = None, answer: Any = None, **more: Any) -> Exchange:
    headers = {"authorization": f"Bearer {TOKEN}"}
    given = {"method": "POST", "status": 200, "headers": headers, **more}
    said = [json.dumps(part).encode() if part is not None else b"" for part in (body, answer)]
    return Exchange(path=path, body=said[0], answer=said[1], **given)


def opened(steps: Steps) -> None:
    """Sam's browser has opened a session of the chat."""
    identity = jwt.encode({"sub": f"sam-{SAM}"}, "k" * 32, "HS256")
    steps.hear(exchange("/webchat/sessions", {"identity": identity}, {"token": TOKEN}))


def said(steps: Steps, text: str, status: int = 202, client_id: str = "c1") -> None:
    body = {"client_id": client_id, "text": text}
    steps.hear(exchange("/webchat/messages", body, status=status))


def shown(steps: Steps, text: str, id: str = "msg_1", *, deleted: bool = False) -> None:
    """Sam's browser is given something that an agent wrote."""
    message = {"id": id, "author": {"kind": "agent"}, "text": text, "deleted": deleted}
    data = f"event: message\nid: 7\ndata: {json.dumps(message)}".encode()
    steps.read(exchange("/webchat/stream", method="GET"), data)


def customers_post(*texts: str, ts: str = "2.1", kind: str = "message") -> dict[str, Any]:
    blocks = [{"type": "rich_text", "elements": [{"type": "text", "text": each}]} for each in texts]
    about = {"thread_ts": THREAD, "bot_id": "B1", "username": "Sam Rivera · customer"}
    return {"type": kind, "message": {"ts": ts, "blocks": blocks, **about}}


def tally(steps: Steps) -> tuple[int, int, int]:
    found: dict[str, int] = steps.of(SAM).told()["tally"]
    return found["sent"], found["received"], found["doubled"]


def test_words_of_the_customer_are_received_by_the_bot_or_in_the_thread() -> None:
    steps = Steps(nothing)
    opened(steps)
    said(steps, "Where is it?")
    assert tally(steps) == (1, 0, 0)
    data = {"user": {"id": f"sam-{SAM}"}, "message": {"id": "m1", "text": "Where is it?"}}
    heard = {"type": "message.created", "data": data}
    steps.hear(exchange("/sandbox/bot/webhook", heard))
    steps.hear(exchange("/sandbox/bot/webhook", heard))  # the same, repeated
    steps.hear(exchange("/sandbox/bot/webhook", {**heard, "type": "handoff.queued"}, status=401))
    assert tally(steps) == (1, 1, 0)
    asked(steps)
    said(steps, "Hello?", client_id="c2")
    said(steps, "Anybody *there*?", client_id="c3")
    steps.change(customers_post("Hello?", "Anybody there?", ""))
    assert tally(steps) == (3, 3, 0)
    steps.change(customers_post("Hello?", ts="2.2"))
    assert tally(steps) == (3, 3, 1)


def test_what_was_refused_or_is_nobodys_was_not_sent() -> None:
    steps = Steps(nothing)
    said(steps, "Who am I?")
    opened(steps)
    said(steps, "Too long", status=413)
    said(steps, "Is it there?", status=502)
    assert tally(steps) == (1, 0, 0)


def test_words_of_an_agent_count_unless_their_mark_says_that_they_stay() -> None:
    steps = Steps(nothing)
    opened(steps)
    asked(steps)
    steps.change(reply("Hi Sam :wave:", "3.1"))
    steps.change(reply("; colon", "3.2"))
    steps.change(reply("!n courier", "3.3"))
    steps.change(reply("not for him", "3.4"))
    steps.change(reaction("hand", ts="3.4"))
    shown(steps, "Hi Sam 👋")
    assert tally(steps) == (2, 1, 0)
    steps.change({**reply("; semicolon", "3.2"), "type": "changed"})
    shown(steps, "; semicolon", "msg_2")
    assert tally(steps) == (2, 2, 0)
    steps.change(reaction("white_check_mark", ts="3.4"))  # sent all the same
    answer = {"messages": [{"id": "m3", "author": {"kind": "agent"}, "text": "not for him"}]}
    steps.hear(exchange("/webchat/messages", None, answer, method="GET"))
    assert tally(steps) == (3, 3, 0)
    shown(steps, "", "msg_2", deleted=True)
    steps.change({"type": "deleted", "ts": "3.2", "thread_ts": THREAD})
    shown(steps, "a bot's", "msg_9", deleted=False)
    assert tally(steps) == (2, 2, 0)
    steps.change(reply("!hello", "3.5"))
    steps.change(reaction("white_check_mark", ts="3.5"))
    shown(steps, "Hello Sam, this is Ana", "msg_3")
    assert tally(steps) == (2, 2, 0)  # the word is not what the customer reads
    assert steps.of(SAM).more == {"held": False, "template": True, "stats": False}


def test_a_held_reply_is_tried_in_a_colleagues_thread_and_nowhere_else() -> None:
    steps = Steps(nothing)
    asked(steps)
    taken = event("handoff.assigned")
    taken["data"]["agent"] = {"id": "U_ANA", "name": "Ana"}
    for before, by, tried in (
        (event("message.created"), "U_BEN", False),  # nobody has it
        (taken, "U_ANA", False),
        (event("control.returned"), "U_BEN", False),
        (taken, "U_BEN", True),
    ):
        steps.webhook(before)
        said = reply("I can help, too.", f"5.{tried}{by}")
        said["message"]["user"] = by
        steps.change(said)
        steps.change(reaction("hand", ts=said["message"]["ts"]))
        assert steps.of(SAM).more["held"] is tried


def on_messenger(steps: Steps, call: str, body: Any, answer: Any, status: int = 200) -> None:
    steps.hear(exchange(f"/sandbox/graph/{call}", body, answer, status=status))


def test_words_on_messenger_count_likewise() -> None:
    steps = Steps(nothing)
    sam = {"psid": psid(SAM)}
    on_messenger(steps, "control/write", {**sam, "text": "Where is it?"}, {"mid": "m1"})
    on_messenger(steps, "control/write", {"psid": "251", "text": "Not Sam's"}, {"mid": "m2"})
    on_messenger(steps, "control/write", {**sam, "attachments": [{}]}, {"mid": "m3"})
    human = {"mid": "m4", "payload": "A human"}
    on_messenger(steps, "control/choose", {**sam, "title": "A human"}, human)
    leaves = {"mid": "m5", "payload": "deskbridge:end"}  # a command, and no words
    on_messenger(steps, "control/choose", {**sam, "title": "Back to assistant"}, leaves)
    steps.webhook(about(psid(SAM), "message.created", {"id": "1", "text": "Where is it?"}))
    steps.webhook(about(psid(SAM), "message.created", {"id": "2", "text": "A human"}))
    assert tally(steps) == (2, 2, 0)
    steps.webhook(about(psid(SAM), "handoff.queued"))
    steps.change(root())
    assert steps.of(SAM).done[:2] == [True, True]

    steps.change(reply("Hi Sam", "3.1"))
    to_sam = {"recipient": {"id": psid(SAM)}, "message": {"text": "Hi Sam"}}
    sent = {"message_id": "m9"}
    on_messenger(steps, "v26.0/1/messages", to_sam, sent)  # the page says it, and no agent
    on_messenger(steps, "v26.0/1/messages", {**to_sam, "persona_id": "7"}, {"error": {}}, 400)
    assert tally(steps) == (3, 2, 0)
    on_messenger(steps, "v26.0/1/messages", {**to_sam, "persona_id": "7"}, sent)
    assert tally(steps) == (3, 3, 0)


def about(psid: str, kind: str, message: Any = None) -> dict[str, Any]:
    data = {"user": {"id": f"104729:{psid}"}, "handoff_id": "hnd_1", "message": message or {}}
    return {"type": kind, "data": data}


def test_what_happened_in_a_thread_counts_once_it_is_known_whose_it_is() -> None:
    steps = Steps(nothing)
    opened(steps)
    said(steps, "Hello?")
    steps.change(root())
    steps.change(customers_post("Hello?"))
    assert tally(steps) == (1, 0, 0)
    steps.webhook(event("handoff.queued"))
    assert tally(steps) == (1, 1, 0)
    assert steps.of(SAM).told()["thread"]["ts"] == THREAD


def test_the_figures_are_tried_by_everybody_at_once() -> None:
    steps = Steps(nothing)
    steps.of(SAM)
    form = b"command=%2Fdesk&channel_id=C1&text=stats"
    steps.hear(Exchange("POST", "/slack/events", {}, body=form))
    assert steps.of(SAM).more["stats"]
