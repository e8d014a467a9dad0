"""The doctor beside a running product, as an operator runs it: it disturbs nothing and is right."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from sandbox.slack import seed
from tests.scenarios.processes import environment
from tests.scenarios.stage import SIGNING_SECRET, TOKEN, Stage

Checks = dict[str, dict[str, Any]]


async def checked(stage: Stage, **changes: str) -> tuple[int, Checks]:
    """How `deskbridge check --json` ends with the product's settings, and what it says by id."""
    settings = {**stage.product.settings, "PUBLIC_URL": stage.base, **changes}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridge.cli", "check", "--json"),
        env=environment(settings),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert TOKEN.encode() not in output
    assert SIGNING_SECRET.encode() not in output
    return process.returncode or 0, {each["id"]: each for each in json.loads(output)["checks"]}


def with_status(found: Checks, status: str) -> set[str]:
    return {name for name, each in found.items() if each["status"] == status}


async def test_a_desk_at_work_is_well_and_goes_on_working(stage: Stage) -> None:
    sam = await stage.customer()
    await sam.say("I want a human")
    code, found = await checked(stage)
    # Over sockets nothing of Slack's comes to our address, so there is no signature to look at.
    skipped = {"slack.signing"} if "SLACK_APP_TOKEN" in stage.product.settings else set()
    assert (code, with_status(found, "failed"), with_status(found, "skipped")) == (
        0,
        set(),
        skipped,
    )
    # Other stories may have shared the channel with another company, which is told.
    assert found["slack.channel"]["status"] in {"ok", "warning"}, found["slack.channel"]
    well = {"slack.signing", "database.writable", "bots.default"} - skipped
    assert well <= with_status(found, "ok")
    thread = await stage.thread(sam)
    await stage.agent().reply(seed.ORDERS, thread.ts, "Good morning")
    await sam.has_heard("Good morning", kind="agent")


async def test_each_fault_is_told_and_hides_no_other(one_stage: Stage) -> None:
    wrong = {
        "SLACK_SIGNING_SECRET": "another",
        "SLACK_CHANNEL": seed.GENERAL,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "API_KEY": "short",
    }
    code, found = await checked(one_stage, **wrong)
    assert code == 1
    assert with_status(found, "failed") == {
        "settings.API_KEY", "redis", "slack.signing", "slack.channel",
    }  # fmt: skip
    assert all(found[name]["remedy"] for name in with_status(found, "failed"))
