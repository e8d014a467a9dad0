"""The demo's page in a real browser: the customer on one side, the team on the other."""

import re

from playwright.async_api import ConsoleMessage, Expect, FilePayload, FrameLocator, Locator, Page

SPEED = 40
"""Times faster than anybody could follow."""
PATIENCE = 90_000  # ms that Playwright waits for anything
SHIFTS = """new PerformanceObserver((list) => {
  for (const { hadRecentInput, value } of list.getEntries())
    if (!hadRecentInput) window.shifted = (window.shifted ?? 0) + value;
}).observe({ type: "layout-shift", buffered: true });"""
expect = Expect()
expect.set_options(timeout=PATIENCE)
LOST = "Failed to load resource"
"""What a browser says of a request whose server was killed."""


class DemoPage:
    """One visit, of a customer of its own."""

    def __init__(self, page: Page, demo: str) -> None:
        self.page = page
        self.may_lose_requests = False
        self._demo = demo
        self._complaints: list[str] = []
        self._elsewhere: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complaints.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._complaints.append(f"{message.text} ({message.location.get('url')})")

    def _asked(self, url: str) -> None:
        if not url.startswith((self._demo, "data:", "blob:")):
            self._elsewhere.append(url)

    def was_silent(self) -> None:
        """Nothing was complained of, and nothing fetched from anywhere else."""
        excused = LOST if self.may_lose_requests else "\0"
        assert [told for told in self._complaints if excused not in told] == []
        assert self._elsewhere == []

    async def begins(self) -> None:
        await self.page.goto(f"{self._demo}/?speed={SPEED}")
        await expect(self.page.locator("#server")).to_have_attribute("data-up", "true")

    # --- the customer ------------------------------------------------------------------------

    @property
    def shop(self) -> FrameLocator:
        return self.page.frame_locator("#shop")

    @property
    def bubbles(self) -> Locator:
        """In the chat."""
        return self.shop.locator(".log .bubble")

    async def say(self, text: str) -> None:
        """In the chat on the shop's site."""
        composer = self.shop.locator("textarea")
        await composer.fill(text)
        await composer.press("Enter")

    @property
    def messenger(self) -> FrameLocator:
        return self.page.frame_locator("#messenger")

    async def goes_to(self, place: str) -> None:
        """*On your site* or *On Messenger*; where there is little room, *Site* or *Messenger*."""
        places = self.page.get_by_role("group", name="Where your customer writes")
        await places.get_by_role("button", name=re.compile(place, re.IGNORECASE)).click()

    async def writes(self, text: str) -> None:
        """On Messenger."""
        await self.messenger.get_by_label("Message", exact=True).fill(text)
        await self.messenger.get_by_role("button", name="Send", exact=True).click()

    async def sends(self, picture: FilePayload) -> None:
        """On Messenger."""
        await self.messenger.locator("input[type=file]").set_input_files(picture)

    async def has_heard(self, text: str, name: str = "Northwind Outfitters") -> Locator:
        """What stands there under that name, in a row with its picture."""
        row = self.messenger.locator("li.theirs", has_text=text).last
        await expect(row).to_be_visible()
        named = self.messenger.locator("li.theirs.first .name").last
        await expect(named).to_have_text(name)
        return row

    # --- the team ----------------------------------------------------------------------------

    @property
    def team(self) -> FrameLocator:
        return self.page.frame_locator("#workspace")

    @property
    def thread(self) -> Locator:
        return self.team.locator(".thread-pane")

    async def takes_it(self) -> None:
        """Ana does, in the thread that has opened by itself."""
        await expect(self.thread).to_contain_text("Sam Rivera")
        await self.thread.locator("[data-action=assign_me]").first.click()

    async def reply(self, text: str, mark: str, picture: FilePayload | None = None) -> None:
        """As Ana, in the thread that is open; the message gets its mark and no other."""
        if picture:
            await self.thread.locator("input[type=file]").set_input_files(picture)
            await expect(self.thread.locator(".composer")).to_contain_text(picture["name"])
        composer = self.thread.locator(".composer-input")
        await composer.fill(text)
        await composer.press("Enter")
        message = self.thread.locator(".message", has_text=text.removeprefix("!n ")).last
        await expect(message.locator(f"[data-reaction={mark}]")).to_be_visible()
        marks = message.locator(".pile[data-reaction]:not([data-reaction=eye])")
        await expect(marks).to_have_count(1)

    # --- the demo ----------------------------------------------------------------------------

    async def has_ticked(self, steps: int) -> None:
        ticks = self.page.locator("#steps button.done")
        await expect(ticks).to_have_count(steps)

    async def is_past(self, step: int) -> None:
        """It may be over before anybody has looked."""
        await expect(self.page.locator("#steps button.done").nth(step - 1)).to_be_visible()

    async def has_counted(self, each: int) -> None:
        """Of what was said, both ways."""
        told = f"sent {each} · received {each} · doubled 0"
        await expect(self.page.locator("#tally")).to_have_text(told)

    async def breaks(self, fault: str) -> None:
        await self.page.locator(f"[data-fault={fault}]").click()

    async def mends(self, fault: str) -> None:
        pressed = self.page.locator(f"[data-fault={fault}][aria-pressed=true]")
        await pressed.click()
        await expect(pressed).to_have_count(0)

    async def watches(self) -> None:
        """Presses *Watch it*, or *Stop*."""
        await self.page.locator("#watch").click()

    async def ends_well(self) -> None:
        watch = self.page.locator("#watch")
        await expect(watch).to_have_attribute("data-end", "done")
        await self.has_ticked(5)
        await self.has_counted(5)
