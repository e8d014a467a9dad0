"""What a bot says when it hands over, checked."""

from __future__ import annotations

import pytest

from bridge.escalation import BadEscalation, read_escalation
from bridge.model import LATEST, SECOND, Priority, Role
from bridge.webhooks import iso

NOW = 1_700_000_000 * SECOND
FULL = {
    "title": "Parcel",
    "description": "It is late",
    "summary": "Sam is sad",
    "reason": {"code": "angry", "text": "He is angry", "confidence": 0.9, "intent": "complain"},
    "priority": "high",
    "queue": "orders",
    "labels": ["vip", "late", "vip"],
    "context": {"order": 1009},
    "expires_in": 1.5,
    "history": [
        {"role": "user", "text": "hello", "at": "2026-11-21T03:24:05Z"},
        {"role": "bot", "text": "hi"},
    ],
    "conversation_id": "ignored",
}


def test_all_that_a_bot_may_say_is_understood() -> None:
    wish = read_escalation(FULL, NOW)
    assert (wish.title, wish.description, wish.summary) == ("Parcel", "It is late", "Sam is sad")
    assert (wish.reason, wish.reason_text) == ("angry", "He is angry")
    assert (wish.priority, wish.queue, wish.labels) == (Priority.HIGH, "orders", ("vip", "late"))
    assert wish.context == {"order": 1009}
    assert wish.expires_at == NOW + 1_500_000
    (author, text, at), (_, _, unknown) = wish.history
    assert (author.role, text, at, unknown) == (Role.USER, "hello", 1_795_231_445_000_000, 0)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("9999-12-31T23:59:59-12:00", LATEST),
        ("1969-12-31T23:59:59Z", 1),
        ("0001-01-01T00:00:00+14:00", 1),
    ],
)
def test_a_time_of_the_history_is_one_that_can_be_told_again(told: str, kept: int) -> None:
    history = [{"role": "user", "text": "hello", "at": told}]
    [(_, _, at)] = read_escalation({"title": "Help", "history": history}, NOW).history
    assert at == kept
    assert iso(at)


def test_a_title_is_enough() -> None:
    wish = read_escalation({"title": "Help"}, NOW)
    assert (wish.reason, wish.queue, wish.expires_at) == ("bot_request", "", 0)
    assert (wish.context, wish.history, wish.labels) == (None, (), ())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"priority": "asap"}, "priority"),
        ({"queue": ""}, "queue"),
        ({"labels": ["x"] * 51}, "labels"),
        ({"labels": ["x" * 201]}, "labels.0"),
        ({"expires_in": 0}, "expires_in"),
        ({"expires_in": 1e9}, "expires_in"),
        ({"history": [{"role": "god", "text": "x"}]}, "history.0.role"),
        ({"history": [{"role": "user", "text": "x"}] * 201}, "history"),
        ({"reason": "because"}, "reason"),
        ({"messages": {"greeting": "Hi"}}, "messages.greeting"),
        ({"on_timeout": "reject"}, "on_timeout"),
        ({"reply_to": 1}, "reply_to"),
        (
            {"history": [{"role": "user", "text": "x", "attachments": [{"name": "a.pdf"}]}]},
            "history.0.attachments.0.url",
        ),
        ({"description": "x" * 10_001}, "description"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(BadEscalation) as caught:
        read_escalation({**FULL, **change}, NOW)
    assert list(caught.value.fields) == [field]
    assert caught.value.fields[field]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadEscalation) as caught:
        read_escalation({"queue": ""}, NOW)
    assert set(caught.value.fields) == {"title", "queue"}
