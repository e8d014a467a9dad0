"""App Home by what there is: each row where it belongs, and never more than Slack takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from adapters.slack import home
from adapters.slack.blocks import Body
from adapters.slack.config import QueuePlace, SlackConfig, Staff
from adapters.slack.home import Glance, Load
from bridge.attending import Seat
from bridge.gates import Approval
from bridge.model import (
    SECOND,
    Agent,
    AgentId,
    Awaiting,
    HandoffId,
    Priority,
    Standing,
    Status,
)
from bridge.views import Figures, View
from tests.adapters.slack.checks import check_limits, shown
from tests.adapters.slack.things import (
    ANA,
    NOW,
    WORKSPACE,
    assigned,
    contact,
    conversation,
    held,
    message,
    view,
)

NONE = Glance((), (), Figures(0, 0, 0, 0))
GOAL = 300 * SECOND
THERE = Seat(WORKSPACE, AgentId(ANA), online=True)
WORST = "\u202e👩‍👩‍👧‍👦" * 60 + "<!channel> *ملك* שלום"


def told(glance: Glance) -> str:
    made = home.home(glance)
    for block in Block.parse_all(made["blocks"]):
        assert block is not None
        block.validate_json()
    assert len(made["blocks"]) <= 70
    check_limits(Body("Home", made["blocks"][:50]))
    return shown(Body("", made["blocks"])) + str(made["blocks"])


def of(shown_: View, number: int) -> View:
    """The same of another handoff."""
    return replace(shown_, handoff=replace(shown_.handoff, id=HandoffId(f"hnd_{number}")))


def numbered(number: int, **fields: Any) -> Any:
    """A waiting handoff, opened a second after the one before."""
    made = view(conversation={"awaiting_since": NOW + number * SECOND})
    changed = {"id": HandoffId(f"hnd_{number}"), "number": number, **fields}
    return replace(made, handoff=replace(made.handoff, **changed))


DRAFT = Approval("apr_1", WORKSPACE, conversation().id, bot_id="shop", title="Refund <!here>")
VOTE = home.Vote(DRAFT, contact(), "https://x.io/p9")
OTHER = home.Vote(replace(DRAFT, id="apr_2"))
FIVE = tuple(Load(f"Agent{n}", n % 2 == 0, n, 3) for n in range(30))
CASES: list[tuple[Glance, list[str], list[str]]] = [
    (NONE, ["You are not online yet", "Go online", "0 open",
            "Nothing is waiting for you", "the channel of the desk.",
            "Today: 0 resolved", "My profile", "Live with the bot (0)"],
     ["Not sent", "Yours", "Team", "Move work", "first reply", "All "]),
    (replace(NONE, seat=THERE, room=3, queues=("orders", "billing"), channels=("C1", "C2")),
     ["*Online* · 0 of 3 · orders, billing", "Go away", "in <#C1>, <#C2>."], ["Go online"]),
    (replace(NONE, seat=replace(THERE, online=False)), ["*Away*", "Go online"], []),
    (replace(NONE, votes=[VOTE, OTHER], votes_in_all=2),
     ["Waiting for your vote (2)", "*Refund &lt;!here&gt;* · Sam Rivera\n",
      "*Refund &lt;!here&gt;*\n", "shop · waiting since ", "until ", "https://x.io/p9"],
     ["Nothing is waiting", " more"]),
    (replace(NONE, votes=[VOTE, OTHER], votes_in_all=4), ["and 2 more, which have longer"], []),
    (replace(NONE, figures=Figures(0, 0, 3, 14, 48 * SECOND)),
     ["Today: 14 resolved · first reply 48 s"], ["★"]),
    (replace(NONE, figures=Figures(0, 0, 3, 14, 48 * SECOND, 4.66, 9)),
     ["Today: 14 resolved · first reply 48 s · ★ 4.7 (9)"], []),
    (replace(NONE, stuck=[held("foreign"), message(standing=Standing.FAILED, held_for="blocked")]),
     ["*Not sent:* ✋ 1 held · ⚠️ 1 failed", "Show"], []),
    (replace(NONE, own=[assigned()], links={"hnd_1": "https://x.io/p1"}),
     ["Yours (1)", "Sam Rivera", "`#42`", "customer waiting since", "Open"], ["goal"]),
    (replace(NONE, own=[assigned(conversation={"awaiting": Awaiting.CUSTOMER})]),
     ["answered "], ["Open the thread"]),
    (replace(NONE, own=[assigned(conversation={"awaiting": Awaiting.NOBODY})]), ["`#42`\n"], []),
    (replace(NONE, own=[assigned(handoff={"status": Status.SNOOZED, "snoozed_until": NOW})]),
     ["snoozed until"], ["customer waiting"]),
    (replace(NONE, own=[assigned()], late={"hnd_1": GOAL}),
     ["*customer waiting since", "goal 5 min*"], []),
    (replace(NONE, own=[of(assigned(), n) for n in range(25)]), ["Yours (25)", "and 5 more…"], []),
    (replace(NONE, waiting=[numbered(n) for n in range(12)], queues=("default", "x")),
     ["Waiting (12)", "Assign to me", "All 12…", "· default"], ["`#11`"]),
    (replace(NONE, team=FIVE),
     ["*Team* · 15 of 30 online", "Agent0 · online · 0 of 3", "and 5 more", "Move work…"], []),
]  # fmt: skip


@pytest.mark.parametrize(("glance", "there", "not_there"), CASES)
def test_home_shows_what_there_is_and_nothing_else(
    glance: Glance, there: list[str], not_there: list[str]
) -> None:
    text = told(glance)
    assert [each for each in there if each.replace("\n", "\\n") not in text] == []
    assert [each for each in not_there if each in text] == []


def test_what_is_overdue_waits_first_then_the_more_urgent_then_who_waits_longer() -> None:
    late = numbered(1, priority=Priority.LOW)
    urgent, older = numbered(9, priority=Priority.URGENT), numbered(7)
    waiting = [older, urgent, numbered(8), late]
    glance = replace(NONE, waiting=waiting, late={"hnd_1": GOAL})
    text = told(glance)
    places = [text.index(f"`#{number}`") for number in (1, 9, 7, 8)]
    assert places == sorted(places)
    assert ("urgent" in text, "low" in text) == (True, True)


def test_the_fullest_home_with_the_worst_names_is_one_that_slack_takes() -> None:
    named = {"contact": {"name": WORST}, "handoff": {"title": WORST * 3, "queue": WORST[:60]}}
    worst = view(**named)
    full = replace(
        NONE,
        seat=THERE,
        own=[of(worst, n) for n in range(30)],
        waiting=[of(worst, n) for n in range(30, 60)],
        stuck=[held("foreign", WORST)] * 20,
        links={"hnd_1": "https://x.io/p1"},
        queues=(WORST, "b"),
        channels=("C1",) * 9,
        live=999,
        team=[Load(WORST, online=True, held=99, room=3)] * 60,
    )
    assert "<!channel>" not in told(full)
    check_limits(home.stuck(full.stuck, full.links))


def test_what_was_not_sent_says_why_and_where() -> None:
    failed = message("", standing=Standing.FAILED, held_for="blocked", handoff_id=HandoffId("h1"))
    body = home.stuck([held("ended"), failed], {"h1": "https://x.io/p1"})
    text = shown(body)
    assert "✋ *Held:* this conversation has ended.\nsee you at nine" in text
    assert "⚠️ *Failed:* the customer has blocked the page" in text
    assert "(files)" in text
    assert str(body.blocks).count("https://x.io/p1") == 1
    assert "All that you wrote was sent." in shown(home.stuck([], {}))


def test_an_agents_room_is_their_own_or_that_of_their_queues_that_give_out() -> None:
    listed = (QueuePlace("a", "C1", capacity=3), QueuePlace("b", "C2"), QueuePlace("c", "C1"))
    staff = Staff(capacities={"U2": 7})
    config = SlackConfig(
        bot_token="t", signing_secret="s", channel="C1", listed=listed, staff=staff
    )
    ana, ben = Agent(AgentId("U1"), "Ana"), Agent(AgentId("U2"), "Ben")
    assert (config.room_of(ana), config.room_of(ben)) == (3, 7)
    assert config.room_of(replace(ben, queues=("b",))) == 0
    assert config.channels_of(ana) == ("C1", "C2")
    assert config.channels_of(replace(ana, queues=("c",))) == ("C1",)
