"""The first story, whole: bot, human, notes, and back to the bot."""

import pytest

from sandbox.slack.person import Person
from sandbox.slack.seed import ORDERS
from tests.scenarios.processes import until
from tests.scenarios.stage import Stage
from tests.scenarios.thread import Thread, marks_of, plain

NOTES = (
    "!note he called before",
    "!n courier says tomorrow",
    ";; check the depot",
    "🔒 his card was declined",
    "note: a regular",
    "NOTE: be kind",
    "Internal: refund only after return",
    "  !n with blanks before",
    "> !n as a quote",
    "`!n as code`",
)


@pytest.mark.parametrize("resolve", ["/resolve", "!resolve"])
async def test_a_human_takes_over_from_the_bot_and_gives_back(stage: Stage, resolve: str) -> None:
    sam = await stage.customer("Sam Rivera")
    shown = sam.stream()
    await sam.say("Hello")
    await sam.has_heard("Echo: Hello", kind="bot")
    await sam.say("My parcel never came. I want a human")
    thread = await stage.thread(sam)
    ana = stage.agent()

    # The card says who waits, the preview what was said before.
    card = await thread.card()
    assert card["text"].startswith("Waiting: Sam Rivera, My parcel never came")
    preview = await until(thread.preview)
    assert all(words in preview for words in ("Hello", "Echo: Hello", "My parcel never came"))

    # Ana takes it with a click and answers; Sam answers her.
    await ana.click("assign_me", channel=ORDERS, ts=thread.ts)
    await thread.card_begins("Ana")
    stamps = [await ana.reply(ORDERS, thread.ts, "Hello Sam, which order is it?")]
    await sam.has_heard("Hello Sam, which order is it?")
    await sam.say("It is 1009")
    await thread.has_said("It is 1009")

    # Notes stay inside, however they are spelled.
    stamps += [await ana.reply(ORDERS, thread.ts, note) for note in NOTES]
    stamps.append(await ana.reply(ORDERS, thread.ts, "It arrives *tomorrow*."))
    await sam.has_heard("Hello Sam, which order is it?", "It arrives **tomorrow**.")
    for stamp, mark in zip(stamps, ["✅", *("🔒" for _ in NOTES), "✅"], strict=True):
        await thread.has_mark(stamp, mark)

    # The bot gets the conversation back, with what the human said and nothing of the notes.
    await _resolve(stage, thread, ana, resolve)
    returned = await stage.the_bot.first(sam.conversation, "control.returned")
    said = [line["text"] for line in returned.data["transcript"] if line["role"] == "agent"]
    assert said == ["Hello Sam, which order is it?", "It arrives **tomorrow**."]
    assert "courier" not in str(returned.data)
    await thread.card_begins("Resolved")
    await sam.say("Thanks")
    await sam.has_heard("Echo: Hello", "Echo: Thanks", kind="bot")

    # One mark on each of Ana's messages, and on the stream what a fresh client sees.
    assert [marks_of(post) for post in await thread.by(ana.id) if len(marks_of(post)) != 1] == []
    await sam.has_seen(shown)
    assert len({(kind, m["id"]) for kind, _, m in shown.events}) == len(shown.events)
    system = await sam.texts("system")
    assert [text.split(".")[0] for text in system] == [
        "One moment, I am finding a person to help you",
        "Ana has joined the conversation",
        "Ana has left the conversation",
    ]


async def _resolve(stage: Stage, thread: Thread, ana: Person, how: str) -> None:
    if how == "!resolve":
        stamp = await ana.reply(ORDERS, thread.ts, "!resolve refunded")
        await thread.has_mark(stamp, "🔒")
        return
    number = (await stage.api("GET", f"/handoffs/{thread.handoff}")).json()["number"]
    await ana.command(ORDERS, f"/resolve {number} refunded")
    newest = max(await until(ana.ephemerals), key=lambda message: str(message["ts"]))
    assert f"Resolved #{number}, Sam Rivera" in plain(newest)


async def test_without_a_bot_the_first_message_opens_a_handoff(desk_alone: Stage) -> None:
    sam = await desk_alone.customer("Sam Rivera")
    assert sam.settings["has_bot"] is False
    await sam.say("Is anybody there?")
    thread = await desk_alone.thread(sam)
    await thread.has_said("Is anybody there?")
    ana = desk_alone.agent()

    # The first reply takes it.
    stamp = await ana.reply(ORDERS, thread.ts, "I am!")
    await sam.has_heard("I am!")
    await thread.has_mark(stamp, "✅")
    await ana.reply(ORDERS, thread.ts, "!resolve")
    await thread.card_begins("Resolved")

    # Who writes again soon is back with the same person, in the same thread.
    await sam.say("One more thing")
    await thread.has_said("Is anybody there?", "One more thing")
    await thread.card_begins("Ana")
    assert all(len(marks_of(post)) <= 1 for post in await thread.posts())
