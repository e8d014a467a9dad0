"""Work changes hands: who goes away is asked, and several conversations are moved at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.slack import forms, moving
from bridge.commands import Accepted, Answer, Attend, Rejected, Request, ToHandoff, Transfer
from bridge.model import Agent, AgentId, HandoffId
from bridge.queues import Routing
from bridge.settings_agents import AgentSettings
from bridge.settings_sections import QueueSettings
from bridge.views import View
from sandbox.slack import seed
from tests.adapters.slack.test_home import WORST
from tests.adapters.slack.test_ways import homed, modal, shown, typed
from tests.adapters.slack.things import assigned
from tests.adapters.slack.world import Stage, World, world

ANA = Agent(AgentId(seed.ANA), "Ana")
ROUTED = (QueueSettings(name="default", routing=Routing.LEAST_BUSY),)


def of(agent: str, name: str, number: int) -> View:
    made = assigned(handoff={"assignee": AgentId(agent), "assignee_name": name})
    about: dict[str, Any] = {"id": HandoffId(f"hnd_{number}"), "number": number}
    return replace(made, handoff=replace(made.handoff, **about))


def floor(slack: World) -> None:
    slack.books.views = [
        of(seed.ANA, "Ana", 42), of(seed.BEN, "Ben", 43), of(seed.BEN, "Ben", 44)
    ]  # fmt: skip


def chosen(form: dict[str, Any]) -> dict[str, Any]:
    """The form's choices as they stand: from, and which."""
    fields = {block["block_id"].partition(":")[0]: block for block in form["blocks"]}
    which = fields["which"]["element"]["initial_options"]
    start = fields["from"]["element"]["initial_option"]["value"]
    return {"move_from": start, "which": [each["value"] for each in which]}


async def opened(slack: World) -> dict[str, Any]:
    await slack.ana.open_home()
    home = await homed(slack, slack.ana)
    await slack.ana.click("move_work", view_id=home["id"])
    return await modal(slack.ana, "Move work")


async def test_a_supervisor_moves_somebodys_work_to_a_colleague(slack: World) -> None:
    floor(slack)
    form = await opened(slack)
    assert chosen(form) == {"move_from": seed.BEN, "which": ["hnd_43", "hnd_44"]}
    assert "Ben (2)" in shown(form)
    assert "Ana (1)" in shown(form)
    filled = {**chosen(form), "to": seed.ANA, "word": "he is ill"}
    await slack.ana.submit(form["id"], filled)
    for number in (43, 44):
        moved = await slack.bridge.next(Transfer)
        assert moved.to == ToHandoff(HandoffId(f"hnd_{number}"))
        assert moved.agent is not None
        assert (moved.agent.id, moved.word, moved.by.id) == (seed.ANA, "he is ill", seed.ANA)
        assert moved.key == f"slack:view:{form['id']}/{number - 43}"
    assert "Moved to Ana: #43, #44." in shown(await modal(slack.ana, "Deskbridge"))


async def test_whose_work_it_is_may_be_chosen_and_a_queue_may_have_it(slack: World) -> None:
    floor(slack)
    form = await opened(slack)
    await slack.ana.click("move_from", view_id=form["id"], option=seed.ANA)
    await slack.desk.idle()
    form = await modal(slack.ana, "Move work")
    assert chosen(form) == {"move_from": seed.ANA, "which": ["hnd_42"]}
    await slack.ana.submit(form["id"], {**chosen(form), "queue": "default"})
    moved = await slack.bridge.next(Transfer)
    assert (moved.agent, moved.queue) == (None, "default")
    assert "Moved to default: #42." in shown(await modal(slack.ana, "Deskbridge"))


async def test_what_cannot_be_moved_is_told_and_keeps_nothing_back(slack: World) -> None:
    floor(slack)
    form = await opened(slack)
    slack.books.views[2] = of(seed.ANA, "Ana", 44)  # somebody was faster

    def answer(command: Request) -> Answer:
        return Rejected("not_now") if isinstance(command, Transfer) else Accepted()

    slack.bridge.answer = answer
    filled = {**chosen(form), "which": ["hnd_43", "hnd_44", "hnd_gone"], "to": seed.ANA}
    await slack.ana.submit(form["id"], filled)
    told = shown(await modal(slack.ana, "Deskbridge"))
    for words in (
        "Nothing was moved.",
        "#43, Sam Rivera was not: That cannot be done in its present state.",
        "#44, Sam Rivera was not: Somebody else has it by now.",
    ):
        assert words in told


async def test_a_form_that_is_not_whole_says_where(slack: World) -> None:
    floor(slack)
    form = await opened(slack)
    told = await slack.ana.submit(form["id"], chosen(form))
    assert told["errors"] == {"to": "Choose a colleague, or a queue below."}
    assert moving.read({"from": "U1"}).faults.keys() == {"which:U1", "to"}
    told = await slack.ana.submit(form["id"], {**chosen(form), "to": seed.GIL})
    assert told["errors"]["to"].endswith("is not a member of this desk, so they cannot take it.")


async def test_an_agent_moves_only_their_own(stages: tuple[Stage, Stage]) -> None:
    agents = AgentSettings(admins=(seed.BEN,))
    async with world(stages, agents=agents, queues=ROUTED) as slack:
        floor(slack)
        away = await typed(slack, "/desk away")
        assert (await slack.bridge.next(Attend)).to.id == seed.ANA
        assert "goes back to its queue in 5 min" in away["text"]
        assert "#42" in str(away["blocks"])
        await slack.ana.click("move_work", channel=seed.GENERAL, ts=away["ts"])
        form = await modal(slack.ana, "Move work")
        assert chosen(form) == {"move_from": seed.ANA, "which": ["hnd_42"]}
        slack.books.views[0] = of(seed.BEN, "Ben", 42)
        await slack.ana.submit(form["id"], {**chosen(form), "queue": "default"})
        assert "Somebody else has it" in shown(await modal(slack.ana, "Deskbridge"))
        forged = moving.Wish(AgentId(seed.BEN), ("hnd_43",), "", "default")
        assert forged.faults == {}
        assert [each for each in slack.bridge.commands if isinstance(each, Transfer)] == []


async def test_who_goes_away_from_home_is_asked_only_where_something_is_theirs(
    slack: World,
) -> None:
    await slack.ana.open_home()
    home = await homed(slack, slack.ana)
    await slack.ana.click("online", view_id=home["id"])
    await slack.desk.idle()
    assert "away" not in str(await slack.ana.modal())
    floor(slack)
    assert "Yours stay yours" in (await typed(slack, "/desk away"))["text"]
    slack.books.views = []
    assert (await typed(slack, "/desk away"))["text"] == moving.gone(None, ANA, 5).text


@pytest.mark.parametrize("count", [0, 150])
def test_the_form_is_one_that_slack_takes_whatever_there_is(count: int) -> None:
    views = [of(f"U{n:08}", WORST, n) for n in range(count)]
    form = moving.form(views, "U00000149", [WORST[:75]] * 120)
    if not count:
        assert "Nobody has anything" in shown(form)
        return
    start = form["blocks"][0]["element"]
    assert start["initial_option"] in start["options"]
    assert len(start["options"]) == forms.MAX_OPTIONS
    assert chosen(form)["which"] == ["hnd_149"]
