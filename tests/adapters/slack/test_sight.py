"""What came to the queues of others is not looked at by agents."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.settings_agents import AgentSettings
from bridge.settings_sections import DEFAULT_QUEUE, QueueSettings
from sandbox.slack import seed
from tests.adapters.slack.test_slash import numbered
from tests.adapters.slack.test_ways import typed
from tests.adapters.slack.things import ended, message, view
from tests.adapters.slack.world import Stage, world


async def test_what_came_to_others_queues_is_not_looked_at(stages: tuple[Stage, Stage]) -> None:
    """By number, by name, by filter and page by page; where no staff is named, or to those who
    supervise, all is shown."""
    theirs = QueueSettings(name="billing", members=(seed.CHLOE,))
    named = AgentSettings(admins=(seed.BEN,))
    for agents, refused in ((named, True), (AgentSettings(), False)):
        async with world(stages, queues=(*DEFAULT_QUEUE, theirs), agents=agents) as slack:
            slack.books.views = [numbered(view(), 7, queue="billing")]
            slack.books.users = [(slack.books.views[0].conversation, view().contact)]
            slack.books.hidden = {slack.books.views[0].conversation.id}
            slack.books.said = [message("the secret")]
            for verb in ("history", "profile"):
                told = (await typed(slack, f"/desk {verb} 7"))["text"]
                assert ("queue that is not yours" in told) is refused
            for words in ("sam", "7"):
                told = (await typed(slack, f"/desk find {words}"))["text"]
                assert ("I found nobody" in told) is refused
            await typed(slack, "/desk find is:open")
            assert (slack.books.wanted[-1].sight is not None) is refused
            told = (await typed(slack, "/desk resolve"))["text"]
            assert ("Nothing is open" in told) is refused


async def test_an_older_page_of_what_came_to_others_queues_is_not_shown(
    stages: tuple[Stage, Stage],
) -> None:
    """Whose queue changed hands while the page was open."""
    billing = QueueSettings(name="billing", members=(seed.CHLOE,))
    agents = AgentSettings(admins=(seed.BEN,))
    async with world(stages, queues=(*DEFAULT_QUEUE, billing), agents=agents) as slack:
        slack.books.views = [view(conversation={"seq": 45})]
        slack.books.said = [replace(message(f"word {n}"), seq=n) for n in range(1, 46)]
        seen = await typed(slack, "/desk history 42")
        slack.books.views = [view(handoff={"queue": "billing"}, conversation={"seq": 45})]
        slack.books.hidden = {slack.books.views[0].conversation.id}
        await slack.ana.click("history_older", channel=seed.GENERAL, ts=seen["ts"])
        await slack.desk.idle()
        assert "queue that is not yours" in (await slack.ana.ephemerals())[-1]["text"]


@pytest.mark.parametrize("typed_", ["take 42", "say 42 hello", "pause 42", "block 42"])
async def test_what_is_over_in_others_queues_is_not_gone_on_with(
    stages: tuple[Stage, Stage], typed_: str
) -> None:
    """As with what is open there, where the bridge says no. Who is with the bot, and named by no
    handoff, is anybody's."""
    billing = QueueSettings(name="billing", members=(seed.CHLOE,))
    async with world(stages, queues=(*DEFAULT_QUEUE, billing)) as slack:
        for queue, refused in (("billing", True), ("default", False)):
            slack.books.views = [ended(handoff={"queue": queue})]
            told = (await typed(slack, f"/desk {typed_}"))["text"]
            assert ("Only members" in told) is refused
            assert bool(slack.bridge.commands) is not refused


async def test_what_is_over_in_others_queues_is_not_deleted(stages: tuple[Stage, Stage]) -> None:
    billing = QueueSettings(name="billing", members=(seed.CHLOE,))
    async with world(stages, queues=(*DEFAULT_QUEUE, billing)) as slack:
        slack.books.views = [ended()]
        asked = await typed(slack, "/desk delete 42")
        slack.books.views = [ended(handoff={"queue": "billing"})]
        await slack.ana.click("delete_for_good", channel=seed.GENERAL, ts=asked["ts"])
        await slack.desk.idle()
        assert "Only members" in (await slack.ana.ephemerals())[-1]["text"]
        assert slack.bridge.commands == []
