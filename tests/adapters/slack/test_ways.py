"""What the ways of asking have of their own: forms, shortcuts, Home, the live list, questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapters.slack import arguments, filled, homes, menus, replies
from adapters.slack.closing import offers
from adapters.slack.front import TOO_LATE
from adapters.slack.heard import Malformed
from adapters.slack.pickers import Choice
from adapters.slack.verbs import VERBS
from bridge import words
from bridge.attending import Seat
from bridge.commands import (
    EVERY_BOT,
    Accepted,
    AddNote,
    Answer,
    Ask,
    Assign,
    Attend,
    DeleteConversation,
    Doing,
    Pause,
    Rejected,
    Reopen,
    Request,
    Resolve,
    Resume,
    Say,
    Snooze,
    SwitchBot,
    TakeOver,
    ToConversation,
    ToHandoff,
    Transfer,
)
from bridge.effects import Line
from bridge.errors import StoreUnavailable
from bridge.model import (
    AgentId,
    Author,
    ConversationId,
    HandoffId,
    Mode,
    Role,
    Standing,
    Visibility,
    WorkspaceId,
)
from bridge.settings_agents import AgentSettings
from bridge.settings_sections import DEFAULT_QUEUE, QueueSettings
from bridge.views import LinePost, View
from sandbox.slack import seed
from sandbox.slack.person import Person, Refused
from tests.adapters.slack.things import assigned, contact, conversation, ended, message, view
from tests.adapters.slack.world import Stage, World, world
from tests.waiting import until

HANDOFF = ToHandoff(HandoffId("hnd_1"))
TALK = ToConversation(ConversationId("cnv_1"))


async def modal(person: Person, title: str = "") -> dict[str, Any]:
    async def opened() -> dict[str, Any] | None:
        found = await person.modal()
        return found if found and title in found["title"]["text"] else None

    return await until(opened)


def shown(view_: dict[str, Any]) -> str:
    return str(view_["blocks"])


def live(slack: World, mode: Mode = Mode.BOT, **fields: Any) -> None:
    talk = conversation(mode=mode, handoff_id=None, **fields)
    slack.books.users = [(talk, contact())]


# --- the table -----------------------------------------------------------------------------------


def test_the_words_of_a_thread_are_the_verbs_of_the_table() -> None:
    assert {name for name in VERBS if name != "note"} == words.VERBS
    assert {name for name, verb in VERBS.items() if verb.looks} == words.SHOWING


def test_the_help_page_has_every_verb_once() -> None:
    text = replies.help_page().text
    assert all(text.count(f"\n`{name}") == 1 for name in VERBS if name != "assign")


# --- forms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "filled", "kind", "fields"),
    [
        ("assign", {"arg": seed.BEN}, Assign, {}),
        ("transfer", {"arg": seed.BEN, "more_arg": "he is angry"}, Transfer,
         {"word": "he is angry"}),
        ("resolve", {"arg": "refunded", "more_arg": ["silent"]}, Resolve,
         {"reason": "refunded", "silent": True, "undoable": False}),
        ("resolve", {"arg": "refunded"}, Resolve, {"silent": False, "undoable": False}),
        ("snooze", {"arg": "tomorrow"}, Snooze, {}),
        ("note", {"arg": "call him back"}, AddNote, {"text": "call him back"}),
        ("say", {"arg": "We are closed"}, Say, {"text": "We are closed"}),
        ("ask", {"arg": seed.BILLING, "more_arg": "Paid?"}, Ask,
         {"place": seed.BILLING, "text": "Paid?"}),
    ],
)  # fmt: skip
async def test_a_choice_in_more_asks_what_it_needs_to_know(
    slack: World, verb: str, filled: dict[str, Any], kind: type[Any], fields: dict[str, Any]
) -> None:
    thread = await slack.opened(assigned())
    slack.books.users = [(conversation(), contact())]
    if verb == "note":
        await slack.ana.click("note", channel=thread.channel, ts=thread.ts)
    else:
        option = f"{verb}{menus.CHOICE_SEPARATOR}hnd_1"
        await slack.ana.click("more", channel=thread.channel, ts=thread.ts, option=option)
    form = await modal(slack.ana)
    told = await slack.ana.submit(form["id"], filled)
    assert told["response_action"] == "update"
    command = await slack.bridge.next(kind)
    assert {name: getattr(command, name) for name in fields} == fields
    assert command.key == f"slack:view:{form['id']}"
    assert "#42, Sam Rivera" in shown(await modal(slack.ana, "Deskbridge"))


@pytest.mark.parametrize(
    ("filled", "to", "word"),
    [
        ({"arg": "", "queue": "billing", "more_arg": "a refund"}, "billing", "a refund"),
        ({"arg": seed.BEN, "queue": "billing", "more_arg": ""}, seed.BEN, ""),
        ({"arg": "", "queue": "", "more_arg": "hm"}, "", ""),
    ],
)
async def test_a_transfer_is_to_a_colleague_or_to_another_queue(
    stages: tuple[Stage, Stage], filled: dict[str, Any], to: str, word: str
) -> None:
    billing = QueueSettings(name="billing", slack_channel=seed.BILLING)
    async with world(stages, queues=(*DEFAULT_QUEUE, billing)) as slack:
        thread = await slack.opened(assigned())
        option = f"transfer{menus.CHOICE_SEPARATOR}hnd_1"
        await slack.ana.click("more", channel=thread.channel, ts=thread.ts, option=option)
        form = await modal(slack.ana)
        told = await slack.ana.submit(form["id"], {k: v for k, v in filled.items() if v})
        if not to:
            assert told["errors"]["arg"].startswith("I did not understand that.")
            return
        command = await slack.bridge.next(Transfer)
        assert (command.agent.id if command.agent else command.queue) == to
        assert command.word == word


async def test_a_menu_is_drawn_anew_so_that_the_same_may_be_chosen_again(slack: World) -> None:
    thread = await slack.opened(assigned())
    before = slack.message(thread.ts).blocks or []
    option = f"snooze{menus.CHOICE_SEPARATOR}hnd_1"
    await slack.ana.click("more", channel=thread.channel, ts=thread.ts, option=option)
    await slack.desk.idle()
    after = slack.message(thread.ts).blocks or []
    assert before
    assert {b["block_id"] for b in before} & {b["block_id"] for b in after} == set()


async def test_what_was_not_understood_or_refused_stands_beside_the_field(slack: World) -> None:
    thread = await slack.opened(assigned())
    option = f"snooze{menus.CHOICE_SEPARATOR}hnd_1"
    await slack.ana.click("more", channel=thread.channel, ts=thread.ts, option=option)
    form = await modal(slack.ana, "Snooze")
    told = await slack.ana.submit(form["id"], {"arg": "1h", "more_arg": "whenever"})
    assert told["errors"]["arg"].startswith("I did not understand that.")
    slack.bridge.answer = lambda _: Rejected("already_ended")
    told = await slack.ana.submit(form["id"], {"arg": "1h", "more_arg": ""})
    assert told["errors"] == {"arg": "This conversation has ended already."}


async def test_while_nothing_can_be_written_a_form_stays_open(slack: World) -> None:
    def unavailable(_: Request) -> Answer:
        raise StoreUnavailable

    thread = await slack.opened(assigned())
    await slack.ana.click("note", channel=thread.channel, ts=thread.ts)
    form = await modal(slack.ana, "Note")
    slack.bridge.answer = unavailable
    with pytest.raises(Refused, match="trouble connecting"):
        await slack.ana.submit(form["id"], {"arg": "call him back"})


async def test_who_has_left_the_desk_sends_no_form(slack: World) -> None:
    thread = await slack.opened(assigned())
    await slack.ben.click("note", channel=thread.channel, ts=thread.ts)
    form = await modal(slack.ben, "Note")
    await slack.ben.join(thread.channel, on=False)
    slack.desk._members.left(thread.channel, seed.BEN)
    told = await slack.ben.submit(form["id"], {"arg": "call him back"})
    assert told["errors"] == {"arg": replies.NOT_MEMBER}
    assert slack.bridge.commands == []


async def test_a_trigger_that_was_too_old_is_told(slack: World) -> None:
    thread = await slack.opened(assigned())
    rule = {"kind": "error", "methods": ["views.open"], "error": "expired_trigger_id"}
    slack.box.faults.install({"rules": [rule]}, 0)
    await slack.ana.click("note", channel=thread.channel, ts=thread.ts)
    await slack.desk.idle()
    assert [each["text"] for each in await slack.ana.ephemerals()] == [TOO_LATE]


@pytest.mark.parametrize(
    "payload", [{}, {"view": {}, "user": {}}, {"view": [], "user": {"id": "U1AB"}}]
)
def test_a_form_without_its_sender_is_malformed(payload: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        filled.read(payload)


@pytest.mark.parametrize(
    "given",
    [
        {"callback_id": "shown"},
        {"callback_id": "do", "private_metadata": "{"},
        {"callback_id": "do", "private_metadata": '{"verb":"dance"}'},
        {"callback_id": "do", "private_metadata": "[]"},
    ],
)
def test_what_is_no_form_of_ours_does_nothing(given: dict[str, Any]) -> None:
    assert filled.read({"view": given, "user": {"id": seed.ANA}}) is None


def test_a_form_without_fields_asks_for_nothing() -> None:
    given = {"id": "V1", "callback_id": "do", "private_metadata": '{"verb":"find"}', "state": {}}
    sent = filled.read({"view": given, "user": {"id": seed.ANA}})
    assert sent
    assert sent.choice == Choice("find", "", "")


# --- shortcuts -----------------------------------------------------------------------------------


async def test_a_note_is_made_of_any_message(slack: World) -> None:
    slack.books.views = [view(), assigned()]
    slack.books.views[0] = replace(
        view(), handoff=replace(view().handoff, id=HandoffId("hnd_2"), number=43)
    )
    ts = await slack.ben.say(seed.GENERAL, "The *courier* says: tomorrow, @Ana")
    await slack.ana.shortcut("add_note", channel=seed.GENERAL, ts=ts)
    form = await modal(slack.ana, "Add as note")
    told = await slack.ana.submit(form["id"], {"which": "hnd_2", "arg": "courier: tomorrow"})
    assert told["response_action"] == "update"
    note = await slack.bridge.next(AddNote)
    assert (note.to, note.text) == (ToHandoff(HandoffId("hnd_2")), "courier: tomorrow")
    initial = form["blocks"][1]["element"]["initial_value"]
    assert initial == "The **courier** says: tomorrow, Ana"


async def test_in_a_thread_its_own_conversation_is_chosen_already(slack: World) -> None:
    thread = await slack.opened(ended())
    ts = await slack.ben.reply(thread.channel, thread.ts, "plain words")
    await slack.ana.shortcut("add_note", channel=thread.channel, ts=ts)
    form = await modal(slack.ana, "Add as note")
    assert form["blocks"][0]["element"]["initial_option"]["value"] == "hnd_1"


async def test_without_a_conversation_the_shortcuts_say_so(slack: World) -> None:
    ts = await slack.ben.say(seed.ORDERS, "Lunch?")
    await slack.ana.shortcut("add_note", channel=seed.ORDERS, ts=ts)
    assert "No conversation is open." in shown(await modal(slack.ana, "Add as note"))
    await slack.ana.shortcut("handoff", channel=seed.ORDERS, ts=ts)
    assert "none is open" in shown(await modal(slack.ana, "Handoff"))


async def test_outside_of_threads_the_handoff_is_picked_first(slack: World) -> None:
    slack.books.views = [assigned()]
    ts = await slack.ben.say(seed.GENERAL, "Look at this one")
    await slack.ana.shortcut("handoff", channel=seed.GENERAL, ts=ts)
    picker = await modal(slack.ana, "Handoff")
    await slack.ana.click("pick_menu", view_id=picker["id"])
    menu = await modal(slack.ana, "Deskbridge")
    assert "what would you like to do?" in shown(menu)
    await slack.ana.click("resolve", view_id=menu["id"])
    assert (await slack.bridge.next(Resolve)).undoable
    await slack.desk.idle()
    assert "Resolved #42, Sam Rivera" in shown(await modal(slack.ana))
    await slack.ana.click("reopen", view_id=menu["id"])
    assert (await slack.bridge.next(Reopen)).to == HANDOFF


async def test_who_is_no_member_is_told_so_by_every_way(slack: World) -> None:
    thread = await slack.opened(assigned())
    async with Person(slack.base, seed.GIL) as gil:
        await gil.join(thread.channel)
        for name in ("handoff", "add_note"):
            await gil.shortcut(name, channel=thread.channel, ts=thread.ts)
            assert replies.NOT_MEMBER in shown(await modal(gil))
            view_ = await gil.modal()
            assert view_
            await gil.close(view_["id"])
        await gil.open_home()
        assert replies.NOT_MEMBER in shown(await homed(slack, gil))
        option = f"snooze{menus.CHOICE_SEPARATOR}hnd_1"
        await gil.click("more", channel=thread.channel, ts=thread.ts, option=option)
        await slack.desk.idle()
        assert (await gil.ephemerals())[-1]["text"] == replies.NOT_MEMBER
        for verb in VERBS.values():
            if verb.name != "help":
                await gil.command(seed.GENERAL, f"/desk {verb.name} 42")
                assert (await gil.ephemerals())[-1]["text"] == replies.NOT_MEMBER
    assert slack.bridge.commands == []


# --- conversations of the bot --------------------------------------------------------------------


async def typed(slack: World, text: str) -> dict[str, Any]:
    await slack.ana.command(seed.GENERAL, text)
    seen: dict[str, Any] = (await slack.ana.ephemerals())[-1]
    return seen


@pytest.mark.parametrize(
    ("action", "mode", "kind", "said"),
    [
        ("take", Mode.BOT, TakeOver, "Yours now: Sam Rivera"),
        ("pause", Mode.BOT, Pause, "The bot is silent for Sam Rivera now"),
        ("resume", Mode.HUMAN, Resume, "The bot answers Sam Rivera now"),
    ],
)
async def test_in_the_live_list_a_press_is_enough(
    slack: World, action: str, mode: Mode, kind: type[Any], said: str
) -> None:
    live(slack, mode, paused_by="Ben" if mode is Mode.HUMAN else "")
    seen = await typed(slack, "/desk live")
    await slack.ana.click(action, channel=seed.GENERAL, ts=seen["ts"])
    assert (await slack.bridge.next(kind)).to == TALK
    await slack.desk.idle()
    assert (await slack.ana.ephemerals())[-1]["text"] == said


@pytest.mark.parametrize("text", ["/desk take sam", "/desk take Sam Rivera"])
async def test_a_conversation_is_taken_over_by_name(slack: World, text: str) -> None:
    live(slack)
    assert (await typed(slack, text))["text"] == "Yours now: Sam Rivera"
    assert (await slack.bridge.next(TakeOver)).to == TALK
    assert (await typed(slack, "/desk take"))["text"].startswith("Live with the bot (1)")


async def test_the_desk_speaks_to_somebody_by_name(slack: World) -> None:
    live(slack)
    seen = await typed(slack, "/desk say sam We are closed today")
    assert seen["text"] == "Sent to Sam Rivera, in the desk's name"
    assert (await slack.bridge.next(Say)).text == "We are closed today"
    assert (await typed(slack, "/desk say sam"))["text"].startswith("I did not understand")


@pytest.mark.parametrize("text", ["/desk pause all", "/pause all", "/desk resume ALL"])
async def test_the_bot_is_switched_everywhere(slack: World, text: str) -> None:
    on = "resume" in text
    said = "The bot answers again" if on else "The bot is silent"
    assert (await typed(slack, text))["text"] == f"{said} in all conversations"
    command = await slack.bridge.next(SwitchBot)
    assert (command.to.id, command.on, command.by.name) == (EVERY_BOT, on, "Ana")


async def test_in_a_thread_all_means_all_too(slack: World) -> None:
    thread = await slack.opened(assigned())
    ts = await slack.ana.reply(thread.channel, thread.ts, "!pause all")
    assert (await slack.bridge.next(SwitchBot)).to.id == EVERY_BOT
    await slack.desk.idle()
    [_, reply] = await slack.ana.thread(thread.channel, thread.ts)
    assert (reply["ts"], [each["name"] for each in reply["reactions"]]) == (ts, ["lock"])


async def test_who_may_not_switch_it_is_told_so_and_sees_no_figures_of_others(
    stages: tuple[Stage, Stage],
) -> None:
    async with world(stages, agents=AgentSettings(admins=(seed.BEN,))) as slack:
        slack.bridge.answer = lambda _: Rejected("not_allowed")
        refused = "Your role on this desk does not allow that. Ask a supervisor."
        assert (await typed(slack, "/desk pause all"))["text"] == refused
        assert not (await slack.bridge.next(SwitchBot)).on
        thread = await slack.opened(assigned())
        await slack.ana.reply(thread.channel, thread.ts, "!pause all")
        await slack.bridge.next(SwitchBot)
        await slack.desk.idle()
        [_, reply] = await slack.ana.thread(thread.channel, thread.ts)
        assert [each["name"] for each in reply["reactions"]] == ["warning"]
        assert "9 new" not in (await typed(slack, "/desk stats"))["text"]
        await slack.ben.command(seed.GENERAL, "/desk stats")
        assert "9 new" in (await slack.ben.ephemerals())[-1]["text"]


async def test_the_live_list_tells_of_a_bot_that_is_silent(slack: World) -> None:
    live(slack)
    slack.books.silent = {EVERY_BOT: "Ben"}
    assert "Ben has paused the bot" in (await typed(slack, "/desk live"))["text"]


async def test_somebody_is_found_by_number_and_by_name(slack: World) -> None:
    slack.books.views = [assigned()]
    assert (await typed(slack, "/desk find 42"))["text"] == "Found for “42” (1)"
    live(slack)
    assert (await typed(slack, "/desk find sam"))["text"] == "Found for “sam” (1)"
    assert (await typed(slack, "/desk find 41"))["text"] == "I found nobody for “41”."


# --- looking -------------------------------------------------------------------------------------


async def test_the_whole_conversation_is_read_page_by_page(slack: World) -> None:
    slack.books.views = [assigned()]
    slack.books.said = [replace(message(f"word {n}"), seq=n) for n in range(1, 46)]
    slack.books.said[44] = replace(slack.books.said[44], visibility=Visibility.INTERNAL)
    slack.books.said[43] = replace(slack.books.said[43], standing=Standing.HELD)
    slack.books.said[42] = replace(slack.books.said[42], standing=Standing.FAILED)
    seen = await typed(slack, "/desk history 42")
    assert "word 26" in str(seen)
    assert "word 25" not in str(seen)
    assert all(mark in str(seen) for mark in ("🔒", "✋", "⚠️"))
    for first, last in ((6, 25), (1, 5)):
        await slack.ana.click("history_older", channel=seed.GENERAL, ts=seen["ts"])
        await slack.desk.idle()
        seen = (await slack.ana.ephemerals())[-1]
        assert f"word {first}" in str(seen)
        assert f"word {last}" in str(seen)
    assert "history_older" not in str(seen)


async def test_what_is_gone_has_no_more_pages(slack: World) -> None:
    slack.books.views = [assigned()]
    slack.books.said = [replace(message(f"word {n}"), seq=n) for n in range(1, 46)]
    seen = await typed(slack, "/desk history 42")
    slack.books.views = []
    await slack.ana.click("history_older", channel=seed.GENERAL, ts=seen["ts"])
    await slack.desk.idle()
    assert (await slack.ana.ephemerals())[-1]["text"] == "I know no conversation like that."


async def test_the_profile_tells_all_that_is_known(slack: World) -> None:
    shown_ = assigned()
    facts = {"orders": [1009], "x": "", "referral": {"ref": "summer"}}
    person = replace(shown_.contact, email="sam@example.org", attributes=facts)
    slack.books.views = [replace(shown_, contact=person, earlier=2)]
    told = str((await typed(slack, "/desk profile 42"))["blocks"])
    for words_ in (
        "sam@example.org",
        "orders: ",
        "[1009]",
        "referral.ref: ",
        "https://shop.example/checkout?x=1",
    ):
        assert words_ in told


async def test_deleting_asks_first_and_is_done_once(slack: World) -> None:
    slack.books.views = [ended()]
    slack.books.users = [(conversation(), contact())]
    seen = await typed(slack, "/desk delete 42")
    assert seen["text"].startswith("Delete all that was said with #42, Sam Rivera")
    assert slack.bridge.commands == []
    slack.bridge.commands.clear()
    await slack.ana.click("delete_for_good", channel=seed.GENERAL, ts=seen["ts"])
    assert isinstance(await slack.bridge.next(DeleteConversation), DeleteConversation)
    await slack.desk.idle()
    assert (await slack.ana.ephemerals())[-1]["text"] == "Deleted #42, Sam Rivera"


async def test_deleting_what_is_gone_or_not_allowed_is_told(slack: World) -> None:
    slack.books.views = [ended()]
    slack.bridge.answer = lambda _: Rejected("delete_not_allowed")
    seen = await typed(slack, "/desk delete 42")
    await slack.ana.click("delete_for_good", channel=seed.GENERAL, ts=seen["ts"])
    await slack.desk.idle()
    assert (await slack.ana.ephemerals())[-1]["text"].startswith("Deleting is not allowed")
    seen = await typed(slack, "/desk delete 42")
    slack.books.views = []
    await slack.ana.click("delete_for_good", channel=seed.GENERAL, ts=seen["ts"])
    await slack.desk.idle()
    assert (await slack.ana.ephemerals())[-1]["text"] == "I know no conversation like that."


# --- Home ----------------------------------------------------------------------------------------


async def homed(slack: World, person: Person) -> dict[str, Any]:
    await slack.desk.idle()
    return await until(person.home)


async def waits_in_home(slack: World) -> bool:
    return "Waiting (1)" in shown(await homed(slack, slack.ana))


async def test_home_shows_what_there_is_to_do_and_does_it(slack: World) -> None:
    await slack.desk.start()
    await slack.desk.idle()
    mine = await slack.opened(assigned(handoff={"assignee": seed.ANA}))
    waiting = replace(view(), handoff=replace(view().handoff, id=HandoffId("hnd_2"), number=43))
    slack.books.views.append(waiting)
    author = Author(Role.AGENT, seed.ANA, "Ana")
    slack.books.held = [
        replace(message("I know <this> one"), author=author, standing=Standing.HELD)
    ]
    slack.books.held[0] = replace(slack.books.held[0], handoff_id=HandoffId("hnd_1"))
    live(slack)
    await slack.ana.open_home()
    home = await homed(slack, slack.ana)
    told = shown(home)
    for words_ in ("Today: 7 resolved · first reply 48 s", "Yours (1)", "Waiting (1)",
                   "Live with the bot (1)", "*Not sent:* ✋ 1 held"):  # fmt: skip
        assert words_ in told
    assert f"/archives/{mine.channel}/p" in told
    await slack.ana.click("assign_me", view_id=home["id"])
    assert (await slack.bridge.next(Assign)).to == ToHandoff(HandoffId("hnd_2"))
    await slack.ana.click("open_link", view_id=home["id"])
    await slack.ana.click("stuck", view_id=home["id"])
    assert "I know &lt;this&gt; one" in shown(await modal(slack.ana))
    await slack.ana.click("find", view_id=home["id"])
    form = await modal(slack.ana, "Find")
    await slack.ana.submit(form["id"], {"arg": "sam"})
    assert "Found for “sam” (1)" in shown(await modal(slack.ana, "Deskbridge"))


async def test_who_is_there_says_so_by_command_word_and_button(slack: World) -> None:
    thread = await slack.opened(assigned(handoff={"assignee": seed.ANA}))

    async def said(doing: Doing, times: int = 1) -> None:
        came = await slack.bridge.next(Attend)
        assert (came.doing, came.to.id) == (doing, seed.ANA)
        await slack.desk.idle()
        begins = "You are online" if doing is Doing.ONLINE else "You are away"
        told = [each["text"] for each in await slack.ana.ephemerals()]
        assert sum(text.startswith(begins) for text in told) == times

    await slack.ana.command(seed.GENERAL, "/desk online")
    await said(Doing.ONLINE)
    await slack.ana.command(seed.GENERAL, "/desk away")
    await said(Doing.AWAY)
    assert "#42" in str((await slack.ana.ephemerals())[-1]["blocks"])  # what is still hers
    await slack.ana.reply(thread.channel, thread.ts, "!online")
    await said(Doing.ONLINE, 2)
    await slack.ana.open_home()
    home = await homed(slack, slack.ana)
    assert "You are not online yet" in shown(home)
    slack.books.there = [Seat(WorkspaceId("default"), AgentId(seed.ANA), online=True)]
    await slack.ana.click("online", view_id=home["id"])
    assert (await slack.bridge.next(Attend)).doing is Doing.ONLINE
    await slack.desk.idle()
    assert await slack.ana.modal() is None  # Home shows it
    assert "*Online* · 1 open" in shown(await homed(slack, slack.ana))
    await slack.ana.click("away", view_id=home["id"])
    assert (await slack.bridge.next(Attend)).doing is Doing.AWAY


async def test_an_empty_home_says_what_will_appear(slack: World) -> None:
    await slack.ana.open_home()
    assert "Nothing is waiting for you." in shown(await homed(slack, slack.ana))


async def test_home_follows_who_acts_at_once_and_others_a_little_later(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homes, "EVERY", 0.05)
    await slack.desk.start()
    await slack.ana.open_home()
    await slack.ben.open_home()
    await homed(slack, slack.ben)
    thread = await slack.opened(assigned(handoff={"assignee": seed.ANA}))
    assert "Yours (1)" not in shown(await homed(slack, slack.ben))
    slack.books.views[0] = assigned(handoff={"assignee": seed.BEN})
    await slack.desk.refresh(thread, slack.books.views[0])
    assert "Yours (1)" in shown(await homed(slack, slack.ben))
    slack.books.views.append(
        replace(view(), handoff=replace(view().handoff, id=HandoffId("hnd_2"), number=43))
    )
    await slack.desk.refresh(thread, slack.books.views[0])
    await until(lambda: waits_in_home(slack))


async def test_what_changes_while_homes_are_made_anew_is_in_them_a_little_later(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homes, "EVERY", 0.05)
    await slack.desk.start()
    await slack.ana.open_home()
    thread = await slack.opened(assigned(handoff={"assignee": seed.BEN}))
    assert "Waiting (1)" not in shown(await homed(slack, slack.ana))
    look, late = slack.books.open_all, replace(view().handoff, id=HandoffId("hnd_2"), number=43)

    async def before_it_changes(workspace: WorkspaceId) -> Sequence[View]:
        found = list(await look(workspace))
        if len(slack.books.views) == 1:
            slack.books.views.append(replace(view(), handoff=late))
            await slack.desk.refresh(thread, slack.books.views[0])
        return found

    monkeypatch.setattr(slack.books, "open_all", before_it_changes)
    await slack.desk.refresh(thread, slack.books.views[0])
    await until(lambda: waits_in_home(slack))


async def test_a_home_that_cannot_be_shown_harms_nothing(slack: World) -> None:
    rule = {"kind": "error", "methods": ["views.publish"], "error": "fatal_error"}
    slack.box.faults.install({"rules": [rule]}, 0)
    await slack.ana.open_home()
    await slack.desk.idle()
    assert await slack.ana.home() is None


async def test_who_an_agent_is_may_be_asked(slack: World) -> None:
    assert (await slack.desk.agent(AgentId(seed.ANA))).name == "Ana"
    assert (await slack.desk.agent(AgentId("nobody"))).name == ""


# --- wrapping up ---------------------------------------------------------------------------------

WANTS = QueueSettings(name="default", require_labels=("refund", "delivery"), outcomes=("Solved",))


async def told_on_resolve(slack: World, how: str) -> dict[str, Any]:
    """The modal that opens after a resolve whose queue wants to be told more."""
    slack.bridge.answer = lambda _: Rejected("wrap_up_required", {"fields": {}})
    thread = await slack.opened(assigned())
    if how == "card":
        await slack.ana.click("resolve", channel=thread.channel, ts=thread.ts)
    elif how == "more":
        option = f"resolve{menus.CHOICE_SEPARATOR}hnd_1"
        await slack.ana.click("more", channel=thread.channel, ts=thread.ts, option=option)
    elif how == "slash":
        seen = await typed(slack, "/desk resolve 42 silent: solved")
        assert seen["text"].startswith("Its queue wants to be told more before the end")
        await slack.ana.click("wrap_up", channel=seed.GENERAL, ts=seen["ts"])
    else:
        line = LinePost(Line.WRAP_UP, name="Ana", detail="silent\nsolved")
        await slack.desk.post(thread, assigned(), line, "key")
        ts = (await slack.ana.thread(thread.channel, thread.ts))[-1]["ts"]
        await slack.ana.click("wrap_up", channel=thread.channel, ts=ts)
    slack.bridge.answer = lambda _: Accepted()
    return await modal(slack.ana, "Resolve")


@pytest.mark.parametrize("how", ["card", "more", "slash", "line"])
async def test_what_a_queue_wants_to_be_told_is_asked_and_the_resolve_is_not_lost(
    stages: tuple[Stage, Stage], how: str
) -> None:
    async with world(stages, queues=(WANTS,)) as slack:
        form = await told_on_resolve(slack, how)
        fields = {block["block_id"]: block["element"] for block in form["blocks"][1:]}
        assert [each["value"] for each in fields["labels"]["options"]] == ["refund", "delivery"]
        quiet = bool(fields["more_arg"].get("initial_options"))
        chosen = fields["arg"].get("initial_option", {}).get("value")
        assert (chosen, quiet) == (("Solved", True) if how in ("slash", "line") else (None, False))
        filled = {"labels": ["refund"], "arg": "Solved", "more_arg": ["silent"] if quiet else []}
        await slack.ana.submit(form["id"], filled)
        while not (command := await slack.bridge.next(Resolve)).labels:
            pass
        assert (command.labels, command.reason) == (("refund",), "Solved")
        assert command.silent is quiet


async def test_free_labels_are_typed_and_what_has_ended_is_not_asked_about(
    stages: tuple[Stage, Stage],
) -> None:
    free = QueueSettings(name="default", require_labels=True)
    async with world(stages, queues=(free,)) as slack:
        form = await told_on_resolve(slack, "slash")
        await slack.ana.submit(form["id"], {"labels": "vip, #late", "arg": "solved"})
        while not (command := await slack.bridge.next(Resolve)).labels:
            pass
        assert (command.labels, command.reason) == (("vip", "late"), "solved")
        slack.books.views = [ended()]
        line = LinePost(Line.WRAP_UP, name="Ana", detail="\nsolved")
        assert not offers(ended(), line)


@pytest.mark.parametrize(
    ("text", "labels", "reason"),
    [
        ("#refund #vip sent back", ("refund", "vip"), "sent back"),
        ("#refund", ("refund",), ""),
        ("#42 again", (), "#42 again"),
        ("sent #refund", (), "sent #refund"),
        ("", (), ""),
    ],
)
def test_labels_stand_before_the_reason(text: str, labels: tuple[str, ...], reason: str) -> None:
    assert arguments.labelled(text) == (labels, reason)
