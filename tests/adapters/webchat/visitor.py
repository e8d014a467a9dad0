"""A visitor's browser in front of the stub: one context, its pages, and whatever went wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.adapters.webchat.stub import Desk, serving
from tests.profiles import alone, kept

BRITISH = {"locale": "en-GB"}
VIOLATIONS = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
  (event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI));
"""


@dataclass
class Visitor:
    desk: Desk
    port: int
    context: BrowserContext
    page: Page
    problems: list[str] = field(default_factory=list)  # console errors and uncaught exceptions

    @property
    def launcher(self) -> Locator:
        return self.page.locator(".launcher")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def composer(self) -> Locator:
        return self.page.locator("textarea")

    @property
    def bubbles(self) -> Locator:
        return self.page.locator(".log .bubble")

    @property
    def status(self) -> Locator:
        return self.page.locator(".status")

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def tab(self, path: str = "/") -> "Visitor":
        """Another tab of the same browser."""
        page = await self.context.new_page()
        await page.add_init_script(VIOLATIONS)
        other = Visitor(self.desk, self.port, self.context, page, self.problems)
        other.watch()
        await page.goto(self.url(path))
        await expect(other.launcher).to_be_visible()
        return other

    async def in_two_tabs(self) -> "Visitor":
        """Says hello; the other one of two tabs that show it."""
        await self.open()
        await self.send("hello")
        await self.read("hello")
        other = await self.tab()
        await other.launcher.click()
        await other.read("hello")
        return other

    def watch(self) -> None:
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self.listen)

    def listen(self, said: ConsoleMessage) -> None:
        """Chromium itself reports every failed request; those are what the tests are about."""
        if said.type == "error" and not said.text.startswith("Failed to load resource"):
            self.problems.append(said.text)

    async def open(self) -> None:
        await self.launcher.click()
        await self.desk.until(lambda: self.desk.streams > 0)

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def send(self, text: str) -> None:
        """Says it, and waits until the server has it."""
        await self.say(text)
        await self.desk.until(lambda: text in self.desk.texts)

    async def read(self, *texts: str) -> None:
        """The bubbles say exactly this, in this order."""
        await expect(self.bubbles).to_have_text(list(texts))

    async def while_time_passes(self, condition: Callable[[], bool]) -> None:
        """The page's clock goes on until the server has seen it: a page sets its timers when an
        answer has come to it, which is after the server gave it."""
        async with asyncio.timeout(60):
            while not condition():
                await self.page.clock.run_for(1_000)

    async def call(self, method: str, *args: object) -> Any:
        """deskbridge.method(...)"""
        script = "async ([method, args]) => { await window.deskbridge[method](...args) }"
        return await self.page.evaluate(script, [method, list(args)])


@asynccontextmanager
async def visiting(
    browser: Browser,
    desk: Desk | None = None,
    *,
    path: str = "/",
    clock: bool = False,
    by_itself: bool = False,
    **options: Any,
) -> AsyncIterator[Visitor]:
    """A visitor who has just come to the page; `clock` puts its timers into the test's hands.
    `by_itself`, and with options: in a profile of its own, to which anything may be done."""
    async with serving(desk := desk or Desk()) as port, AsyncExitStack() as stack:
        own, origin = by_itself or clock or options, f"http://127.0.0.1:{port}"
        page = await stack.enter_async_context(
            alone(browser, **(BRITISH | options)) if own else kept(browser, origin, **BRITISH)
        )
        page.context.set_default_timeout(60_000)
        await page.add_init_script(VIOLATIONS)
        if clock:
            await page.clock.install()
        visitor = Visitor(desk, port, page.context, page)
        visitor.watch()
        await page.goto(visitor.url(path))
        await expect(visitor.launcher).to_be_visible()
        yield visitor
        assert visitor.problems == []
