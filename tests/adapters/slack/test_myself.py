"""*My profile*: an agent says how customers are to know them, and is known so at once."""

from __future__ import annotations

import pytest

from bridge.commands import Introduce
from bridge.errors import StoreUnavailable
from bridge.introducing import Profile
from bridge.model import DEFAULT_WORKSPACE, AgentId
from sandbox.slack import seed
from tests.adapters.slack.test_ways import homed, modal, shown
from tests.adapters.slack.world import World

PICTURE = "https://shop.example/ana.png"
OWN = Profile(DEFAULT_WORKSPACE, AgentId(seed.ANA), "Ana from Support", PICTURE, ("en", "fr"))
ANA = AgentId(seed.ANA)


async def test_an_agent_says_how_customers_are_to_know_them(slack: World) -> None:
    before = await slack.desk.agent(ANA)
    await slack.ana.open_home()
    home = await homed(slack, slack.ana)
    await slack.ana.click("my_profile", view_id=home["id"])
    form = await modal(slack.ana, "My profile")
    assert f"Customers know you as {before.name}" in shown(form)
    told = await slack.ana.submit(form["id"], {"avatar_url": "http://x", "languages": "english"})
    assert set(told["errors"]) == {"avatar_url", "languages"}
    filled = {"name": " Ana  from Support", "avatar_url": PICTURE, "languages": "EN, fr en"}
    slack.books.profiles[seed.ANA] = OWN
    await slack.ana.submit(form["id"], filled)
    said = await slack.bridge.next(Introduce)
    assert (said.to.id, said.name, said.avatar_url, said.languages) == (
        seed.ANA, OWN.name, PICTURE, ("en", "fr"),
    )  # fmt: skip
    assert "Ana from Support" in shown(await modal(slack.ana, "Deskbridge"))
    after = await slack.desk.agent(ANA)
    assert (after.name, after.avatar_url, after.languages) == (OWN.name, PICTURE, ("en", "fr"))
    await slack.ana.click("my_profile", view_id=home["id"])
    assert "Ana from Support" in shown(await modal(slack.ana, "My profile"))


async def test_what_is_left_empty_is_as_the_desk_has_it(slack: World) -> None:
    await slack.ana.open_home()
    home = await homed(slack, slack.ana)
    await slack.ana.click("my_profile", view_id=home["id"])
    form = await modal(slack.ana, "My profile")
    await slack.ana.submit(form["id"], {})
    assert (await slack.bridge.next(Introduce)).name == ""
    assert "as your desk has it" in shown(await modal(slack.ana, "Deskbridge"))


async def test_while_the_store_is_away_nobody_is_called_otherwise(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.books.profiles[seed.ANA] = OWN
    assert (await slack.desk.agent(ANA)).name == OWN.name

    async def away(_: str, _agent: str) -> Profile | None:
        raise StoreUnavailable

    monkeypatch.setattr(slack.books, "profile", away)
    assert (await slack.desk.agent(ANA)).name == OWN.name
