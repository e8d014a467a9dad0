"""Notes belong to the person: colleagues read them at the next handoff, and customers never."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bridge.commands import AddNote, Escalation, OpenHandoff, Resolve, ToHandoff, Transfer
from bridge.queues import Queue
from bridge.showing import NOTES
from bridge.views import PreviewPost
from tests.bridge.driver import ANA, BOT, SAM
from tests.bridge.house import API, house


async def test_what_was_noted_at_earlier_handoffs_is_shown_with_what_was_said_before(
    tmp_path: Path,
) -> None:
    async with house(f"sqlite:///{tmp_path}/desk.db") as home:
        await home.hears("hello")
        first = await home.hands_over()
        for number in range(NOTES + 1):
            await home.do(
                AddNote(home.key(), home.clock.now, ToHandoff(first.id), ANA, f"note {number}")
            )
        gone = await home.reads.history(first.conversation_id, 1 << 60, 9, notes=True)
        assert [each.text for each in gone] == [f"note {n}" for n in range(NOTES + 1)]
        await home.do(Resolve(home.key(), home.clock.now, home.thread, ANA, "found"))
        home.clock.move(60)
        asked = OpenHandoff(home.key(), home.clock.now, replace(SAM), API, Escalation("again"))
        await home.do(asked)
        await home.until(lambda: len(home.desk.opened) == 2)
        await home.quiet()
        previews = [post for _, post in home.desk.posted if isinstance(post, PreviewPost)]
        assert [post.notes for post in previews[:-1]] == [()] * (len(previews) - 1)
        noted = [each.text for each in previews[-1].notes]
        assert noted == [f"note {n}" for n in range(1, NOTES + 1)]
        assert not any("note" in text for _, text in home.channel.sent)


async def test_the_word_of_a_transfer_and_what_was_noted_stand_in_the_new_thread(
    tmp_path: Path,
) -> None:
    queues = (Queue(place="C0HELP"), Queue("billing", place="C0BILLING"))
    policy = replace(BOT, queues=queues)
    async with house(f"sqlite:///{tmp_path}/desk.db", policy=policy) as home:
        await home.hears("hello")
        first = await home.hands_over()
        member = replace(ANA, queues=("default", "billing"))
        at, asked = home.clock.now, ToHandoff(first.id)
        await home.do(AddNote(home.key(), at, asked, member, "is upset"))
        given = Transfer(home.key(), at, asked, member, queue="billing", word="wants money back")
        await home.do(given)
        await home.until(lambda: len(home.desk.opened) == 2)
        await home.quiet()
        before, after = [post for _, post in home.desk.posted if isinstance(post, PreviewPost)]
        assert (before.notes, after.so_far) == ((), True)
        assert [each.text for each in after.notes] == ["is upset", "wants money back"]
