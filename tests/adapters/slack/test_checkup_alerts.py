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
    parts = ("slack.alerts.", "slack.audit", "slack.people", "slack.groups")
    return {name: each for name, each in found.items() if name.startswith(parts)}


async def test_those_who_are_there_are_found_and_nothing_is_posted(
    slack: World, tmp_path: Path
) -> None:
    calls = f'notify = "{seed.ORDERS_GROUP}"\nlead = "{seed.BEN}"'
    calls += f'\n[audit]\nslack_channel = "{seed.BILLING}"'
    places = ("bills", seed.BILLING), ("ana", seed.ANA)
    found = await looked(slack, tmp_path, calls, *places)
    assert {name: each.status.value for name, each in found.items()} == {
        "slack.alerts.bills": "ok",
        "slack.audit": "ok",
        "slack.groups": "ok",
        "slack.people": "ok",
    }
    assert found["slack.people"].found.startswith("2, ")
    assert "chat.postMessage" not in {each["method"] for each in slack.box.calls.entries()}


async def test_those_who_are_not_are_told_with_the_remedy(slack: World, tmp_path: Path) -> None:
    calls = 'notify = "S0NOBODY"\nlead = "U0NOBODY"'
    places = ("lost", "C0NOWHERE"), ("odd", "C12"), ("gone", "U0GONE")
    found = await looked(slack, tmp_path, calls, *places)
    assert {name: each.status.value for name, each in found.items()} == {
        "slack.alerts.lost": "failed",
        "slack.alerts.odd": "failed",
        "slack.groups": "failed",
        "slack.people": "failed",
    }
    assert "slack of the [[alerts.to]] odd" in found["slack.alerts.odd"].found
    assert found["slack.people"].found.startswith("U0GONE, U0NOBODY: ")
