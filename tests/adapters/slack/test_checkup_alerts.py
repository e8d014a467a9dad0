"""Whom `[alerts]` names, looked for in a real workspace."""

from __future__ import annotations

from pathlib import Path

from sandbox.slack import seed
from tests.adapters.slack.test_checkup import Found, diagnosed, environment
from tests.adapters.slack.world import World

PLACE = '[[alerts.to]]\nname = "{}"\nslack = "{}"\nkinds = ["overdue"]\n'


async def looked(slack: World, path: Path, calls: str = "", *places: tuple[str, str]) -> Found:
    """What is found of alerts."""
    file = path / "desk.toml"
    file.write_text(f"[alerts]\n{calls}\n" + "".join(PLACE.format(*place) for place in places))
    found = await diagnosed(environment(slack), file)
    parts = ("slack.alerts.", "slack.called.")
    return {name: each for name, each in found.items() if name.startswith(parts)}


async def test_those_who_are_there_are_found_and_nothing_is_posted(
    slack: World, tmp_path: Path
) -> None:
    calls = f'notify = "{seed.ORDERS_GROUP}"\nlead = "{seed.BEN}"'
    places = ("bills", seed.BILLING), ("ana", seed.ANA)
    found = await looked(slack, tmp_path, calls, *places)
    assert {name: each.status.value for name, each in found.items()} == dict.fromkeys(
        (
            "slack.alerts.bills",
            f"slack.called.{seed.ANA}",
            f"slack.called.{seed.BEN}",
            f"slack.called.{seed.ORDERS_GROUP}",
        ),
        "ok",
    )
    assert "chat.postMessage" not in {each["method"] for each in slack.box.calls.entries()}


async def test_those_who_are_not_are_told_with_the_remedy(slack: World, tmp_path: Path) -> None:
    slack.box.workspace.users[seed.BEN].deleted = True
    calls = f'notify = "S0NOBODY"\nlead = "{seed.BEN}"'
    places = ("lost", "C0NOWHERE"), ("odd", "C12"), ("gone", "U0NOBODY")
    found = await looked(slack, tmp_path, calls, *places)
    assert {name: each.status.value for name, each in found.items()} == dict.fromkeys(
        (
            "slack.alerts.lost",
            "slack.alerts.odd",
            "slack.called.U0NOBODY",
            f"slack.called.{seed.BEN}",
            "slack.called.S0NOBODY",
        ),
        "failed",
    )
    assert "slack of the [[alerts.to]] odd" in found["slack.alerts.odd"].found


async def test_what_slack_does_not_tell_is_not_judged(slack: World, tmp_path: Path) -> None:
    name = f"slack.called.{seed.ANA}"
    for error, status in (("missing_scope", "skipped"), ("internal_error", "failed")):
        rule = {"kind": "error", "methods": ["users.info"], "error": error}
        slack.box.faults.install({"rules": [rule]}, 0)
        found = await looked(slack, tmp_path, f'lead = "{seed.ANA}"')
        assert found[name].status.value == status
