"""What agents do in a thread: corrections, held messages, and who may speak at all."""

import pytest

from sandbox.slack import seed
from sandbox.slack.seed import ORDERS
from tests.scenarios.beginnings import with_a_human
from tests.scenarios.processes import until, until_equal
from tests.scenarios.stage import Stage
from tests.scenarios.thread import buttons, plain


async def test_edits_and_deletes_reach_the_customer(stage: Stage) -> None:
    sam, thread, ana = await with_a_human(stage)
    shown = sam.stream()
    first = await ana.reply(ORDERS, thread.ts, "It comes on Mondya")
    second = await ana.reply(ORDERS, thread.ts, "Wrong window")
    await sam.has_heard("Hello", "It comes on Mondya", "Wrong window")
    await ana.edit(ORDERS, first, "It comes on Monday")
    await ana.delete(ORDERS, second)
    await sam.has_heard("Hello", "It comes on Monday")

    async def both_updates() -> list[str]:
        return sorted(message["text"] for kind, _, message in shown.events if kind == "update")

    await until_equal(both_updates, ["", "It comes on Monday"])
    await sam.has_seen(shown)
    changed = [message for message in await sam.messages() if message["edited_at"]]
    assert [message["deleted"] for message in changed] == [False, True]


async def test_a_note_that_is_edited_stays_a_note(one_stage: Stage) -> None:
    sam, thread, ana = await with_a_human(one_stage)
    note = await ana.reply(ORDERS, thread.ts, "!n he is angry")
    await thread.has_mark(note, "🔒")
    await ana.edit(ORDERS, note, "he is angry")
    after = await ana.reply(ORDERS, thread.ts, "Coming")
    await thread.has_mark(after, "✅")
    await sam.has_heard("Hello", "Coming")
    assert await thread.marks(note) == ["🔒"]


async def test_a_reply_that_is_edited_into_a_note_is_taken_back_by_a_click(
    one_stage: Stage,
) -> None:
    sam, thread, ana = await with_a_human(one_stage)
    ts = await ana.reply(ORDERS, thread.ts, "We owe him money")
    await sam.has_heard("Hello", "We owe him money")
    await thread.has_mark(ts, "✅")
    await ana.edit(ORDERS, ts, "!n We owe him a lot of money")
    line = await thread.line_about("is a note now, and yet Sam has it")
    await sam.has_heard("Hello", "We owe him money")
    assert buttons(line) == ["recall"]
    await ana.click("recall", channel=ORDERS, ts=line["ts"])
    await sam.has_heard("Hello")
    await thread.has_mark(ts, "🔒")


async def test_an_edit_that_would_not_have_left_stays_here(one_stage: Stage) -> None:
    sam, thread, ana = await with_a_human(one_stage)
    ts = await ana.reply(ORDERS, thread.ts, "Your card is charged")
    await sam.has_heard("Hello", "Your card is charged")
    await ana.edit(ORDERS, ts, "Your card 4111 1111 1111 1111 is charged")
    await thread.line_about("Your edit seems to hold something secret and stays here")
    await sam.has_heard("Hello", "Your card is charged")


async def test_who_joins_in_is_asked_once(one_stage: Stage) -> None:
    sam, thread, _ = await with_a_human(one_stage)
    ben = one_stage.agent(seed.BEN)
    ts = await ben.reply(ORDERS, thread.ts, "I know this one")
    await thread.has_mark(ts, "✋")
    line = await thread.line_about("Ana has this conversation")
    await ben.click("join_and_send", channel=ORDERS, ts=line["ts"])
    await sam.has_heard("Hello", "I know this one")
    more = await ben.reply(ORDERS, thread.ts, "And more")
    await sam.has_heard("Hello", "I know this one", "And more")
    await thread.has_mark(more, "✅")
    await thread.card_begins("Ana")


async def test_in_an_open_handoff_pause_says_so_and_resume_asks(one_stage: Stage) -> None:
    sam, thread, ana = await with_a_human(one_stage)
    asked = await ana.reply(ORDERS, thread.ts, "!pause")
    await thread.has_mark(asked, "🔒")
    await thread.line_about("The bot is silent here anyway")
    await ana.reply(ORDERS, thread.ts, "!resume")
    line = await thread.line_about("Resolve the conversation to give Sam to the bot?")
    assert buttons(line) == ["resolve"]
    await ana.click("resolve", channel=ORDERS, ts=line["ts"])
    await thread.card_begins("Resolved")
    await sam.has_heard("Hello")


