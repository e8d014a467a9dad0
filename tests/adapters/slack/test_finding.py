"""Filters among the words of a search, the form that writes them, and pages of what was found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.slack import filled, finding, forms
from adapters.slack.finding import Sought, read
from bridge.lists import NOBODY, Sort, Wanted
from bridge.model import OPEN, SECOND, Agent, AgentId, HandoffId, Status
from sandbox.slack import seed
from tests.adapters.slack.test_ways import homed, modal, shown, typed
from tests.adapters.slack.things import NOW, conversation, message, view
from tests.adapters.slack.world import World

ANA = Agent(AgentId(seed.ANA), "Ana")
QUEUES = ("default", "billing")
DAY = 86_400 * SECOND


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("is:mine", {"agent": seed.ANA}),
        ("IS:others", {"other_than": seed.ANA}),
        ("is:unassigned is:waiting", {"agent": NOBODY, "statuses": frozenset({Status.QUEUED})}),
        ("is:ended refund 7", {"statuses": frozenset(Status) - OPEN, "text": "refund 7"}),
        ("label:vip queue:billing", {"label": "vip", "queue": "billing"}),
        ("newer:7d older:2h", {"since": NOW - 7 * DAY, "until": NOW - 2 * 3600 * SECOND}),
        ("sort:waiting https://x.io is:", {"sort": Sort.WAITING, "text": "https://x.io is:"}),
        ("of:cnv_1", {"person": "cnv_1"}),
    ],
)
def test_filters_are_read_wherever_they_stand(text: str, wanted: dict[str, Any]) -> None:
    assert read(text, ANA, NOW, QUEUES) == Sought(Wanted(**wanted), filtered=True)


@pytest.mark.parametrize("word", ["is:lost", "queue:none", "newer:soon", "older:x", "sort:best"])
def test_a_filter_that_means_nothing_is_named(word: str) -> None:
    assert read(f"sam {word}", ANA, NOW, QUEUES).fault == word


def test_without_a_filter_people_are_looked_for_and_those_whose_bot_is_paused() -> None:
    assert read("sam rivera", ANA, NOW, QUEUES) == Sought(Wanted(text="sam rivera"))
    paused = read("is:paused sam", ANA, NOW, QUEUES)
    assert (paused.paused, paused.filtered, paused.wanted.text) == (True, False, "sam")


def test_each_choice_of_the_form_is_a_filter_that_is_understood() -> None:
    blocks = finding.form(QUEUES)["blocks"]
    menus = [b for b in blocks if b["element"]["type"] == "static_select"]
    assert [b["block_id"] for b in blocks] == [
        "arg", "whose", "state", "queue", "label", "age", "sort",
    ]  # fmt: skip
    for block in menus:
        for option in block["element"]["options"]:
            assert not read(option["value"], ANA, NOW, QUEUES).fault
    assert "queue" not in str([b["block_id"] for b in finding.form(("default",))["blocks"]])


async def test_handoffs_are_found_by_the_form_page_by_page(slack: World) -> None:
    await slack.desk.start()
    await slack.opened(view())
    for number in range(43, 60):
        one = replace(view().handoff, id=HandoffId(f"hnd_{number}"), number=number)
        slack.books.views.append(replace(view(), handoff=one))
    await slack.ana.open_home()
    found = await homed(slack, slack.ana)
    await slack.ana.click("find", view_id=found["id"])
    form = await modal(slack.ana, "Find")
    filled = {"state": "is:waiting", "label": "vip slow", "sort": "sort:oldest", "arg": "refund"}
    await slack.ana.submit(form["id"], filled)
    page = await modal(slack.ana, "Deskbridge")
    assert "is:waiting sort:oldest label:vip label:slow refund" in shown(page)
    assert slack.books.wanted[-1] == Wanted(
        statuses=frozenset({Status.QUEUED}), label="slow", text="refund", sort=Sort.OLDEST
    )
    assert ("#42" in shown(page), "#56" in shown(page), "#57" in shown(page)) == (
        True, True, False,
    )  # fmt: skip
    await slack.ana.click("found_more", view_id=page["id"])
    await slack.desk.idle()
    rest = shown(await modal(slack.ana))
    assert ("#56" in rest, "#57" in rest, "found_more" in rest) == (False, True, False)


async def test_a_slash_command_finds_the_same(slack: World) -> None:
    assert (await typed(slack, "/desk find is:mine"))["text"] == "I found nothing for “is:mine”."
    told = (await typed(slack, "/desk find is:lost"))["text"]
    assert told.startswith("I do not know the filter “is:lost”.")
    slack.books.users = [(conversation(paused_by="Ben"), view().contact)]
    told = (await typed(slack, "/desk find is:paused"))["text"]
    assert told == "Found for “is:paused” (1)"


async def test_a_persons_handoffs_are_listed_from_their_conversation(slack: World) -> None:
    thread = await slack.opened(view())
    slack.books.said = [message()]
    option = "history hnd_1"
    await slack.ana.click("more", channel=thread.channel, ts=thread.ts, option=option)
    page = await modal(slack.ana, "Whole conversation")
    await slack.ana.click("history_past", view_id=page["id"])
    await slack.desk.idle()
    assert "#42" in shown(await modal(slack.ana))
    assert slack.books.wanted[-1].person == "cnv_1"


@pytest.mark.parametrize("value", ["x", "[]", '{"text": "a"}', '{"text": "a", "after": ["b"]}'])
def test_a_next_page_that_nobody_wrote_is_none(value: str) -> None:
    assert finding.read_more(value) is None


def test_what_is_filled_in_is_what_one_would_have_typed() -> None:
    payload = {
        "user": {"id": seed.ANA},
        "view": {
            "id": "V1",
            "callback_id": forms.DO,
            "private_metadata": finding.form(())["private_metadata"],
            "state": {"values": {"whose": {"arg": {"selected_option": {"value": "is:mine"}}},
                                 "arg": {"arg": {"value": " sam "}}}},
        },
    }  # fmt: skip
    sent = filled.read(payload)
    assert sent is not None
    assert (sent.choice.verb, sent.choice.args) == ("find", "is:mine sam")


async def test_the_conversation_is_read_both_ways(slack: World) -> None:
    slack.books.views = [view(conversation={"seq": 45})]
    slack.books.said = [replace(message(f"word {n}"), seq=n) for n in range(1, 46)]
    seen = await typed(slack, "/desk history 42")
    assert "history_newer" not in str(seen)
    for way, first, last in (("older", 6, 25), ("older", 1, 5), ("newer", 6, 25)):
        await slack.ana.click(f"history_{way}", channel=seed.GENERAL, ts=seen["ts"])
        await slack.desk.idle()
        seen = (await slack.ana.ephemerals())[-1]
        assert f"word {first}'" in str(seen)
        assert f"word {last}'" in str(seen)
        assert f"word {last + 1}'" not in str(seen)
