"""The pictures of the docs: `python -m tests.docs.screenshots [folder]`.

Starts `deskbridge demo` on a free port, plays its first story in a real browser at each width,
light and dark, and writes PNGs to docs/images (or to the folder named). Nothing is staged behind
the product's back: the customer types into the widget, Ana clicks and replies in the workspace.
What watches over bots has a stage of its own (`overseen.py`).
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from playwright.async_api import (
    Browser,
    FrameLocator,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.conftest import CHROMIUM_ARGUMENTS
from tests.docs.overseen import overseen
from tests.docs.shots import shoot
from tests.scenarios.processes import SOURCE, Server
from tests.servers import chromium_path, free_port

PATIENCE = 300.0
"""Seconds until the demo is there, on a machine that has much else to do."""
IMAGES = SOURCE / "docs" / "images"
WINDOW = (1440, 900)
SMALL = (1024, 768)
PHONE = (390, 844)
TALLER: ViewportSize = {"width": 1440, "height": 1150}
"""The whole thread fits."""
LOWER: ViewportSize = {"width": 1440, "height": 700}
"""As high as what App Home has to show."""
Scheme = Literal["light", "dark"]
Story = Callable[["Demo", str], Awaitable[None]]


class Demo:
    """The demo's page in a browser, with the customer on one side and Ana on the other."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.shop: FrameLocator = page.frame_locator("#shop")
        self.team: FrameLocator = page.frame_locator("#workspace")
        self.messenger: FrameLocator = page.frame_locator("#messenger")
        self.bubbles: Locator = self.shop.locator(".log :is(.bubble, .system)")
        self.thread: Locator = self.team.locator(".thread-pane")
        self._phone = (page.viewport_size or {"width": 0})["width"] < 900

    async def side(self, name: str) -> None:
        """On a phone only one side is shown."""
        if self._phone:
            await self.page.get_by_role("tab", name=name).click()

    async def picture(self, path: Path) -> None:
        await self.page.mouse.move(5, 5)  # nothing is pointed at
        await shoot(self.page, path)

    async def open(self, base: str) -> None:
        await self.page.goto(base)
        await expect(self.shop.locator("textarea")).to_be_visible()

    async def tell(self, text: str, answer: str) -> None:
        """The customer writes on Messenger, and waits for words that say `answer`."""
        await self.messenger.get_by_label("Message", exact=True).fill(text)
        await self.messenger.get_by_role("button", name="Send", exact=True).click()
        said = self.messenger.locator(".bubble", has_text=answer)
        await expect(said.last).to_be_visible()

    async def ask(self, text: str, answer: str) -> None:
        """The customer writes, and waits for a bubble that says `answer`."""
        await self.side("Customer")
        composer = self.shop.locator("textarea")
        await composer.fill(text)
        await composer.press("Enter")
        await expect(self.bubbles.filter(has_text=answer).last).to_be_visible()

    async def write(self, text: str, mark: str) -> None:
        """Ana writes into the thread, and waits for the mark on her message."""
        await self.side("Team")
        composer = self.thread.locator("textarea.composer-input")
        await composer.fill(text)
        await composer.press("Enter")
        written = self.thread.locator(".message").filter(has_text=text.removeprefix("!n "))
        await expect(written.last.locator(f"[data-reaction='{mark}']")).to_be_visible()

    async def assign(self) -> None:
        await self.side("Team")
        await expect(self.thread).to_contain_text("Sam Rivera")
        await self.thread.get_by_role("button", name="Assign").first.click()
        await expect(self.thread).to_contain_text("Ana has it")


async def first_story(demo: Demo, base: str) -> None:
    """Up to where both talk: asked, handed over, taken, answered, noted, thanked."""
    await demo.open(base)
    await demo.ask("Where is order 1009?", "courier")
    await demo.ask("I want a human", "finding a person")
    await demo.assign()
    await demo.write("Hi Sam, I am calling the courier now.", "white_check_mark")
    await demo.side("Customer")
    await expect(demo.bubbles.filter(has_text="calling the courier")).to_be_visible()
    await demo.write("!n courier says tomorrow before noon", "lock")
    await demo.ask("Thank you, Ana!", "Thank you, Ana!")
    await demo.side("Team")
    await expect(demo.thread.locator(".message").filter(has_text="Thank you, Ana!")).to_be_visible()


async def story_on_messenger(demo: Demo, base: str) -> None:
    """The same over Messenger, up to Ana's answer and Sam's thanks."""
    await demo.open(base)
    await demo.page.locator(".places [data-place=messenger]").click()
    await demo.tell("Where is order 1009?", "courier")
    await demo.tell("I want a human", "finding a person")
    await demo.assign()
    await demo.write("Hi Sam, I am calling the courier now.", "white_check_mark")
    await demo.side("Customer")
    answer = demo.messenger.locator(".bubble", has_text="calling the courier")
    await expect(answer).to_be_visible()
    await demo.tell("Thank you, Ana!", "Thank you, Ana!")
    await demo.side("Team")
    await expect(demo.thread.locator(".message").filter(has_text="Thank you, Ana!")).to_be_visible()