@pytest.mark.parametrize("typed", ["!refund now", "!!", "! resolve", "!asign @Ben"])
async def test_an_unknown_command_is_held_and_kept_by_a_click(one_stage: Stage, typed: str) -> None:
    sam, thread, ana = await with_a_human(one_stage)
    ts = await ana.reply(ORDERS, thread.ts, typed)
    await thread.has_mark(ts, "✋")
    line = await thread.line_about("was not sent to Sam")
    assert buttons(line) == ["send_held", "keep_as_note"]
    await ana.click("keep_as_note", channel=ORDERS, ts=line["ts"])
    await thread.has_mark(ts, "🔒")
    await sam.has_heard("Hello")


async def test_a_held_message_is_sent_by_a_click_and_only_once(one_stage: Stage) -> None:
    sam, thread, ana = await with_a_human(one_stage)
    ts = await ana.reply(ORDERS, thread.ts, "!important: keep the box")
    await thread.has_mark(ts, "✋")
    line = await thread.line_about("was not sent to Sam")
    await ana.click("send_held", channel=ORDERS, ts=line["ts"])
    await thread.has_mark(ts, "✅")
    await sam.has_heard("Hello", "!important: keep the box")

    async def settled() -> bool:
        changed = next(m for m in await thread.posts() if m["ts"] == line["ts"])
        return buttons(changed) == [] and "sent by Ana" in plain(changed)

    await until(settled, what="the line to have no buttons any more")


async def test_what_somebody_else_has_is_held_until_it_is_taken_over(one_stage: Stage) -> None:
    sam, thread, _ = await with_a_human(one_stage)
    ben = one_stage.agent(seed.BEN)
    ts = await ben.reply(ORDERS, thread.ts, "I know this one")
    await thread.has_mark(ts, "✋")
    line = await thread.line_about("Ana has this conversation")
    await ben.click("take_over_and_send", channel=ORDERS, ts=line["ts"])
    await sam.has_heard("Hello", "I know this one")
    await thread.has_mark(ts, "✅")
    await thread.card_begins("Ben")
    assert "Ben is taking over from here." in await sam.texts("system")


async def test_words_after_the_end_are_held_and_reopen_by_a_click(stage: Stage) -> None:
    sam, thread, ana = await with_a_human(stage)
    await ana.reply(ORDERS, thread.ts, "!resolve")
    await thread.card_begins("Resolved")
    ts = await ana.reply(ORDERS, thread.ts, "One more thing")
    await thread.has_mark(ts, "✋")
    await sam.has_heard("Hello")
    line = await thread.line_about("was not sent to Sam")
    await ana.click("send_held", channel=ORDERS, ts=line["ts"])
    await sam.has_heard("Hello", "One more thing")
    await thread.has_mark(ts, "✅")
    await thread.card_begins("Ana")
    assert (await stage.conversation(sam))["mode"] == "human"


@pytest.mark.parametrize("who", [seed.GIL, seed.OSCAR], ids=["a guest", "an outsider"])
async def test_who_is_no_full_member_never_speaks_to_customers(one_stage: Stage, who: str) -> None:
    sam, thread, ana = await with_a_human(one_stage)
    await one_stage.oracle.post("member", {"channel": ORDERS, "user": who, "on": True})
    stranger = one_stage.agent(who)
    ts = await stranger.reply(ORDERS, thread.ts, "Hello Sam, it is me")
    await thread.has_mark(ts, "✋")
    line = await thread.line_about("was not sent to Sam")
    await stranger.click("send_held", channel=ORDERS, ts=line["ts"])
    await stranger.click("resolve", channel=ORDERS, ts=thread.ts)
    after = await ana.reply(ORDERS, thread.ts, "Still here")
    await thread.has_mark(after, "✅")
    await sam.has_heard("Hello", "Still here")
    assert await thread.marks(ts) == ["✋"]


async def test_a_long_answer_arrives_whole(stage: Stage) -> None:
    sam, thread, ana = await with_a_human(stage)
    paragraphs = (f"Part {n}: " + "some words of it, " * 15 + "end." for n in range(60))
    long = "\n\n".join(paragraphs)[:11_900].rstrip()
    await ana.reply(ORDERS, thread.ts, long)
    await sam.has_heard("Hello", long)


async def test_pictures_of_emoji_and_markup_arrive_as_meant(one_stage: Stage) -> None:
    sam, thread, ana = await with_a_human(one_stage)
    await ana.reply(ORDERS, thread.ts, "5 < 6 & *bold* _it_ `code` https://example.com/?a=1&b=2")
    await sam.has_heard("Hello", "5 < 6 & **bold** *it* `code` <https://example.com/?a=1&b=2>")
