"""Pictures of what watches over a bot, and of two customers who are one person: the product with
rules and approvals, a bot whose answers about money are approved first, and its own report."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, ViewportSize, expect
from starlette.responses import JSONResponse, Response

from bridge.lists import Wanted
from bridge.model import SECOND
from bridge.report_page import Frame
from bridge.report_page import page as page_of
from bridge.reporting import reported
from sandbox.slack import seed
from storage.database import connect
from storage.lists import SqlLists
from storage.migrate import upgrade
from storage.queries import SqlReads
from tests.bench.year import PERIOD, Year, write
from tests.docs.looks import Json
from tests.docs.shots import shoot
from tests.scenarios.customer import Customer
from tests.scenarios.puppet import handoff, puppet, says
from tests.scenarios.stage import Setting, Stage, on_stage

WINDOW: ViewportSize = {"width": 1280, "height": 1000}
LOWER: ViewportSize = {"width": 1000, "height": 520}
"""As high as a card with the channel around it."""
REPORT: ViewportSize = {"width": 1100, "height": 745}
MONTH = 30
RULES = """
[approvals]
require_intents = ["refund"]
[[triggers]]
name = "angry"
kind = "sentiment"
hand_over = true
priority = "high"
[[triggers]]
name = "legal"
kind = "legal"
labels = ["legal"]
"""
MONEY = (
    "I am sorry that it came broken. I can pay the €49 for order 1009 back today: it takes three "
    "to five days until you see it."
)


def answers(data: Json) -> Response:
    """As the shop's bot would."""
    text = data["message"]["text"]
    if "money" in text:
        return JSONResponse({"messages": [{"text": MONEY, "intent": "refund"}]})
    if "human" in text:
        return handoff("My parcel never arrived")
    return says("Order 1009 was delivered yesterday.")


@asynccontextmanager
async def workspace(browser: Browser, base: str) -> AsyncIterator[Page]:
    """The desk's channel, as Ana sees it."""
    context = await browser.new_context(
        viewport=WINDOW, reduced_motion="reduce", locale="en-GB", color_scheme="light"
    )
    page = await context.new_page()
    await page.goto(f"{base}/?as={seed.ANA}&channel={seed.ORDERS}")
    yield page
    await context.close()


async def met(stage: Stage, name: str) -> Customer:
    customer = await stage.customer(name)
    stage.the_bot.answers[customer.conversation] = answers
    return customer


def card(page: Page, words: str) -> Locator:
    return page.locator(".channel-pane .message").filter(has_text=words).last


async def with_approval(page: Page, stage: Stage, folder: Path) -> None:
    """What the bot would say of money waits for somebody."""
    await page.set_viewport_size(LOWER)
    channel = page.locator(".channel-pane")
    kim = await met(stage, "Kim Castillo")
    await kim.say("Where is order 1009?")
    await kim.has_heard("Order 1009 was delivered yesterday.", kind="bot")
    await kim.say("It is broken! Can I have my money back?")
    shown = card(page, "Draft of the assistant")
    await expect(shown).to_be_visible()
    await page.mouse.move(5, 5)
    await shoot(channel, folder / "approval.png")
    await shown.get_by_role("button", name="Edit").click()
    modal = page.get_by_role("dialog")
    words = modal.locator("textarea")
    await words.fill(MONEY.replace("€49", "€49.90"))
    await modal.get_by_role("button", name="Approve").click()
    decided = card(page, "What changed")
    await expect(decided).to_contain_text("sent")
    await shoot(channel, folder / "approved.png")
    await page.set_viewport_size(WINDOW)


async def with_rules(page: Page, stage: Stage, folder: Path) -> None:
    """One who is angry has a person at once, and in their thread another rule fires."""
    sam = await met(stage, "Sam Rivera")
    await sam.say("Where is order 1009?")
    await sam.has_heard("Order 1009 was delivered yesterday.", kind="bot")
    await known(stage, sam, email="sam@example.org", attributes={"plan": "pro", "order": "1009"})
    await sam.say("This is the third time I ask, and I am really angry. It is unacceptable!")
    await card(page, "Sam Rivera").get_by_role("button", name="Assign").first.click()
    await expect(card(page, "Sam Rivera")).to_contain_text("Ana ·")
    thread = await stage.thread(sam)
    await page.goto(f"{stage.slack_base}/?as={seed.ANA}&channel={seed.ORDERS}&thread={thread.ts}")
    pane = page.locator(".thread-pane")
    await expect(pane).to_contain_text("False alarm")
    await sam.say("Then my lawyer will write to you.")
    await expect(pane).to_contain_text("legal")
    await page.mouse.move(5, 5)
    await shoot(pane, folder / "rules.png")


async def known(stage: Stage, who: Customer, **fields: object) -> None:
    here = (await stage.api("GET", f"/conversations/{who.conversation}")).json()
    user = here.get("user") or {}
    path = f"/channels/webchat/users/{user.get('id')}"
    (await stage.api("PATCH", path, json=fields)).raise_for_status()


async def with_merge(page: Page, stage: Stage, folder: Path) -> None:
    """Sam wrote from another browser, too."""
    again = await met(stage, "Sam R.")
    await again.say("Hello, do you ship to Porto?")
    await known(stage, again, attributes={"plan": "free", "company": "Rivera & Sons"})
    await page.locator(".thread-pane").get_by_role("button", name="More…").first.click()
    await page.get_by_role("option", name="Profile", exact=True).click()
    modal = page.get_by_role("dialog").last
    await modal.get_by_role("button", name="Same person as").click()
    search = page.get_by_role("dialog").filter(has_text="Who is the same person?").last
    await search.get_by_role("textbox").fill("Sam R")
    await search.get_by_role("button", name="Find").click()
    await page.get_by_role("button", name="This one").last.click()
    preview = page.get_by_role("dialog").filter(has_text="become one person").last
    await expect(preview).to_contain_text("It cannot be undone")
    await page.mouse.move(5, 5)
    await shoot(preview, folder / "merge.png")
    await preview.get_by_role("button", name="Merge").click()
    await expect(page.get_by_role("dialog").last).to_contain_text("are one person now")


async def month(scratch: Path) -> str:
    database = connect(f"sqlite:///{scratch}/month.db")
    await upgrade(database)
    await write(database, Year(900, days=MONTH))
    lists = SqlLists(database, SqlReads(database, lambda _: True))
    period = replace(PERIOD, until=PERIOD.since + MONTH * 86_400 * SECOND)
    made = await reported(lists, Wanted(), period)
    await database.close()
    links = {"7 days": "/report?since=7d", "30 days": "/report?since=30d"}
    return page_of(made, Frame(period.until, {}, links, "30 days"))


async def with_report(browser: Browser, folder: Path, scratch: Path) -> None:
    """A month of a desk, made up."""
    context = await browser.new_context(viewport=REPORT, color_scheme="light")
    page = await context.new_page()
    await page.set_content(await month(scratch))
    await shoot(page, folder / "report.png")
    await context.close()


async def overseen(browser: Browser, folder: Path, scratch: Path) -> None:
    """All of them, into `folder`. `scratch`: for what is gone afterwards."""
    async with puppet() as bot:
        database = f"sqlite:///{scratch / 'stage.db'}"
        setting = Setting(database, bot=bot, more_toml=RULES, timeout=10.0, lease=30.0)
        async with (
            on_stage(setting, scratch) as stage,
            workspace(browser, stage.slack_base) as page,
        ):
            await with_approval(page, stage, folder)
            await with_rules(page, stage, folder)
            await with_merge(page, stage, folder)
    await with_report(browser, folder, scratch)
