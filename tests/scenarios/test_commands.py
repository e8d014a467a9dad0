"""Every command by every way: the same result, and the second time does no harm.

A command is typed in the thread, typed behind a slash, pressed under the card or in its *More…*,
pressed in the answer to `!` alone, pressed in the modal of *Handoff…*, and called by the API. The
table says what is to be so afterwards; each way is taken twice.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.slack.menus import CHOICE_SEPARATOR
from adapters.slack.verbs import TABLE, VERBS
from sandbox.slack import seed
from sandbox.slack.person import Person
from sandbox.slack.seed import GENERAL, ORDERS
from tests.scenarios.beginnings import with_a_human
from tests.scenarios.customer import Customer
from tests.scenarios.processes import until, until_equal
from tests.scenarios.stage import Stage
from tests.scenarios.thread import Thread

Json = dict[str, Any]


@dataclass
class Scene:
    """Ana has Sam's conversation, or whatever `before` made of it."""

    stage: Stage
    sam: Customer
    thread: Thread
    ana: Person
    number: int = 0

    async def handoff(self) -> Json:
        told: Json = (await self.stage.api("GET", f"/handoffs/{self.thread.handoff}")).json()
        return told

    async def facts(self) -> Json:
        """What everybody can see of it."""
        handoff, talk = await self.handoff(), await self.stage.conversation(self.sam)
        return {
            "status": handoff["status"],
            "agent": (handoff["agent"] or {}).get("id"),
            "priority": handoff["priority"],
            "labels": handoff["labels"],
            "outcome": handoff["outcome"],
            "mode": talk["mode"],
            "heard": await self.sam.texts("agent"),
        }

    async def notes(self) -> list[str]:
        seen = await self.ask("history")
        return [line for line in seen.split("\n") if line.startswith("🔒")]

    async def ask(self, verb: str) -> str:
        await self.ana.command(GENERAL, f"/desk {verb} {self.number}")
        return words((await self.ana.ephemerals())[-1])


def words(message: Json) -> str:
    """The words of its blocks, lines as they are."""

    def read(node: Any) -> str:
        if isinstance(node, list):
            return "".join(read(each) for each in node)
        if not isinstance(node, dict):
            return ""
        if isinstance(node.get("text"), str):
            return str(node["text"])
        return read(node.get("text")) + read(node.get("elements"))

    return "\n".join(read(block) for block in message.get("blocks") or ()) or str(message["text"])


