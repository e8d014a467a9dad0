"""The first story with a real browser on both sides: `deskbridge demo`, as anybody would try it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, FrameLocator, Locator, Page, expect

from tests.scenarios.processes import Server
from tests.servers import free_port

DESKTOP, PHONE = (1440, 900), (390, 844)
SECONDS = 20_000  # ms that Playwright waits for anything
ANSWER = "Hi Sam, I am calling the courier now."
NOTE = "check the courier"


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a demo of this test's own."""
    port = free_port()
    server = Server(
        "demo", ["-m", "bridge.cli", "demo", "--empty", "--port", str(port)], tmp_path, {}
    )
    server.start()
    try:
        await server.answers(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.end()


class Window:
    """The demo's page: the shop with the chat on one side, the workspace on the other."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.set_default_timeout(SECONDS)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    @property
    def shop(self) -> FrameLocator:
        return self.page.frame_locator("#shop")

    @property
    def thread(self) -> Locator:
        return self.page.frame_locator("#workspace").locator(".thread-pane")

    @property
    def bubbles(self) -> Locator:
        return self.shop.locator(".log .bubble")

    async def say(self, text: str) -> None:
        """As the customer, in the chat."""
        composer = self.shop.locator("textarea")
        await composer.fill(text)
        await composer.press("Enter")

    async def reply(self, text: str, mark: str) -> None:
        """As Ana, in the thread that is open; the message gets its mark."""
        composer = self.thread.locator(".composer-input")
        await composer.fill(text)
        await composer.press("Enter")
        message = self.thread.locator(".message", has_text=text.removeprefix("!n ")).last
        await expect(message.locator(f"[data-reaction={mark}]")).to_be_visible(timeout=SECONDS)
        marks = message.locator(".pile[data-reaction]:not([data-reaction=eye])")
        await expect(marks).to_have_count(1, timeout=SECONDS)

    async def has_ticked(self, steps: int) -> None:
        await expect(self.page.locator("#steps button.done")).to_have_count(steps, timeout=SECONDS)


@pytest.fixture
async def window(browser: Browser, demo: str) -> AsyncIterator[Window]:
    context = await browser.new_context(
        viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale="en-GB"
    )
    opened = Window(await context.new_page())
    await opened.page.goto(demo)
    yield opened
    await context.close()
    assert opened.complaints == []


async def test_the_first_story_in_a_browser(window: Window) -> None:
    # The customer asks the bot, and then for a human.
    await window.say("Where is order 1009?")
    await expect(window.bubbles.last).to_contain_text("with the courier", timeout=SECONDS)
    await window.say("I want a human")
    await window.has_ticked(2)

    # The thread opens by itself; Ana takes it and answers, and Sam reads it.
    await expect(window.thread).to_contain_text("Sam Rivera", timeout=SECONDS)
    await (
        window.thread.get_by_role("button", name="Assign to me")
        .or_(window.thread.get_by_role("button", name="Assign #1 Sam Rivera to me"))
        .first.click()
    )
    await expect(window.shop.locator(".log")).to_contain_text(
        "Ana has joined the conversation.", timeout=SECONDS
    )
    await window.reply(ANSWER, "white_check_mark")
    await expect(window.bubbles.last).to_have_text(ANSWER, timeout=SECONDS)
    await window.say("Thank you!")
    await expect(window.thread.locator(".message").last).to_contain_text(
        "Thank you!", timeout=SECONDS
    )

    # A note stays in the house.
    await window.reply(f"!n {NOTE}", "lock")
    await window.has_ticked(4)

    # The bot has Sam back, and knows what Ana said.
    await window.reply("!resolve", "lock")
    await expect(window.shop.locator(".log")).to_contain_text(
        "Ana has left the conversation.", timeout=SECONDS
    )
    await window.say("Where is order 1009?")
    await expect(window.bubbles.last).to_contain_text(
        f"Ana told you that: “{ANSWER}”", timeout=SECONDS
    )
    await window.has_ticked(5)
    await expect(window.shop.locator(".log")).not_to_contain_text(NOTE, timeout=SECONDS)


async def test_a_customer_who_writes_end_is_back_with_the_assistant(window: Window) -> None:
    await window.say("I want a human")
    await window.has_ticked(2)
    await window.say("/end")
    await expect(window.shop.locator(".panel .status")).to_have_text(
        "Assistant · answers at once", timeout=SECONDS
    )
    await expect(window.shop.locator(".log .me .meta").last).to_contain_text("✓", timeout=SECONDS)
    await expect(window.shop.locator(".bad")).to_have_count(0)
    await window.say("Where is order 1009?")
    await expect(window.bubbles.last).to_contain_text("with the courier", timeout=SECONDS)


async def test_a_new_visit_is_sams_again_and_the_team_keeps_its_threads(window: Window) -> None:
    await window.say("Hello")
    await window.has_ticked(1)
    await window.shop.locator("textarea").fill("half a sen")
    await window.page.get_by_role("button", name="New visit").click()
    await expect(window.bubbles).to_have_count(0)
    await expect(window.shop.locator("textarea")).to_have_value("")
    await window.has_ticked(0)
    await window.say("I want a human")
    await window.has_ticked(2)
    await expect(window.thread).to_contain_text("Sam Rivera", timeout=SECONDS)
    await expect(window.thread).not_to_contain_text("Visitor")


async def test_the_demo_fits_a_phone(window: Window) -> None:
    await window.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await window.say("I want a human")
    await window.has_ticked(2)
    await window.page.locator("#tab-team").click()
    await expect(window.thread).to_contain_text("Sam Rivera", timeout=SECONDS)
    await window.reply(ANSWER, "white_check_mark")
    await window.page.locator("#tab-customer").click()
    await expect(window.bubbles.last).to_have_text(ANSWER, timeout=SECONDS)
    width = await window.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE[0]
