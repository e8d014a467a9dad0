"""What Slack's answers mean to the doctor, where no workspace of ours can be made to say them."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.slack import judgement
from adapters.slack.judgement import ERRORS, NO_ANSWER, Said, of_channel, of_socket, of_token
from bridge.findings import Status


@pytest.mark.parametrize("error", [*ERRORS, "something_new"])
def test_each_refusal_of_a_token_has_its_remedy(error: str) -> None:
    found = of_token(Said(error=error), "https://slack.com/api/")
    assert found.status is Status.FAILED
    assert found.remedy
    assert "{" not in found.remedy


def test_a_persons_token_is_not_the_bots() -> None:
    found = of_token(Said({"ok": True, "user": "ana"}), "https://slack.com/api/")
    assert found.status is Status.FAILED
    assert "xoxb-" in found.remedy


@pytest.mark.parametrize(
    ("about", "remedy"),
    [
        ({"is_im": True}, "Name a channel in SLACK_CHANNEL"),
        ({"is_mpim": True}, "Name a channel in SLACK_CHANNEL"),
        ({"is_member": True, "is_read_only": True}, "Posting permissions"),
        ({"is_member": True, "is_thread_only": True}, "Posting permissions"),
    ],
)
def test_places_that_take_no_threads_of_ours(about: dict[str, Any], remedy: str) -> None:
    said = Said({"ok": True, "channel": {"name": "news", **about}})
    found = of_channel(said, "C1", "desk", "SLACK_CHANNEL", "")
    assert found.status is Status.FAILED
    assert remedy in found.remedy


def test_an_answer_without_a_channel_is_no_membership() -> None:
    found = of_channel(Said({"ok": True}), "C1", "desk", "SLACK_CHANNEL", "")
    assert found.status is Status.FAILED


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        ("missing_scope", "Make a token with connections:write"),
        ("not_allowed_token_type", "begins with xapp-"),
        ("socket_mode_disabled", "Enable Socket Mode"),
        (NO_ANSWER, "SLACK_API_URL"),
    ],
)
def test_each_refusal_of_a_connection_has_its_remedy(error: str, remedy: str) -> None:
    found = of_socket(Said(error=error, reason="nothing"), "https://slack.com/api/")
    assert found.status is Status.FAILED
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        ({"S1": ["U1", "U2"], "S2": ["U2"]}, Status.OK, "2, 2 people in all"),
        ({"S1": ["U1"], "S2": []}, Status.WARNING, "nobody is in S2"),
        ({"S1": "no_such_subteam", "S2": []}, Status.FAILED, "S1: no user group"),
        ({"S1": "missing_scope", "S2": []}, Status.SKIPPED, "Slack: scopes"),
        ({"S1": "fatal_error"}, Status.FAILED, "a fault of its own"),
    ],
)
def test_user_groups_are_there_and_somebody_is_in_them(
    said: dict[str, Any], status: Status, told: str
) -> None:
    answers = {
        group: Said(error=each) if isinstance(each, str) else Said({"users": each})
        for group, each in said.items()
    }
    found = judgement.of_groups(answers, "https://slack.com/api/")
    assert found.status is status
    assert told in found.found


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        ({"U1": True, "U2": True}, Status.OK, "2, all full members"),
        ({"U1": True, "U2": False}, Status.WARNING, "U2: a guest"),
        ({"U1": "user_not_found", "U2": False}, Status.FAILED, "U1: nobody of this workspace"),
        ({"U1": "missing_scope", "U2": False}, Status.SKIPPED, "Slack: scopes"),
        ({"U1": "fatal_error"}, Status.FAILED, "a fault of its own"),
    ],
)
def test_people_are_there_and_may_speak_to_customers(
    said: dict[str, Any], status: Status, told: str
) -> None:
    answers = {
        person: Said(error=each) if isinstance(each, str) else Said({"user": each})
        for person, each in said.items()
    }
    found = judgement.of_people(answers, bool, "https://slack.com/api/")
    assert found.status is status
    assert told in found.found
