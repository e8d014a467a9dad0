"""What `[profile]` wishes to see of a customer: which attributes, called how, in which form."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.slack import card, pages
from adapters.slack.blocks import Body
from adapters.slack.facts import facts
from adapters.slack.targets import of_view
from bridge.model import SECOND
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


@pytest.mark.parametrize(
    ("known", "here", "told"),
    [
        ({}, False, ()),
        ({}, True, ("Online: yes",)),
        ({"page_url": "https://shop.example"}, False, ("Online: no, has left",)),
        (
            {"device": "Chrome on Android", "time_zone": "Europe/Berlin"},
            True,
            ("Device: Chrome on Android", "Local time: Sat 14:05 (Europe/Berlin)", "Online: yes"),
        ),
        ({"device": "*<!channel>*", "time_zone": "Mars/Base"}, False, ("Device: *<!channel>*",)),
    ],
)
def test_the_profile_tells_with_what_when_and_whether_a_visitor_is_there(
    known: dict[str, str], here: bool, told: tuple[str, ...]
) -> None:
    nothing: dict[str, Any] = {"page_url": "", "page_title": "", **known}
    of = replace(view(), conversation=replace(view().conversation, **nothing))
    at = int(datetime(2026, 11, 21, 13, 5, tzinfo=UTC).timestamp()) * SECOND
    body = pages.profile(of_view(of), now=pages.Now(at, here))
    check(body)
    text = shown(body)
    assert all(each in text for each in told)
    assert ("Online: " in text) is (here or bool(known))
    assert ("Local time: " in text) is ("Berlin" in str(known))
    assert (known.get("device", "Chrome") in shown(card.card(of))) is ("device" in known)


async def test_the_settings_say_what_is_shown(stages: tuple[Stage, Stage]) -> None:
    profile = ProfileSettings(attributes=(wished("plan"), wished("tier", default="Gold")))
    async with world(stages, profile=profile) as slack:
        thread = await slack.opened(assigned())
        drawn: Any = slack.message(thread.ts)
        assert "Pro · Gold" in shown(Body("", list(drawn.blocks)))
        told = shown(Body("", (await typed(slack, "/desk profile 42"))["blocks"]))
        assert "It: Gold" in told
        assert thread.channel == seed.ORDERS
