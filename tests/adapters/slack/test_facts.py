"""What `[profile]` wishes to see of a customer: which attributes, called how, in which form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.slack import card, pages
from adapters.slack.blocks import Body
from adapters.slack.facts import facts
from adapters.slack.targets import of_view
from bridge.settings_sections import Attribute, ProfileSettings
from sandbox.slack import seed
from tests.adapters.slack.checks import check, shown
from tests.adapters.slack.test_ways import typed
from tests.adapters.slack.things import assigned, view
from tests.adapters.slack.world import Stage, world

WHEN = "2026-11-21T14:02:00+01:00"
KNOWN = {
    "plan": "Pro",
    "order": {"id": 1009, "at": WHEN, "x.y": 5},
    "a.b": "dotted",
    "seen": 1_795_000_000,
    "millis": 1_795_000_000_000,
    "tags": ["a"],
    "no": False,
    "empty": "",
}


def wished(path: str, form: str = "", default: str = "") -> Attribute:
    return Attribute.model_validate(
        {"path": path, "label": "It", "format": form, "default": default}
    )


@pytest.mark.parametrize(
    ("path", "form", "default", "told"),
    [
        ("plan", "", "", ["Pro"]),
        ("order.id", "", "", ["1009"]),
        ("a.b", "", "", ["dotted"]),
        ("tags", "", "", ['["a"]']),
        ("no", "", "", ["false"]),
        ("no", "date", "", ["false"]),
        ("empty", "", "", []),
        ("plan.x", "", "none", ["none"]),
        ("missing", "", "Free", ["Free"]),
        ("missing", "date", "", []),
        ("order.at", "date", "", ["21 Nov 2026"]),
        ("order.at", "datetime", "", ["21 Nov 2026 13:02 UTC"]),
        ("order.at", "from_now", "", ["21 Nov 2026"]),
        ("seen", "date", "", ["18 Nov 2026"]),
        ("millis", "date", "", ["18 Nov 2026"]),
        ("missing", "date", "2026-12-24", ["24 Dec 2026"]),
        ("missing", "date", "1795000000", ["18 Nov 2026"]),
        ("plan", "date", "", ["Pro"]),
        ("tags", "from_now", "", ['["a"]']),
        ("missing", "datetime", "9" * 400, ["9" * 299 + "…"]),
    ],
)  # fmt: skip
def test_an_attribute_is_told_by_its_path_in_its_form(
    path: str, form: str, default: str, told: list[str]
) -> None:
    found = facts(KNOWN, [wished(path, form, default)])
    assert [fact.plain for fact in found] == told
    dates = [each for fact in found for each in fact.elements if each["type"] == "date"]
    assert bool(dates) is (form in ("datetime", "from_now") and path == "order.at")


def test_the_profile_and_the_card_show_what_is_wished_and_nothing_else() -> None:
    of = replace(view(), contact=replace(view().contact, attributes=KNOWN))
    asked = [wished("order.at", "from_now"), wished("order.id")]
    body = pages.profile(of_view(of), wished=asked)
    check(body)
    text = shown(body)
    assert "It: 1009" in text
    assert ("Pro" in text, "{ago}" in str(body.blocks)) == (False, True)
    drawn = card.card(of, known=["21 Nov 2026", "1009"])
    assert "21 Nov 2026 · 1009" in shown(drawn)
    assert "Pro · " not in shown(drawn)
    assert "Pro · " in shown(card.card(of))


async def test_the_settings_say_what_is_shown(stages: tuple[Stage, Stage]) -> None:
    profile = ProfileSettings(attributes=(wished("plan"), wished("tier", default="Gold")))
    async with world(stages, profile=profile) as slack:
        thread = await slack.opened(assigned())
        drawn: Any = slack.message(thread.ts)
        assert "Pro · Gold" in shown(Body("", list(drawn.blocks)))
        told = shown(Body("", (await typed(slack, "/desk profile 42"))["blocks"]))
        assert "It: Gold" in told
        assert thread.channel == seed.ORDERS
