"""More of what an agent does in Slack: shortcuts, emoji, threads, archived channels, failures."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from sandbox.slack import membership, seed
from tests.sandbox.page_stage import Stage, Visit, stage, visit
from tests.sandbox.test_page import open_as_ana, post_card


@pytest.fixture
async def slack() -> AsyncIterator[Stage]:
    async with stage() as served:
        yield served


@pytest.fixture
async def ana(browser: Browser, slack: Stage) -> AsyncIterator[Visit]:
    """Ana's browser, not yet anywhere."""
    async with visit(browser, slack.base) as opened:
        yield opened


async def more_actions(page: Page) -> None:
    """Open the menu of the only message."""
    await page.locator(".channel-pane .message").hover()
    await page.get_by_role("button", name="More actions").click()


async def test_a_global_shortcut_is_beside_the_composer(ana: Visit, slack: Stage) -> None:
    page = await open_as_ana(ana, slack)
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="New handoff").click()
    await expect(page.locator("dialog h2")).to_have_text("Handoff")
    payload = await slack.app.of_type("shortcut")
    assert (payload["callback_id"], "message" in payload) == ("new", False)


async def test_an_app_that_takes_too_long_is_told_in_a_toast(ana: Visit, slack: Stage) -> None:
    await post_card(slack)
    page = await open_as_ana(ana, slack)
    slack.box.faults.install({"rules": [{"kind": "lose_requests"}]}, 0.0)
    await more_actions(page)
    await page.get_by_role("menuitem", name="Handoff…").click()
    await expect(page.locator(".toast.bad")).to_contain_text("Deskbridge took too long to respond")


async def test_an_admin_deletes_the_apps_card(ana: Visit, slack: Stage) -> None:
    await post_card(slack)
    page = await open_as_ana(ana, slack)
    await more_actions(page)
    await expect(page.get_by_role("menuitem", name="Edit message")).not_to_be_visible()
    await page.get_by_role("menuitem", name="Delete message…").click()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.locator(".channel-pane .message")).to_contain_text("was deleted")
    await expect(page.locator(".thread-line")).to_contain_text("1 reply")


async def test_every_emoji_of_the_workspace_is_shown_by_its_name(ana: Visit, slack: Stage) -> None:
    async with slack.person(seed.BEN) as ben:
        ts = await ben.say(seed.ORDERS, "look")
        await ben.react(seed.ORDERS, ts, "flag-nz")
    page = await open_as_ana(ana, slack)
    await expect(page.locator("[data-reaction=flag-nz]")).to_contain_text("🇳🇿")
    await page.locator(".channel-pane .message").hover()
    await page.get_by_role("button", name="Find another reaction").click()
    await page.get_by_role("textbox", name="Search emoji").fill("rocket")
    await page.get_by_role("button", name="rocket", exact=True).click()
    await expect(page.locator("[data-reaction=rocket]")).to_be_visible()


async def test_threads_with_news_are_listed_until_they_are_read(ana: Visit, slack: Stage) -> None:
    async with slack.person(seed.ANA) as person, slack.person(seed.BEN) as ben:
        root = await person.say(seed.ORDERS, "my question")
        other = await person.say(seed.BILLING, "another one")
        await ben.reply(seed.BILLING, other, "an old answer")
        page = await open_as_ana(ana, slack)
        await page.locator("[data-threads]").click()
        await expect(page.locator(".thread-card")).to_have_count(1)
        await ben.reply(seed.ORDERS, root, "an answer")
    card = page.locator(".thread-card.fresh")
    await expect(card).to_contain_text("my question")
    await expect(page.locator("[data-threads] .badge")).to_have_text("1")
    await expect(page.locator(".thread-card").first).to_contain_text("desk-orders")
    await card.get_by_role("button", name="1 reply").click()
    await expect(page.locator(".thread-pane")).to_contain_text("an answer")
    await expect(page.locator("[data-threads] .badge")).not_to_be_visible()


async def test_an_archived_channel_is_read_only_as_it_happens(ana: Visit, slack: Stage) -> None:
    root = await post_card(slack)
    page = await open_as_ana(ana, slack, f"&thread={root}")
    channel = slack.box.workspace.channels[seed.ORDERS]
    membership.archive(slack.box.workspace, channel, seed.BEN, on=True)
    for pane in ("channel", "thread"):
        note = page.locator(f".{pane}-pane .not-member")
        await expect(note).to_contain_text("#desk-orders has been archived")
    await expect(page.locator(f".row.archived[data-channel={seed.ORDERS}]")).to_be_visible()
    membership.archive(slack.box.workspace, channel, seed.BEN, on=False)
    await expect(page.locator(".channel-pane .composer-input")).to_be_visible()


async def test_a_channel_that_goes_away_leaves_the_page_elsewhere(ana: Visit, slack: Stage) -> None:
    page = await open_as_ana(ana, slack)
    workspace = slack.box.workspace
    membership.rename(workspace, workspace.channels[seed.ORDERS], "desk-parcels", seed.BEN)
    await expect(page.locator(".channel-pane h1")).to_have_text("desk-parcels")
    membership.delete_channel(workspace, workspace.channels[seed.ORDERS], seed.BEN)
    await expect(page.locator(".channel-pane h1")).to_have_text("desk-billing")


async def test_the_app_has_its_home_and_its_messages(ana: Visit, slack: Stage) -> None:
    page = await open_as_ana(ana, slack)
    await page.locator("[data-home]").click()
    assert (await slack.app.of_type("app_home_opened"))["tab"] == "home"
    await page.get_by_role("tab", name="Messages").click()
    await expect(page.locator(".channel-pane .not-member")).to_have_text(
        "Sending messages to this app has been turned off."
    )
    await page.get_by_role("tab", name="Home").click()
    await expect(page.locator(".home-pane")).to_be_visible()
