"""Whether Slack can be used, as its answers tell and `/readyz` says."""

from __future__ import annotations

import pytest
from starlette.responses import JSONResponse

import adapters.slack
from adapters.slack.condition import Condition
from bridge.errors import Broken, DeliveryError, Paced, Refused, Retry, Scope, Unknown
from sandbox.slack import seed
from tests.adapters.slack.script import Script
from tests.adapters.slack.things import view
from tests.adapters.slack.world import Books, Stage, deps_for, now

HERE, ELSEWHERE = {"channel": "C1"}, {"channel": "C2"}
ARCHIVED = Broken("is_archived", Scope.CHANNEL)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (Broken("token_revoked", Scope.TOKEN), "token_revoked"),
        (Retry("unreachable"), "unreachable"),
        (Unknown("no_answer"), "no_answer"),
        (ARCHIVED, "is_archived"),
        (Broken("thread_not_found", Scope.THREAD), ""),
        (Refused("invalid_blocks"), ""),
        (Paced("post", 1.0, 1.0), ""),
    ],
)
def test_a_failure_of_slack_itself_is_a_fault_until_something_works(
    error: DeliveryError, fault: str
) -> None:
    condition = Condition({"C1"})
    condition.failed(error, HERE)
    assert condition.fault == fault
    condition.worked(HERE)
    assert condition.fault == ""


def test_a_channel_that_takes_no_posts_is_a_fault_until_it_does() -> None:
    condition = Condition({"C1"})
    condition.failed(ARCHIVED, HERE)
    condition.worked({"user": "U1"})
    condition.failed(Retry("unreachable"), {"user": "U1"})
    assert condition.fault == "unreachable"
    condition.worked(ELSEWHERE)
    assert condition.fault == "is_archived"


def test_other_channels_are_nobodys_fault_and_a_refusal_shows_that_slack_is_there() -> None:
    condition = Condition({"C1"})
    condition.failed(Retry("unreachable"), {})
    condition.failed(ARCHIVED, ELSEWHERE)
    assert condition.fault == ""


async def test_the_desk_says_what_is_wrong_with_slack(stages: tuple[Stage, Stage]) -> None:
    script = Script()
    stages[0].app = script.app
    desk = adapters.slack.desk(deps_for(stages[0].url, Books(), now))
    assert desk is not None
    script.on("auth.test", {"ok": True, "team_id": "T1"})
    for answer, fault in (
        (JSONResponse({"ok": False, "error": "token_revoked"}), "token_revoked"),
        (JSONResponse({}, 503), "http_503"),
        (JSONResponse({"ok": False, "error": "not_in_channel"}), "not_in_channel"),
    ):
        script.on("chat.postMessage", answer)
        with pytest.raises(DeliveryError):
            await desk.open(view(), "eff_1")
        assert await desk.fault() == fault
    script.on("chat.postMessage", {"ok": True, "channel": seed.ORDERS, "ts": "1.2"})
    await desk.open(view(), "eff_1")
    assert await desk.fault() == ""
    await desk.close()
