"""docs/operators.md shows what the doctor really says, and has every check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import adapters.bots.checkup
import adapters.email.checkup
import adapters.slack.judgement
import adapters.webchat.checkup
import bridge.checkup_alerts
import bridge.judgement
from bridge.findings import Check
from bridge.metrics import GAUGES, TIMES, Metrics
from tests.docs.check_output import FILE, TOP, block

PAGE = FILE.read_text("utf-8")
README = (TOP / "README.md").read_text("utf-8")


def checks() -> Iterator[Check]:
    modules: tuple[Any, ...] = (
        bridge.judgement,
        bridge.checkup_alerts,
        adapters.slack.judgement,
        adapters.bots.checkup,
        adapters.email.checkup,
        adapters.webchat.checkup,
    )
    for module in modules:
        yield from (each for each in vars(module).values() if isinstance(each, Check))


def test_every_check_has_its_row() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \|", PAGE.partition("## Metrics")[0], re.MULTILINE)
    assert sorted(rows) == sorted({each.id for each in checks()})


async def test_the_output_on_the_page_is_that_of_a_real_run() -> None:
    fresh = await block()
    assert fresh in PAGE, f"run python -m tests.docs.check_output; it says\n{fresh}"


def test_the_readme_checks_after_each_step() -> None:
    steps = README.partition("## Connect a real Slack workspace")[2].partition("\n## ")[0]
    assert steps.count("   deskbridge check ") == 2


def test_every_metric_has_its_row_with_its_labels() -> None:
    rows = re.findall(r"^\| `deskbridge_(\w+)` \|([^|]*)\|", PAGE, re.MULTILINE)
    told = {name: tuple(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    registered = {
        each.name.removeprefix("deskbridge_")
        for each in Metrics(lambda: 0, lambda: 0).registry.collect()
        if each.name.startswith("deskbridge_")
    }
    assert {name.removesuffix("_total") for name in told} == registered
    for name, _, labels in GAUGES:
        assert told[name] == tuple(labels)
    for name, _, labels, _ in TIMES:
        assert told[f"{name}_seconds"] == tuple(labels)
