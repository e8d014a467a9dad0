"""Every command by every way: the same result, and the second time does no harm.

A command is typed in the thread, typed behind a slash (`/desk`, or its own), pressed under the card
or in its *More…*, pressed in the answer to `!` alone, pressed in the modal of *Handoff…*, called
by the API. The table says what is to be so afterwards; each way is taken twice.
"""

from functools import partial

import pytest
import yaml

from adapters.slack.verbs import TABLE
from bridge.api.actions import ACTIONS
from bridge.manifest import template
from sandbox.slack import seed
from sandbox.slack.seed import GENERAL, ORDERS
from tests.scenarios.processes import until, until_equal
from tests.scenarios.stage import Stage
from tests.scenarios.ways import OWN_SLASH, WAYS, Command, Json, Scene, begun, by_word, has, words

# --- the table -----------------------------------------------------------------------------------

QUEUED = {"status": "queued", "agent": None}
BENS = {"status": "assigned", "agent": seed.BEN}
ENDED = {"mode": "bot"}
COMMANDS = (
    Command("assign", "@Ben", {"arg": seed.BEN}, ("assign", {"agent": seed.BEN}), BENS),
    Command("transfer", "@Ben he is angry", {"arg": seed.BEN, "more_arg": "he is angry"},
            ("transfer", {"agent": seed.BEN, "note": "he is angry"}), BENS, note="he is angry"),
    Command("transfer", "returns he is angry", {"queue": "returns", "more_arg": "he is angry"},
            ("transfer", {"queue": "returns", "note": "he is angry"}),
            {**QUEUED, "queue": "returns"}, note="he is angry"),
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
    Command("ask", "#desk-billing Is it paid?", {"arg": seed.BILLING, "more_arg": "Is it paid?"},
            None, {}, note="Is it paid?"),
    Command("do", "chase 20", {"amount": "20"}, None, {}, note="Chased for 20", named="do:chase"),
    Command("block", "threats", {"arg": "threats"},
            ("/channels/webchat/users/{user}/block", {"reason": "threats"}),
            {**ENDED, "status": "resolved", "outcome": "threats", "blocked": True}),
    Command("unblock", "", None, ("/channels/webchat/users/{user}/unblock", {}),
            {"blocked": False}, before="block"),
)  # fmt: skip
REPEATED = frozenset({"note", "say", "template", "ask", "do"})
"""Typed twice they are two words, as when somebody says the same twice. One message that Slack
tells of twice is one: that is shown below."""
CASES = [
    pytest.param(command, way, id=f"{command} by {way}")
    for command in COMMANDS
    for way in WAYS
    if has(command, way)
]


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
        await until_equal(partial(noted, scene, command.note), [True], what="the notes")
    if command.verb in REPEATED:
        return
    everything = await scene.sam.texts("system"), await scene.sam.texts("agent")
    await WAYS[way](scene, command)
    await until_equal(seen, expected, what="what is so the second time")
    assert (await scene.sam.texts("system"), await scene.sam.texts("agent")) == everything


async def noted(scene: Scene, text: str) -> list[bool]:
    return [text in note for note in await scene.notes()]


def test_the_table_has_every_verb_that_changes_a_handoff_and_every_call_for_one() -> None:
    changing = {verb.name for verb in TABLE if not verb.looks}
    assert {command.verb for command in COMMANDS} == changing - {"pause", "resume"}
    assert {command.call[0] for command in COMMANDS if command.call} >= set(ACTIONS)
    asked = {verb.name for verb in TABLE if verb.form and not verb.at_once and not verb.looks}
    assert {command.verb for command in COMMANDS if command.form} >= asked


def test_slash_commands_and_shortcuts_are_those_that_the_ways_take() -> None:
    told = yaml.safe_load(template())["features"]
    slashes = {each["command"].removeprefix("/") for each in told["slash_commands"]}
    assert slashes == {"desk", *OWN_SLASH}
    assert {each["callback_id"] for each in told["shortcuts"]} == {"handoff", "add_note"}


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


async def test_what_is_asked_elsewhere_is_answered_there_and_comes_back(one_stage: Stage) -> None:
    scene = await begun(one_stage)
    await by_word(scene, Command("ask", "#desk-billing Is this one paid?"))
    await scene.thread.line_about("Ana asked in")
    chloe = one_stage.agent(seed.CHLOE)
    [question] = [m for m in await chloe.history(seed.BILLING) if "this one paid?" in str(m)]
    assert "Sam" not in str(question)
    await chloe.reply(seed.BILLING, question["ts"], "Yes, on Monday")

    async def passed_on() -> list[Json]:
        return [m for m in await scene.thread.posts() if "Yes, on Monday" in str(m)]

    [note] = await until(passed_on, what="the answer")
    assert words(note).startswith("🔒 Chloé")
    assert any("Yes, on Monday" in note for note in await scene.notes())
    assert await scene.sam.texts("agent") == ["Hello"]


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
