"""What waits for one's vote is on one's Home: by queue, name or group, until one has voted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.slack import homes
from bridge.gates import Approval, Stand, Vote
from bridge.model import SECOND
from bridge.reviewing import Shown
from sandbox.slack import seed
from tests.adapters.slack.test_approvals import asked
from tests.adapters.slack.world import World, now
from tests.waiting import until


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "EVERY", 0.05)


def put(slack: World, *drafts: Approval) -> None:
    for n, each in enumerate(drafts):
        ends = now() + (900 - n) * SECOND
        made = replace(each, id=f"apr_{n}", created_at=now(), expires_at=ends)
        slack.books.asked[made.id] = made


async def blocks(person: Any) -> list[str]:
    view = await person.home()
    return [str(block.get("block_id", "")) for block in view["blocks"]] if view else []


async def votes(person: Any) -> list[str]:
    return [each.removeprefix("vote:") for each in await blocks(person) if "vote:" in each]


async def test_home_shows_what_waits_for_ones_own_vote_and_what_ends_first_at_first(
    slack: World,
) -> None:
    voted = (Vote(seed.ANA, "Ana", "approve", 1),)
    put(
        slack,
        asked(title="everybody's", place=("T0DESK", seed.ORDERS, "1763.000100")),
        asked(title="Ben's", reviewers=(seed.BEN,)),
        asked(title="the queue's", reviewers=("default",)),
        asked(title="voted", votes=voted, quorum=2),
        asked(title="decided", status=Stand.APPROVED),
        asked(title="of a group that is none", reviewers=("S0NOBODY",)),
    )
    await slack.ana.open_home()
    await until(lambda: blocks(slack.ana))
    assert await votes(slack.ana) == ["apr_2", "apr_0"]
    told = str(await slack.ana.home())
    assert "Waiting for your vote (2)" in told
    assert f"/archives/{seed.ORDERS}/p1763000100" in told
    await slack.ben.open_home()
    await until(lambda: blocks(slack.ben))
    assert await votes(slack.ben) == ["apr_3", "apr_2", "apr_1", "apr_0"]


async def test_home_follows_a_draft_that_is_asked_and_one_that_is_decided(slack: World) -> None:
    await slack.ana.open_home()
    await until(lambda: blocks(slack.ana))
    assert await votes(slack.ana) == []
    put(slack, asked(epoch=0, send=False))
    draft = slack.books.asked["apr_0"]
    receipt = await slack.desk.reviewer.ask_approval(Shown(draft), draft.id)
    assert receipt.place

    async def one() -> bool:
        return await votes(slack.ana) == ["apr_0"]

    await until(one)
    done = replace(draft, status=Stand.REJECTED, place=receipt.place, decided_at=now())
    slack.books.asked["apr_0"] = done
    await slack.desk.reviewer.redraw_approval(Shown(done))

    async def none() -> bool:
        return await votes(slack.ana) == []

    await until(none)
