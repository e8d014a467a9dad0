"""The desk with a workspace: what agents write, press and read."""

from __future__ import annotations

from adapters.slack import replies
from bridge.commands import (
    AgentDeleted,
    AgentEdited,
    AgentSaid,
    Assign,
    Duplicate,
    Look,
    Resolve,
    Snooze,
    ToHandoff,
)
from bridge.views import PreviewPost
from sandbox.slack import seed
from sandbox.slack.uploads import remove_file
from tests.adapters.slack.things import assigned, message, post, view
from tests.adapters.slack.world import World


async def test_an_agents_reply_becomes_a_command(slack: World) -> None:
    thread = await slack.opened()
    ts = await slack.ana.reply(thread.channel, thread.ts, "Hello *Sam*")
    said = await slack.bridge.next(AgentSaid)
    assert said.key == f"slack:msg:{seed.TEAM}:{seed.ORDERS}:{ts}"
    assert said.source == f"slack:{seed.TEAM}:{seed.ORDERS}:{ts}"
    assert (said.to.team, said.to.channel, said.to.ts) == (thread.team, thread.channel, thread.ts)
    assert said.by.id == seed.ANA
    assert said.by.member
    assert said.text == "Hello **Sam**"


async def test_an_edit_and_a_deletion_follow(slack: World) -> None:
    thread = await slack.opened()
    ts = await slack.ana.reply(thread.channel, thread.ts, "Helo")
    await slack.bridge.next(AgentSaid)
    await slack.ana.edit(thread.channel, ts, "Hello")
    edited = await slack.bridge.next(AgentEdited)
    assert (edited.text, edited.to.source.rpartition(":")[2]) == ("Hello", ts)
    await slack.ana.delete(thread.channel, ts)
    deleted = await slack.bridge.next(AgentDeleted)
    assert deleted.to.source == edited.to.source


async def test_a_words_wish_is_a_command_with_its_message(slack: World) -> None:
    thread = await slack.opened()
    ts = await slack.ana.reply(thread.channel, thread.ts, "!resolve refund sent")
    resolve = await slack.bridge.next(Resolve)
    assert (resolve.reason, resolve.said.rpartition(":")[2]) == ("refund sent", ts)


async def test_a_colleague_is_assigned_by_mention(slack: World) -> None:
    thread = await slack.opened()
    await slack.ana.reply(thread.channel, thread.ts, "!assign @Ben")
    assign = await slack.bridge.next(Assign)
    assert (assign.by.id, assign.agent.id) == (seed.ANA, seed.BEN)


async def test_the_button_on_the_card_assigns_to_who_pressed(slack: World) -> None:
    thread = await slack.opened()
    await slack.ben.click("assign_me", channel=thread.channel, ts=thread.ts)
    assign = await slack.bridge.next(Assign)
    assert assign.to == ToHandoff(view().handoff.id)
    assert assign.agent.id == seed.BEN


async def test_a_post_lands_in_its_thread_under_the_customers_name(slack: World) -> None:
    thread = await slack.opened()
    receipt = await slack.desk.post(thread, view(), post("<!channel> @here <@U123>"), "eff_1")
    assert receipt.place is not None
    await slack.desk.post(thread, view(), PreviewPost((message("one"), message("two"))), "eff_2")
    [_, first, second] = await slack.ana.thread(thread.channel, thread.ts)
    assert first["username"] == "Sam Rivera · customer"
    assert first["ts"] == receipt.place[2]
    assert first["text"] == "Sam: &lt;!channel&gt; @here &lt;@U123&gt;"
    assert "one" in str(second["blocks"])


async def test_the_card_is_found_by_its_key_and_changes(slack: World) -> None:
    thread = await slack.opened()
    found = await slack.desk.find(None, view(), "eff_hnd_1", 0)
    assert found is not None
    assert found.place == (thread.team, thread.channel, thread.ts)
    await slack.desk.refresh(thread, assigned())
    [root] = await slack.ana.thread(thread.channel, thread.ts)
    assert "Ana Torres" in str(root["blocks"])


async def test_slash_commands_answer_with_the_name(slack: World) -> None:
    await slack.opened(assigned())
    await slack.ana.command(seed.GENERAL, "/resolve 42 refund")
    resolve = await slack.bridge.next(Resolve)
    assert resolve.reason == "refund"
    texts = [each["text"] for each in await slack.ana.ephemerals()]
    assert texts == ["Resolved #42, Sam Rivera"]


async def test_an_exclamation_mark_makes_no_wish(slack: World) -> None:
    thread = await slack.opened()
    await slack.ana.reply(thread.channel, thread.ts, "Great! It is on its way")
    assert (await slack.bridge.next(AgentSaid)).text == "Great! It is on its way"


async def test_a_wish_that_nobody_understands_is_left_to_the_bridge(slack: World) -> None:
    thread = await slack.opened()
    for text in ("!assign somebody", "!snooze whenever", "!dance", "!!"):
        await slack.ana.reply(thread.channel, thread.ts, text)
        said = await slack.bridge.next(AgentSaid)
        assert said.text == text


