"""Suggestions as agents see them: sent, changed and sent, or dismissed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.slack import helping, lines, pages
from adapters.slack.blocks import Body
from adapters.slack.targets import of_view
from bridge.commands import Accepted, DismissSuggestion, Rejected, ToMessage, UseSuggestion
from bridge.effects import Line
from bridge.model import Author, Message, MessageId, Role, Standing, Visibility
from bridge.views import LinePost
from sandbox.slack import seed
from tests.adapters.slack.checks import check
from tests.adapters.slack.test_ways import modal, shown
from tests.adapters.slack.things import assigned, ended, message
from tests.adapters.slack.world import World

TO = ToMessage(MessageId("msg_s"))


def suggestion(text: str = "It is *on its way*", kind: str = "reply") -> Message:
    author = Author(Role.BOT, "robo", "Robo")
    made = message(text, id="msg_s", author=author, held_for=f"suggestion:{kind}")
    return replace(made, visibility=Visibility.INTERNAL, standing=Standing.HELD)


def line(said: Message | None, **of: object) -> Body:
    view = ended() if of else assigned()
    return lines.line(view, LinePost(Line.SUGGESTED, said, name="Robo"), "line/1")


def buttons(body: Body) -> list[str]:
    found = [e for block in body.blocks if block["type"] == "actions" for e in block["elements"]]
    return [e["action_id"] for e in found]


async def stands(slack: World, said: Message) -> str:
    """The line in the thread; its ts."""
    thread = await slack.opened(assigned())
    slack.books.said = [replace(said, handoff_id=assigned().handoff.id)]
    post = LinePost(Line.SUGGESTED, said, name="Robo")
    receipt = await slack.desk.post(thread, assigned(), post, "line/1")
    assert receipt.place
    return receipt.place[2]


def test_it_says_whose_it_is_and_what_can_be_done() -> None:
    body = line(suggestion())
    check(body)
    assert "Robo suggests a reply; only the team sees it" in body.text
    assert buttons(body) == [helping.USE, helping.EDIT, helping.DISMISS]
    assert "Send to Sam" in str(body.blocks)
    assert buttons(line(suggestion(kind="summary"))) == [helping.DISMISS]


SENT, GONE = replace(suggestion(), standing=Standing.SENT), replace(suggestion(), deleted=True)


@pytest.mark.parametrize("said", [None, SENT, GONE])
def test_what_is_decided_offers_nothing_more(said: Message | None) -> None:
    assert buttons(line(said)) == []
    assert buttons(line(suggestion(), over=True)) == []


@pytest.mark.parametrize(
    ("action", "kind", "done"),
    [
        (helping.USE, UseSuggestion, "💡 Suggestion used by Ana"),
        (helping.DISMISS, DismissSuggestion, "💡 Suggestion dismissed by Ana"),
    ],
)
async def test_a_press_decides(
    slack: World, action: str, kind: type[UseSuggestion | DismissSuggestion], done: str
) -> None:
    ts = await stands(slack, suggestion())
    await slack.ana.click(action, channel=seed.ORDERS, ts=ts)
    command = await slack.bridge.next(kind)
    assert (command.to, command.by.id) == (TO, seed.ANA)
    await slack.desk.idle()
    assert slack.message(ts).text == done


async def test_it_is_changed_before_it_is_sent(slack: World) -> None:
    ts = await stands(slack, suggestion())
    await slack.ana.click(helping.EDIT, channel=seed.ORDERS, ts=ts)
    form = await modal(slack.ana, "Suggestion")
    assert form["blocks"][1]["element"]["initial_value"] == "It is *on its way*"
    slack.bridge.answer = lambda _: Rejected("leaks")
    told = await slack.ana.submit(form["id"], {"arg": "my password is"})
    assert told["errors"]["arg"].startswith("That seems to hold something secret")
    slack.bridge.commands.clear()
    slack.bridge.answer = lambda _: Accepted({"held": "foreign"})
    told = await slack.ana.submit(form["id"], {"arg": "Nearly there"})
    assert told["response_action"] == "update"
    command = await slack.bridge.next(UseSuggestion)
    assert (command.to, command.text) == (TO, "Nearly there")
    assert "It is held" in shown(await modal(slack.ana))


async def test_one_that_is_decided_already_is_not_changed(slack: World) -> None:
    ts = await stands(slack, suggestion())
    for said in ([], [replace(suggestion(), standing=Standing.SENT)]):
        slack.books.said = said
        await slack.ana.click(helping.EDIT, channel=seed.ORDERS, ts=ts)
        await slack.desk.idle()
        told = (await slack.ana.ephemerals())[-1]["text"]
        assert told == "Somebody has decided that already."


def test_one_that_is_too_long_for_a_form_is_said_to_be() -> None:
    form = helping.suggestion_form(suggestion("😀" * 2_500), of_view(assigned()))
    assert "too long" in str(form)
    assert "submit" not in form


def test_in_the_whole_conversation_it_is_no_note() -> None:
    body = pages.history(of_view(assigned()), [suggestion()], older=False)
    assert "💡 Robo" in str(body.blocks)
