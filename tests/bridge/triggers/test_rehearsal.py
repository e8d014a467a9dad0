"""Rules over a transcript: what would have fired, where, and what then."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console

from bridge import firings
from bridge.labels import ANY
from bridge.model import SECOND, Role
from bridge.patterns import TOO_LONG
from bridge.settings_triggers import TriggerSettings, made
from bridge.stores import Fired
from bridge.triggers.rehearsal import BadTranscript, Tried, read, rehearse

HUMAN = {"name": "person", "kind": "human", "hand_over": True, "queue": "vip"}
REFUND = {"name": "refund", "kind": "words", "words": ["refund"], "labels": ["money"]}


def tried(text: str, *rules: dict[str, Any]) -> list[Tried]:
    given = [TriggerSettings.model_validate(each) for each in rules]
    return rehearse(made(given, ANY), read(text))


def test_lines_have_a_speaker_or_go_on_with_the_one_before() -> None:
    said = read("\nUser: one\n  two\n\nbot: three\nagent: four\n")
    assert [(s.role, s.text) for s in said] == [
        (Role.USER, "one\n  two"),
        (Role.BOT, "three"),
        (Role.AGENT, "four"),
    ]
    assert [s.at for s in said] == [SECOND, 2 * SECOND, 3 * SECOND]


ONE: dict[str, Any] = {"role": "user", "text": "hi", "at": "2026-11-22T10:00:00", "confidence": 1}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ONE),
        json.dumps([ONE]),
        json.dumps({"messages": [ONE]}),
        json.dumps({"data": {"transcript": [ONE]}}, indent=1),
        json.dumps({**ONE, "role": None, "author": {"kind": "user"}}),
        f"{json.dumps(ONE)}\n\n",
    ],
)
def test_json_is_read_as_the_api_and_webhooks_give_it(text: str) -> None:
    [said] = read(text)
    assert (said.role, said.text, said.confidence) == (Role.USER, "hi", 1.0)
    assert said.at == 1_795_341_600 * SECOND


def test_several_objects_are_one_a_line_and_a_time_that_nobody_knows_is_made() -> None:
    two = json.dumps({"role": "bot", "text": "b", "intent": "x", "at": "soon", "attributes": 1})
    said = read(f"{json.dumps(ONE)}\n{two}")
    assert (said[1].intent, said[1].at, said[1].attributes) == ("x", 2 * SECOND, {})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "has no messages"),
        ("hello", "line 1: must begin with user: or bot:"),
        ("{", "line 1: is not valid JSON"),
        ("[1]", "message 1: has no text"),
        ('{"role": "user"}', "message 1: has no text"),
        ('{"role": "cat", "text": "x"}', "message 1: role must be one of user"),
        ('{"messages": 1, "text": "x"}', "message 1: role must be"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(text: str, fault: str) -> None:
    with pytest.raises(BadTranscript, match=fault):
        read(text)


def test_it_shows_what_each_rule_would_have_done_until_it_is_handed_over() -> None:
    text = "user: a refund\nbot: ok\nagent: refund\nuser: a human please\nuser: hm"
    loud = {"name": "any", "kind": "words", "words": ["hm"], "hand_over": True, "priority": "high"}
    asks = {"name": "asks", "kind": "words", "words": ["ok"], "says": "bot", "approve": True}
    quiet = {"name": "tells", "kind": "words", "words": ["hm"]}
    found = tried(text, HUMAN, REFUND, loud, asks, quiet)
    assert [(t.n, t.rule, t.then) for t in found] == [
        (1, "refund", ("label money",)),
        (2, "asks", ("the bot's answer must be approved",)),
        (4, "person", ("hands over", "queue vip")),
        (5, "any", ("the team has it already", "priority high")),
        (5, "tells", ()),
    ]


def shown(make: Any) -> str:
    out = io.StringIO()
    make(Console(file=out, width=120))
    return out.getvalue()


def test_people_read_a_table_and_machines_a_list() -> None:
    found = tried(f"user: refund {'x' * 90} [b]", REFUND, {**REFUND, "name": "words", "labels": []})
    text = shown(lambda console: firings.show_tried(found, 1, console))
    for part in (
        "1 user: refund xxx",
        "…",
        "refund (words)",
        "“refund”",
        "label money",
        "only tells",
    ):
        assert part in text
    assert json.loads(firings.tried_as_json(found))[0]["then"] == ["label money"]
    assert "Nothing would have fired, of 3" in shown(lambda c: firings.show_tried([], 3, c))


def test_what_fired_is_listed_with_what_was_a_false_alarm() -> None:
    one = Fired("evt_1", 1_795_341_600 * SECOND, "angry", "sentiment", "sounds", "cnv_1", 42, "Ana")
    two = Fired("evt_2", 1_795_341_600 * SECOND, "vip", "attribute", "[x]", "cnv_2")
    text = shown(lambda console: firings.show([one, two], console))
    for part in ("2026-11-22 10:00", "#42", "Ana", "[x]", "angry: 1 fired, 1 false alarm\n"):
        assert part in text
    assert "enabled = false" in text
    assert firings.summary([two]) == ["vip: 1 fired, 0 false alarms"]
    assert json.loads(firings.as_json([one]))[0]["at"] == "2026-11-22T10:00:00Z"
    assert [each["number"] for each in json.loads(firings.as_json([one, two]))] == [42, None]
    assert "No rule has fired" in shown(lambda console: firings.show([], console))


def test_a_rule_that_takes_too_long_is_shown_as_one_that_does_not_fire() -> None:
    slow = {"name": "slow", "kind": "pattern", "pattern": "(a|a)" * 30 + "b", "hand_over": True}
    found = tried(f"user: {'a' * 500}\nuser: a human", slow, HUMAN)
    assert [(each.rule, each.checked, each.then[:1]) for each in found] == [
        ("slow", False, ()),
        ("person", True, ("hands over",)),
    ]
    assert "does not fire" in shown(lambda c: firings.show_tried(found, 2, c))


def test_rules_that_took_too_long_are_counted_apart_from_those_that_fired() -> None:
    one = Fired("e1", SECOND, "slow", "pattern", TOO_LONG, "cnv_1", checked=False)
    assert firings.summary([one]) == [f"slow: {TOO_LONG}, once"]
    assert firings.summary([one, one])[-1] == f"slow: {TOO_LONG}, 2 times"
