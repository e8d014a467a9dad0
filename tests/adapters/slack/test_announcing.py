"""Alerts in Slack: in a channel, to a person, once."""

from __future__ import annotations

import pytest

from adapters.slack import announcing
from adapters.slack.blocks import spoken
from bridge.alert_words import Item, Notice
from bridge.errors import Broken, Refused
from bridge.telling import Announces
from sandbox.slack import seed
from tests.adapters.slack.things import assigned
from tests.adapters.slack.world import World

ITEMS = (Item("default · for 12 min", "hnd_1", 42, "Sam <!channel>"), Item("slack socket"))
NOTICE = Notice("alert:lead:overdue:1", "2 handoffs that nobody takes", ITEMS, 7)


async def test_it_names_what_there_is_with_the_way_there_and_is_found_by_its_key(
    slack: World,
) -> None:
    assert isinstance(slack.desk, Announces)
    announcer = slack.desk.announcer
    await slack.opened(assigned())
    assert await announcer.find(seed.BILLING, NOTICE.key, 0) is None
    receipt = await announcer.announce(seed.BILLING, NOTICE)
    assert receipt.place is not None
    shown = slack.message(receipt.place[2], seed.BILLING)
    assert shown.text == "🔔 2 handoffs that nobody takes"
    told = str(shown.blocks)
    for words in (f"/archives/{seed.ORDERS}/p", "Sam <!channel>", "slack socket", "and 7 more"):
        assert words in told
    assert announcer.can_look(seed.BILLING)
    assert await announcer.find(seed.BILLING, NOTICE.key, 0) == receipt


async def test_a_draft_is_told_by_its_title_which_leads_to_its_card(slack: World) -> None:
    announcer = slack.desk.announcer
    link = await announcer.link(("T0DESK", seed.BILLING, "1763.000100"))
    assert link.endswith(f"/archives/{seed.BILLING}/p1763000100")
    items = (
        Item("shop · for 3 min, 12 min left", "hnd_1", 42, "Refund <!channel>", "apr_1", link),
        Item("shop · for 3 min, 12 min left", about="apr_2", link=link),
    )
    [block] = announcing.shown(Notice("alert:1", "2 drafts", items), ["", ""]).blocks
    [line] = block["elements"]
    assert spoken(line["elements"]) == (
        "🔔 2 drafts\n• Refund &lt;!channel&gt; · #42 · shop · for 3 min, 12 min left · apr_1"
        "\n• Draft · shop · for 3 min, 12 min left · apr_2"
    )
    assert [part["url"] for part in line["elements"] if part["type"] == "link"] == [link, link]


async def test_what_fired_is_told_by_the_number_of_its_handoff_which_leads_to_its_thread() -> None:
    link = "https://acme.slack.com/archives/C1/p1"
    items = (Item("orders · refund · 5 s ago", "hnd_1", 42, link=link),)
    [block] = announcing.shown(Notice("alert:1", "1 trigger fired", items), [link]).blocks
    [line] = block["elements"]
    assert spoken(line["elements"]) == "🔔 1 trigger fired\n• #42 · orders · refund · 5 s ago"
    assert [part["url"] for part in line["elements"] if part["type"] == "link"] == [link]


async def test_a_person_hears_it_from_the_app(slack: World) -> None:
    receipt = await slack.desk.announcer.announce(seed.ANA, NOTICE)
    assert receipt.place is not None
    assert slack.message(receipt.place[2], receipt.place[1]).text.startswith("🔔")
    assert not slack.desk.announcer.can_look(seed.ANA)


async def test_a_place_that_is_none_is_refused_and_a_token_that_is_refused_is_told(
    slack: World,
) -> None:
    announcer = slack.desk.announcer
    with pytest.raises(Refused, match="channel_not_found"):
        await announcer.announce("C0NOWHERE", NOTICE)
    with pytest.raises(Refused, match="channel_not_found"):
        await announcer.find("C0NOWHERE", NOTICE.key, 0)
    rule = {"kind": "error", "methods": ["chat.postMessage", "conversations.history"]}
    slack.box.faults.install({"rules": [{**rule, "error": "token_revoked"}]}, 0)
    with pytest.raises(Broken):
        await announcer.announce(seed.BILLING, NOTICE)
    with pytest.raises(Broken):
        await announcer.find(seed.BILLING, NOTICE.key, 0)
