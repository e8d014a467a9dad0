from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import arguments, verbs
from adapters.slack.arguments import Aim
from adapters.slack.ids import ChannelId, Ts
from adapters.slack.verbs import Wish
from bridge.commands import (
    Ask,
    Block,
    Pause,
    Reject,
    Release,
    Reopen,
    Resolve,
    Resume,
    RunAction,
    SetLabels,
    SetPriority,
    Snooze,
    ToThread,
    Unblock,
    Wake,
)
from bridge.model import SECOND, Agent, AgentId, Priority
from bridge.words import VERBS
from tests.adapters.slack.things import NOW

ANA = Agent(AgentId("U0ANA"), "Ana")
WISH = Wish("slack:msg:T:C:1.2", NOW, ToThread("T", "C", "1.1"), ANA, "slack:T:C:1.2")
HOUR = 3_600 * SECOND


@pytest.mark.parametrize(
    ("verb", "args", "kind", "fields"),
    [
        ("release", "", Release, {}),
        ("resolve", "", Resolve, {"reason": "", "silent": False}),
        ("resolve", "refund sent", Resolve, {"reason": "refund sent", "silent": False}),
        ("resolve", "Silent: spam", Resolve, {"reason": "spam", "silent": True}),
        ("resolve", "silent customer", Resolve, {"reason": "silent customer", "silent": False}),
        ("resolve", "silent", Resolve, {"reason": "", "silent": True}),
        ("resolve", "silently done", Resolve, {"reason": "silently done", "silent": False}),
        ("reject", "spam", Reject, {"reason": "spam"}),
        ("snooze", "2h", Snooze, {"until": NOW + 2 * HOUR}),
        ("snooze", "30 min", Snooze, {"until": NOW + HOUR // 2}),
        ("wake", "", Wake, {}),
        ("reopen", "", Reopen, {}),
        ("pause", "testing", Pause, {"reason": "testing"}),
        ("resume", "", Resume, {}),
        ("block", "Spam: casino", Block, {"reason": "casino", "spam": True}),
        ("block", "spammer", Block, {"reason": "spammer", "spam": False}),
        ("unblock", "", Unblock, {}),
        ("priority", "High", SetPriority, {"priority": Priority.HIGH}),
        ("ask", "<#C0BILLING|billing> paid?", Ask, {"place": "C0BILLING", "text": "paid?"}),
        ("do", "refund 20", RunAction, {"name": "refund", "text": "20"}),
        ("do", "refund\namount: 20\nwhy: x", RunAction, {"text": "amount: 20\nwhy: x"}),
        ("label", "vip -spam, #late", SetLabels, {"add": ("vip", "late"), "remove": ("spam",)}),
    ],
)
def test_a_word_and_its_arguments_are_a_command(
    verb: str, args: str, kind: type[Any], fields: dict[str, Any]
) -> None:
    command = verbs.command(verb, args, WISH)
    assert isinstance(command, kind)
    assert (command.key, command.at, command.to) == (WISH.key, NOW, WISH.to)
    assert command.said == WISH.said
    assert {name: getattr(command, name) for name in fields} == fields
    assert command.by in (ANA, ANA.as_author())


@pytest.mark.parametrize(
    ("verb", "args"),
    [
        ("release", "now"), ("wake", "up"), ("reopen", "it"), ("resume", "it"), ("snooze", ""),
        ("unblock", "him"),
        ("snooze", "whenever"), ("snooze", "0m"), ("snooze", "99999w"), ("priority", "highest"),
        ("priority", ""), ("label", ""), ("label", "-"), ("label", "x" * 61), ("help", ""),
        ("ask", "#billing paid?"), ("do", ""), ("ask", "<#C0BILLING>"),
        ("assign", "me"), ("dance", ""), ("resolve", "x" * 2_001),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_no_command(verb: str, args: str) -> None:
    assert verbs.command(verb, args, WISH) is None


@given(st.sampled_from(sorted(VERBS)), st.text())
def test_no_arguments_break_anything(verb: str, args: str) -> None:
    verbs.command(verb, args, WISH)
    arguments.assignee(args)
    arguments.aim(args)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("", "me"), ("me", "me"), (" ME ", "me"), ("<@U0BEN>", "U0BEN"), ("<@U0BEN|ben>", "U0BEN"),
        ("<@W0BEN>", "W0BEN"), ("@nobody", None), ("<@U0BEN> please", None), ("<@U1> <@U2>", None),
    ],
)  # fmt: skip
def test_an_assignee_is_me_or_one_person(text: str, who: str | None) -> None:
    assert arguments.assignee(text) == who


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("42", Aim(number=42)),
        ("#42 refund sent", Aim(number=42, rest="refund sent")),
        ("refund", Aim(rest="refund")),
        ("", Aim()),
        (
            "<https://a.slack.com/archives/C012AB3CD/p1763700000000100> me",
            Aim(thread=(ChannelId("C012AB3CD"), Ts("1763700000.000100")), rest="me"),
        ),
        ("1234567890", Aim(rest="1234567890")),
    ],
)
def test_a_handoff_is_named_by_number_or_link(text: str, expected: Aim) -> None:
    assert arguments.aim(text) == expected
    assert expected.is_named == (expected.number is not None or expected.thread is not None)


# NOW is Friday, 21 November 2025, 04:40 UTC.
@pytest.mark.parametrize(
    ("text", "offset", "hours"),
    [
        ("tomorrow", 0, 24 - 4 - 40 / 60 + 9),
        ("tomorrow", -8 * 3600, 24 + 9 - 20 - 40 / 60),  # in California it is still Thursday
        ("monday", 0, 3 * 24 - 4 - 40 / 60 + 9),
        ("friday", 0, 7 * 24 - 4 - 40 / 60 + 9),
        ("friday", -8 * 3600, 24 + 9 - 20 - 40 / 60),
    ],
)
def test_days_begin_at_nine_where_the_agent_is(text: str, offset: int, hours: float) -> None:
    assert arguments.until(text, NOW, offset) == NOW + round(hours * HOUR)
