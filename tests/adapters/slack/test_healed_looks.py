"""How it looks when a thread was opened anew, a wait is overdue, or a held message was settled."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.slack import lines, posts
from adapters.slack.card import card
from bridge.effects import Line
from bridge.model import SECOND, Awaiting
from bridge.queues import Goals
from bridge.settings_hours import HoursSettings
from bridge.settings_sections import GoalSettings, QueueSettings
from bridge.views import LinePost, PreviewPost, View
from sandbox.slack import seed
from tests.adapters.slack.checks import check, shown
from tests.adapters.slack.things import ANA, assigned, ended, message, view
from tests.adapters.slack.world import Stage, World, now, world

GOAL = 300 * SECOND


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("thread_gone", "The thread of this handoff was deleted; it goes on here."),
        ("restricted_action_thread_locked", "The thread of this handoff was locked; it goes on"),
        ("is_archived", "The channel of this handoff's thread cannot be used any more; it goes"),
    ],
)
def test_a_new_thread_says_why_and_calls_who_has_it(reason: str, text: str) -> None:
    body = lines.line(view(), LinePost(Line.MOVED, detail=reason), "k")
    check(body)
    assert body.text.startswith(text)
    called = lines.line(assigned(), LinePost(Line.MOVED, who=ANA, detail=reason), "k")
    assert called.text.startswith(f"<@{ANA}> {text}")


def test_what_was_said_so_far_is_called_so() -> None:
    body = posts.preview(view(), PreviewPost((message("hello"),), 4, so_far=True), "k")
    check(body)
    assert "What was said so far (the last 1)" in shown(body)


@pytest.mark.parametrize(
    ("made", "bold"), [(view(), "*Waiting since "), (assigned(), "*customer waiting since ")]
)
def test_an_overdue_wait_is_bold_and_tells_its_goal(made: View, bold: str) -> None:
    overdue, in_time = card(made, goal=GOAL), card(made)
    check(overdue)
    text = json.dumps(overdue.blocks)
    assert bold in text
    assert ", goal 5 min*" in text
    assert bold not in json.dumps(in_time.blocks)
    ids = [{block["block_id"] for block in body.blocks} for body in (overdue, in_time)]
    assert ids[0] != ids[1]  # or a client would keep what it knows of the block


@pytest.mark.parametrize(
    ("how", "name", "text"),
    [
        ("sent", "Ana", "✋ Held at first, then sent by Ana"),
        ("note", "Ana", "🔒 Kept as a note by Ana"),
        ("note", "", "🔒 Kept as a note"),
        ("deleted", "", "✋ Held, and deleted before anybody sent it: Sam has not got it"),
    ],
)
def test_what_was_chosen_is_told_and_nothing_is_left_to_press(
    how: str, name: str, text: str
) -> None:
    body = lines.chosen(view(), how, name)
    check(body)
    assert (body.text, len(body.blocks)) == (text, 1)


async def test_the_card_is_overdue_from_the_goal_on_and_only_while_the_customer_waits(
    slack: World,
) -> None:
    desk = slack.desk
    late = now() - GOAL
    place = replace(desk._threads._config.queue("default"), goals=Goals(first_reply=GOAL))
    desk._threads._config = replace(desk._threads._config, listed=(place,))
    thread = await slack.opened()
    for shown_, overdue in (
        (view(conversation={"awaiting_since": late}), True),
        (view(conversation={"awaiting_since": late + 60 * SECOND}), False),
        (view(conversation={"awaiting_since": late, "awaiting": Awaiting.CUSTOMER}), False),
        (ended(), False),
    ):
        await desk.refresh(thread, shown_)
        kept = slack.box.workspace.channels[seed.ORDERS].messages[thread.ts]
        assert (", goal 5 min*" in json.dumps(kept.blocks)) is overdue


async def test_outside_the_hours_the_card_says_until_when_and_nothing_is_overdue(
    stages: tuple[Stage, Stage],
) -> None:
    today = datetime.fromtimestamp(now() / SECOND, UTC).date()
    shut = HoursSettings(holidays=tuple(today + timedelta(days=n) for n in (-1, 0, 1)))
    goals = GoalSettings(first_reply=300.0)
    queues = (QueueSettings(name="default", hours=shut, goals=goals),)
    async with world(stages, queues=queues) as slack:
        thread = await slack.opened()
        for shown_, told in (
            (view(conversation={"awaiting_since": now() - GOAL}), True),
            (assigned(), False),
        ):
            await slack.desk.refresh(thread, shown_)
            kept = slack.box.workspace.channels[seed.ORDERS].messages[thread.ts]
            assert ("closed until <!date^" in json.dumps(kept.blocks)) is told
            assert not told or "goal 5 min" not in json.dumps(kept.blocks)