@asynccontextmanager
async def demo_server() -> AsyncIterator[str]:
    """The address of a demo as anybody starts it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="deskbridge-pictures-") as folder:
        server = Server("demo", ["-m", "bridge.cli", "demo", "--port", str(port)], Path(folder), {})
        try:
            server.start()
            await server.answers(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.end()


@asynccontextmanager
async def told(
    browser: Browser, base: str, size: tuple[int, int], scheme: Scheme, story: Story = first_story
) -> AsyncIterator[Demo]:
    """The demo after a story, as a visitor of its own sees it."""
    width, height = size
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
    )
    context.set_default_timeout(60_000)
    demo = Demo(await context.new_page())
    try:
        await story(demo, base)
        yield demo
    finally:
        await context.close()


def named(folder: Path, name: str, scheme: Scheme) -> Path:
    return folder / (f"{name}-dark.png" if scheme == "dark" else f"{name}.png")


async def with_template(demo: Demo, folder: Path) -> None:
    """Ana finds one by its first letters, and sees it as Sam will read it."""
    await demo.thread.get_by_role("button", name="Template").first.click()
    modal = demo.team.get_by_role("dialog")
    await expect(modal).to_contain_text("Choose one")
    await modal.get_by_text("Type to find one").click()
    await demo.page.keyboard.type("hel")
    await demo.page.keyboard.press("Enter")
    await expect(modal.locator("textarea")).to_have_value(re.compile("Hello Sam, this is Ana"))
    await shoot(modal, folder / "template.png")
    await modal.get_by_role("button", name="Send").click()
    await expect(modal).to_contain_text("Sent to")
    await modal.get_by_role("button", name="Close").last.click()


async def with_transfer(demo: Demo, folder: Path) -> None:
    """Ana looks at how she would hand it on, and keeps it."""
    await demo.thread.get_by_role("button", name="More…").first.click()
    await demo.team.get_by_role("option", name="Transfer…").click()
    modal = demo.team.get_by_role("dialog")
    await expect(modal).to_contain_text("A word for them")
    await shoot(modal, folder / "transfer.png")
    await modal.get_by_role("button", name="Cancel").click()


async def with_home(demo: Demo, folder: Path) -> None:
    """Ana comes online, and sees what there is."""
    await demo.team.get_by_role("button", name="Deskbridge").first.click()
    shown = demo.team.locator(".home-body")
    await shown.get_by_role("button", name="Go online").click()
    await expect(shown).to_contain_text("1 of 3 online")
    await demo.page.set_viewport_size(LOWER)
    await demo.page.mouse.move(5, 5)  # nothing is pointed at
    await shoot(demo.team.locator(".slot-main"), folder / "home.png")


async def on_a_desk(browser: Browser, base: str, folder: Path, scheme: Scheme) -> None:
    async with told(browser, base, WINDOW, scheme) as demo:
        await demo.picture(named(folder, "demo", scheme))
        if scheme == "light":
            await shoot(demo.shop.get_by_role("dialog"), folder / "widget.png")
            await demo.page.set_viewport_size(TALLER)
            await shoot(demo.thread, folder / "thread.png")
            await demo.page.set_viewport_size({"width": WINDOW[0], "height": WINDOW[1]})
        await demo.page.locator("#hood").click()
        await demo.page.locator("[data-fault=doubled]").click()
        await demo.ask("When will it be here?", "When will it be here?")
        said = demo.thread.locator(".message").filter(has_text="When will it be here?")
        await expect(said).to_be_visible()
        await demo.page.locator("#wire button", has_text="bot_message").first.click()
        await demo.picture(named(folder, "hood", scheme))
        await demo.page.locator("[data-fault=doubled]").click()
        await demo.page.locator("#hood").click()
        if scheme == "light":
            await with_template(demo, folder)
            await with_transfer(demo, folder)
            await with_home(demo, folder)
            await demo.page.set_viewport_size({"width": WINDOW[0], "height": WINDOW[1]})


async def on_a_small_screen(browser: Browser, base: str, folder: Path, scheme: Scheme) -> None:
    async with told(browser, base, SMALL, scheme) as demo:
        await demo.picture(named(folder, "demo-1024", scheme))


async def on_a_phone(browser: Browser, base: str, folder: Path, scheme: Scheme) -> None:
    async with told(browser, base, PHONE, scheme) as demo:
        await demo.picture(named(folder, "demo-phone-team", scheme))
        await demo.side("Customer")
        await demo.picture(named(folder, "demo-phone-customer", scheme))


async def on_messenger(browser: Browser, base: str, folder: Path, scheme: Scheme) -> None:
    async with told(browser, base, WINDOW, scheme, story_on_messenger) as demo:
        await demo.picture(named(folder, "messenger", scheme))
    async with told(browser, base, PHONE, scheme, story_on_messenger) as demo:
        await demo.side("Customer")
        await demo.picture(named(folder, "messenger-phone", scheme))


async def take(folder: Path) -> None:
    """All pictures, into `folder`."""
    expect.set_options(timeout=60_000)
    schemes: tuple[Scheme, ...] = ("light", "dark")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=list(CHROMIUM_ARGUMENTS)
        )
        for scheme in schemes:
            async with demo_server() as base:
                for pictures in (on_a_desk, on_a_small_screen, on_a_phone):
                    await pictures(browser, base, folder, scheme)
            async with demo_server() as base:  # where no other Sam was before
                await on_messenger(browser, base, folder, scheme)
        with tempfile.TemporaryDirectory(prefix="deskbridge-pictures-") as scratch:
            await overseen(browser, folder, Path(scratch))
        await browser.close()


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    chosen.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(chosen))