async def test_a_word_that_only_looks_is_answered_to_who_typed_it(slack: World) -> None:
    thread = await slack.opened()
    words = {
        "!": "#42, Sam Rivera: what would you like to do?",
        "!help": replies.HEAD.split("\n")[0],
        "!profile": "Profile of Sam Rivera",
        "!history": "#42, Sam Rivera: the conversation",
        "!delete": "Delete all that was said with #42, Sam Rivera",
        "!queue": "Waiting (1) · open (1)",
        "!mine": "You have nothing open.",
        "!live": "Nobody has written to the bot within the hour.",
        "!find zoe": "I found nobody for “zoe”.",
        "!find": "I did not understand that. It is: /desk find text",
        "!stats": "The desk in figures",
    }
    for typed, begins in words.items():
        await slack.ana.reply(thread.channel, thread.ts, typed)
        look = await slack.bridge.next(Look)
        assert look.said.startswith("slack:")
        await slack.desk.idle()
        seen = (await slack.ana.ephemerals())[-1]
        assert seen["thread_ts"] == thread.ts
        assert seen["text"].startswith(begins)
    assert await slack.ben.ephemerals() == []


async def test_a_look_that_slack_tells_of_twice_is_shown_once(slack: World) -> None:
    thread = await slack.opened()
    slack.bridge.answer = lambda _: Duplicate()
    await slack.ana.reply(thread.channel, thread.ts, "!help")
    await slack.bridge.next(Look)
    await slack.desk.idle()
    assert await slack.ana.ephemerals() == []


async def test_a_wish_with_a_file_is_left_to_the_bridge(slack: World) -> None:
    thread = await slack.opened()
    file = await slack.ana.upload("photo.jpg", b"\xff\xd8")
    await slack.ana.reply(thread.channel, thread.ts, "!resolve", files=[file])
    said = await slack.bridge.next(AgentSaid)
    assert (said.text, said.files) == ("!resolve", 1)


async def test_a_file_that_is_deleted_is_taken_back_and_the_others_are_not(slack: World) -> None:
    thread = await slack.opened()
    files = [await slack.ana.upload(name, b"\xff\xd8") for name in ("a.jpg", "b.jpg")]
    await slack.ana.reply(thread.channel, thread.ts, "look", files=files)
    said = await slack.bridge.next(AgentSaid)
    workspace = slack.box.workspace
    remove_file(workspace, workspace.files[files[1]])
    gone = await slack.bridge.next(AgentDeleted)
    assert (gone.to.source, gone.files) == (said.source, (1,))
    assert gone.key == f"{said.key}:deleted:1"


async def test_a_snooze_until_tomorrow_ends_at_nine_where_the_agent_is(slack: World) -> None:
    thread = await slack.opened()
    await slack.ana.reply(thread.channel, thread.ts, "!snooze tomorrow")
    snooze = await slack.bridge.next(Snooze)
    offset = (await slack.desk._members.person(seed.ANA)).offset
    assert (snooze.until // 1_000_000 + offset) % 86_400 == 9 * 3_600


async def test_nobodys_name_leaves_with_a_mention(slack: World) -> None:
    thread = await slack.opened()
    ts = await slack.ana.reply(thread.channel, thread.ts, "@Ben will call, @here")
    said = await slack.bridge.next(AgentSaid)
    assert (said.text, said.mentions) == ("@colleague will call, @team", True)
    await slack.ana.edit(thread.channel, ts, "@Ben calls")
    edited = await slack.bridge.next(AgentEdited)
    assert (edited.text, edited.mentions) == ("@colleague calls", True)


async def test_a_reply_shown_in_the_channel_is_a_reply(slack: World) -> None:
    thread = await slack.opened()
    await slack.ana.say(thread.channel, "for all", thread=thread.ts, broadcast=True)
    assert (await slack.bridge.next(AgentSaid)).text == "for all"


async def test_what_is_said_outside_threads_is_nobodys_answer(slack: World) -> None:
    thread = await slack.opened()
    root = await slack.ana.say(seed.ORDERS, "lunch?")
    await slack.ana.edit(seed.ORDERS, root, "lunch!")
    await slack.ana.delete(seed.ORDERS, root)
    await slack.ana.reply(thread.channel, thread.ts, "last")
    assert (await slack.bridge.next(AgentSaid)).text == "last"
    assert slack.bridge.commands == []


async def test_an_event_that_comes_twice_has_one_key(slack: World) -> None:
    slack.box.faults.install({"rules": [{"kind": "duplicate_events", "concurrent": True}]}, 0)
    thread = await slack.opened()
    await slack.ana.reply(thread.channel, thread.ts, "hello")
    one, two = [await slack.bridge.next(AgentSaid) for _ in range(2)]
    assert one == two