# --- the ways ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """`args` as typed, `form` as filled in where a modal asks, `call` the API's path and body;
    `then`: what is to be so afterwards, besides what was so before."""

    verb: str
    args: str = ""
    form: Json | None = None
    call: tuple[str, Json] | None = None
    then: Mapping[str, Any] = field(default_factory=dict)
    before: str = ""
    note: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.before}".strip()


async def by_word(scene: Scene, command: Command) -> None:
    typed = f"!{command.verb} {command.args}".strip()
    ts = await scene.ana.reply(ORDERS, scene.thread.ts, typed)

    async def marked() -> list[str]:
        return await scene.thread.marks(ts)

    assert await until(marked, what="a mark") in (["🔒"], ["⚠️"], ["✅"])


async def by_slash(scene: Scene, command: Command) -> None:
    await scene.ana.command(GENERAL, f"/desk {command.verb} {scene.number} {command.args}".strip())


async def by_card(scene: Scene, command: Command) -> None:
    """Its own button, or the choice in *More…*; what is in neither is not offered any more."""
    if command.verb == "reopen":  # a card that has ended has no buttons: the line at the end has
        line = await scene.thread.line_about("Resolved by")
        return await scene.ana.click("reopen", channel=ORDERS, ts=line["ts"])
    offered = elements(await scene.thread.card())
    if command.verb in offered:
        await scene.ana.click(command.verb, channel=ORDERS, ts=scene.thread.ts)
    elif "more" in offered:
        option = f"{command.verb}{CHOICE_SEPARATOR}{scene.thread.handoff}"
        await scene.ana.click("more", channel=ORDERS, ts=scene.thread.ts, option=option)
    else:
        return None
    return await fill(scene, command)


async def by_buttons_in_the_thread(scene: Scene, command: Command) -> None:
    await scene.ana.reply(ORDERS, scene.thread.ts, "!")

    async def shown() -> Json | None:
        seen = await scene.ana.ephemerals()
        asked = [m for m in seen if "what would you like to do?" in m["text"]]
        return asked[-1] if asked and asked[-1].get("thread_ts") == scene.thread.ts else None

    menu = await until(shown, what="the buttons")
    assert menu
    if command.verb in elements(menu):
        await scene.ana.click(command.verb, channel=ORDERS, ts=menu["ts"])
        await fill(scene, command)


async def by_shortcut(scene: Scene, command: Command) -> None:
    await scene.ana.shortcut("handoff", channel=ORDERS, ts=scene.thread.ts)
    modal = await opened(scene.ana, "Handoff")
    if command.verb in elements(modal):
        await scene.ana.click(command.verb, view_id=modal["id"])
        await fill(scene, command)
    await close(scene.ana)


async def by_api(scene: Scene, command: Command) -> None:
    assert command.call
    action, body = command.call
    path = f"/handoffs/{scene.thread.handoff}/{action}"
    if action.startswith("/"):
        path = action.format(conversation=scene.sam.conversation)
    answer = await scene.stage.api("POST", path, json=body)
    assert answer.status_code in (200, 201, 202, 409), answer.text


async def fill(scene: Scene, command: Command) -> None:
    """The form, for a verb whose button opens one."""
    if command.form is None or VERBS[command.verb].at_once:
        return

    async def form() -> Json | None:
        view = await scene.ana.modal()
        return view if view and view["callback_id"] == "do" else None

    view = await until(form, what="a form")
    assert view
    told = await scene.ana.submit(view["id"], command.form)
    assert told.get("response_action") in ("update", "errors"), told
    await close(scene.ana)


async def close(person: Person) -> None:
    while view := await person.modal():
        await person.close(view["id"])


async def opened(person: Person, title: str) -> Json:
    async def found() -> Json | None:
        view = await person.modal()
        return view if view and view["title"]["text"] == title else None

    view = await until(found, what=f"a modal {title!r}")
    assert view
    return view


def elements(message: Json) -> list[str]:
    found = [e for block in message.get("blocks") or () for e in block.get("elements") or ()]
    return [str(e["action_id"]) for e in found if e.get("action_id")]


Way = Callable[[Scene, Command], Awaitable[None]]
WAYS: Mapping[str, Way] = {
    "word": by_word,
    "slash": by_slash,
    "card": by_card,
    "buttons": by_buttons_in_the_thread,
    "shortcut": by_shortcut,
    "api": by_api,
}

# --- the table -----------------------------------------------------------------------------------

QUEUED = {"status": "queued", "agent": None}
BENS = {"status": "assigned", "agent": seed.BEN}
ENDED = {"mode": "bot"}
COMMANDS = (
    Command("assign", "@Ben", {"arg": seed.BEN}, ("assign", {"agent": seed.BEN}), BENS),
    Command("transfer", "@Ben he is angry", {"arg": seed.BEN, "more_arg": "he is angry"},
            ("transfer", {"agent": seed.BEN, "note": "he is angry"}), BENS, note="he is angry"),
    Command("release", "", None, ("release", {}), QUEUED),
    Command("resolve", "refunded", {"arg": "refunded"}, ("resolve", {"reason": "refunded"}),
            {**ENDED, "status": "resolved"}),
    Command("reject", "spam", {"arg": "spam"}, ("reject", {"reason": "spam"}),
            {**ENDED, "status": "rejected", "outcome": "spam"}),
    Command("snooze", "2h", {"arg": "3h", "more_arg": "2h"}, ("snooze", {"seconds": 7_200}),
            {"status": "snoozed"}),
    Command("wake", "", None, None, {"status": "assigned"}, before="snooze 2h"),
    Command("reopen", "", None, ("reopen", {}), {"status": "assigned", "mode": "human"},
            before="resolve"),
    Command("take", "", None, None, {"status": "assigned"}, before="release"),
    Command("note", "call him back", {"arg": "call him back"}, ("notes", {"text": "call him back"}),
            {}, note="call him back"),
    Command("say", "We are closed today", {"arg": "We are closed today"},
            ("/conversations/{conversation}/messages",
             {"as": "desk", "id": "said", "text": "We are closed today"}),
            {"heard": ["Hello", "We are closed today"]}),
    Command("template", "hello", {"template_chosen": "hello"}, None,
            {"heard": ["Hello", "Hi Sam, Ana here."]}),
    Command("undo", "", None, None, {"heard": []}),
    Command("priority", "high", {"arg": "high"}, ("priority", {"priority": "high"}),
            {"priority": "high"}),
    Command("label", "vip late", {"arg": "vip late"}, ("labels", {"add": ["vip", "late"]}),
            {"labels": ["vip", "late"]}),
)  # fmt: skip
REPEATED = frozenset({"note", "say", "template"})
"""Typed twice they are two words, as when somebody says the same twice. One message that Slack
tells of twice is one: that is shown below."""
CASES = [
    pytest.param(command, way, id=f"{command.verb} by {way}")
    for command in COMMANDS
    for way in WAYS
    if way != "api" or command.call
]


async def begun(stage: Stage, before: str = "") -> Scene:
    sam, thread, ana = await with_a_human(stage)
    scene = Scene(stage, sam, thread, ana)
    scene.number = int((await scene.handoff())["number"])
    if before:
        await ana.command(GENERAL, f"/desk {before.replace(' ', f' {scene.number} ', 1)}"
                          if " " in before else f"/desk {before} {scene.number}")  # fmt: skip
    return scene


@pytest.mark.parametrize(("command", "way"), CASES)
async def test_a_command_does_the_same_by_every_way_and_no_harm_twice(
    one_stage: Stage, command: Command, way: str
) -> None:
    scene = await begun(one_stage, command.before)
    as_it_was = await scene.facts()
    if command.verb == "take":
        as_it_was["agent"] = seed.ANA
    if command.verb == "reopen":
        as_it_was |= {"outcome": "", "agent": seed.ANA}
    expected = {**as_it_was, **command.then}
    if command.verb == "resolve":
        at_once = way in ("buttons", "shortcut", "card")
        expected["outcome"] = "" if at_once else "refunded"
    if command.before == "snooze 2h" or command.verb == "note":
        expected.pop("heard", None)

    async def seen() -> Json:
        facts = await scene.facts()
        return {name: facts[name] for name in expected}

    await WAYS[way](scene, command)
    await until_equal(seen, expected, what="what is so")
    if command.note:
        assert [command.note in note for note in await scene.notes()] == [True]
    if command.verb in REPEATED:
        return
    everything = await scene.sam.texts("system"), await scene.sam.texts("agent")
    await WAYS[way](scene, command)
    await until_equal(seen, expected, what="what is so the second time")
    assert (await scene.sam.texts("system"), await scene.sam.texts("agent")) == everything


def test_the_table_has_every_verb_that_changes_a_handoff() -> None:
    changing = {verb.name for verb in TABLE if not verb.looks}
    assert {command.verb for command in COMMANDS} == changing - {"pause", "resume"}


async def test_what_slack_tells_of_twice_is_said_once(one_stage: Stage) -> None:
    scene = await begun(one_stage)
    await one_stage.oracle.faults({"kind": "duplicate_events", "concurrent": True})
    await by_word(scene, Command("say", "We are closed today"))
    await scene.sam.has_heard("Hello", "We are closed today")
    await by_word(scene, Command("n", "he knows"))
    await by_word(scene, Command("undo"))
    await scene.sam.has_heard("Hello")
    after = await scene.ana.reply(ORDERS, scene.thread.ts, "Still here")
    await scene.thread.has_mark(after, "✅")
    await scene.sam.has_heard("Hello", "Still here")
    assert ["he knows" in note for note in await scene.notes()] == [True]


async def test_a_macro_does_all_up_to_the_first_that_cannot_be_done(one_stage: Stage) -> None:
    scene = await begun(one_stage)
    await one_stage.oracle.faults({"kind": "duplicate_events", "concurrent": True})
    ts = await scene.ana.reply(ORDERS, scene.thread.ts, "!spam")
    await scene.thread.has_mark(ts, "⚠️")
    assert await scene.thread.line_about("“wake” was not done, nor what follows it.")
    await scene.sam.has_heard("Hello", "Hi Sam, Ana here.")
    told = await scene.handoff()
    assert (told["status"], told["labels"], told["outcome"]) == ("resolved", ["spam"], "spam")
    posted = [post for post in await scene.thread.posts() if "Hi Sam, Ana here." in str(post)]
    assert [words(post).splitlines()[0] for post in posted] == ["Ana"]
    await scene.thread.has_mark(posted[0]["ts"], "✅")
    assert (await scene.sam.texts("system"))[-1] == "Ana has joined the conversation."


# --- without a handoff ---------------------------------------------------------------------------


async def test_a_conversation_of_the_bot_is_taken_over_by_name(one_stage: Stage) -> None:
    kim = await one_stage.customer("Kim Lee")
    await kim.say("Where is my parcel?")
    await kim.has_heard("Echo: Where is my parcel?", kind="bot")
    ana = one_stage.agent()
    await ana.command(GENERAL, f"/desk take {kim.conversation}")
    thread = await one_stage.thread(kim)
    await thread.card_begins("Ana")
    await ana.reply(ORDERS, thread.ts, "Hello Kim")
    await kim.has_heard("Hello Kim")
    assert await kim.texts("system") == ["Ana has joined the conversation."]


async def test_the_desk_speaks_while_the_bot_goes_on(one_stage: Stage) -> None:
    kim = await one_stage.customer("Kim Lee")
    await kim.say("Hello")
    await kim.has_heard("Echo: Hello", kind="bot")
    await one_stage.agent().command(GENERAL, f"/desk say {kim.conversation} We are closed today")
    await kim.has_heard("We are closed today")
    assert (await one_stage.conversation(kim))["mode"] == "bot"
    await kim.say("Thanks")
    await kim.has_heard("Echo: Hello", "Echo: Thanks", kind="bot")


async def test_the_bot_is_silent_for_all_until_it_is_resumed(one_stage: Stage) -> None:
    kim = await one_stage.customer("Kim Lee")
    await kim.say("Hello")
    await kim.has_heard("Echo: Hello", kind="bot")
    ana = one_stage.agent()
    for _ in range(2):
        await ana.command(GENERAL, "/desk pause all")
    try:
        await kim.say("Anybody?")
        path = f"/conversations/{kim.conversation}/messages"
        spoken = await one_stage.api("POST", path, json={"text": "I am here"})
        assert spoken.status_code == 409
    finally:
        for _ in range(2):
            await ana.command(GENERAL, "/desk resume all")
    await kim.say("Now?")
    await kim.has_heard("Echo: Hello", "Echo: Now?", kind="bot")


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [seed.GIL, seed.OSCAR], ids=["a guest", "an outsider"])
async def test_who_is_no_member_does_nothing_by_any_way(one_stage: Stage, who: str) -> None:
    scene = await begun(one_stage)
    await one_stage.oracle.post("member", {"channel": ORDERS, "user": who, "on": True})
    as_it_was, told = await scene.facts(), await scene.sam.texts("system")
    stranger = Scene(one_stage, scene.sam, scene.thread, one_stage.agent(who), scene.number)
    for command in COMMANDS:
        typed = f"!{command.verb} {command.args}".strip()
        ts = await stranger.ana.reply(ORDERS, scene.thread.ts, typed)
        await scene.thread.has_mark(ts, "🔒" if command.verb == "note" else "✋")
    for verb in ("resolve", "note"):
        await stranger.ana.click(verb, channel=ORDERS, ts=scene.thread.ts)
    assert await stranger.ana.modal() is None
    after = await scene.ana.reply(ORDERS, scene.thread.ts, "Still here")
    await scene.thread.has_mark(after, "✅")
    as_it_was["heard"] = ["Hello", "Still here"]
    assert await scene.facts() == as_it_was
    assert await scene.sam.texts("system") == told
