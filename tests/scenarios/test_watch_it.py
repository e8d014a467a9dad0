"""*Watch it*, unattended in a real browser: the page plays the whole story by itself and ends with
all ticks, with each fault of *Break something*, too; nothing is lost and nothing doubled."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.scenarios.processes import Server
from tests.servers import free_port

SPEED = 40
PATIENCE = 90_000  # ms
JUMP = 0.01
"""Of what is on the screen, by https://web.dev/articles/cls; 0.1 is still called good."""
SHIFTS = """new PerformanceObserver((list) => {
  for (const { hadRecentInput, value } of list.getEntries())
    if (!hadRecentInput) window.shifted = (window.shifted ?? 0) + value;
}).observe({ type: "layout-shift", buffered: true });"""
LOST = "Failed to load resource"
"""What a browser says of a request whose server was killed."""


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of one demo for all visits: each is a customer of its own."""
    port = free_port()
    folder = tmp_path_factory.mktemp("watch")
    server = Server("demo", ["-m", "bridge.cli", "demo", "--port", str(port)], folder, {})
    server.start()
    try:
        await server.answers(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.end()


class Visit:
    """The demo's page, playing faster than anybody could follow."""

    def __init__(self, page: Page, demo: str) -> None:
        self.page = page
        self._demo = demo
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self._demo, "data:", "blob:")):
            self.elsewhere.append(url)

    async def begins(self) -> None:
        await self.page.goto(f"{self._demo}/?speed={SPEED}")
        await expect(self.page.locator("#server")).to_have_attribute("data-up", "true")

    async def breaks(self, fault: str) -> None:
        await self.page.locator(f"[data-fault={fault}]").click()

    async def watches(self) -> None:
        await self.page.locator("#watch").click()

    async def has_ticked(self, steps: int) -> None:
        ticks = self.page.locator("#steps button.done")
        await expect(ticks).to_have_count(steps, timeout=PATIENCE)

    async def ends_well(self) -> None:
        watch = self.page.locator("#watch")
        await expect(watch).to_have_attribute("data-end", "done", timeout=PATIENCE)
        await self.has_ticked(5)
        await expect(self.page.locator("#tally")).to_have_text("sent 5 · received 5 · doubled 0")


@pytest.fixture
async def visit(browser: Browser, demo: str) -> AsyncIterator[Visit]:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    await context.add_init_script(SHIFTS)
    opened = Visit(await context.new_page(), demo)
    await opened.begins()
    yield opened
    await context.close()
    assert opened.elsewhere == []


async def test_other_customers_are_there_already_and_not_since_just_now(visit: Visit) -> None:
    team = visit.page.frame_locator("#workspace")
    cards = team.locator(".channel-pane .message")
    await expect(cards).to_have_count(3)
    await expect(cards.nth(0)).to_contain_text("Resolved by Ben")
    await expect(cards.nth(1)).to_contain_text("Ben · answered")
    await expect(cards.nth(2)).to_contain_text("Camille Laurent")
    await expect(cards.nth(2)).to_contain_text(re.compile(r"Waiting since .* minutes ago"))
    await cards.nth(1).get_by_role("button", name="replies").click()
    sent = team.locator(".thread-pane .message", has_text="It leaves today.")
    await expect(sent.locator("[data-reaction=white_check_mark]")).to_be_visible()
    await team.get_by_role("button", name="Deskbridge").first.click()
    await expect(team.locator(".home-body")).to_contain_text("Waiting (1)")
    assert visit.complaints == []


async def test_it_plays_to_the_end_silently_and_nothing_jumps(visit: Visit) -> None:
    await visit.watches()
    await visit.ends_well()
    assert visit.complaints == []
    assert await visit.page.evaluate("window.shifted ?? 0") < JUMP


@pytest.mark.parametrize("fault", ["down", "limited", "doubled"])
async def test_it_plays_to_the_end_with_a_fault_of_slack(visit: Visit, fault: str) -> None:
    await visit.page.locator("#hood").click()
    await visit.breaks(fault)
    await visit.watches()
    await visit.ends_well()
    if fault != "down":  # which is over by itself
        pressed = visit.page.locator(f"[data-fault={fault}][aria-pressed=true]")
        await pressed.click()
        await expect(pressed).to_have_count(0)
    assert visit.complaints == []


async def test_it_plays_to_the_end_though_the_server_is_killed_twice(visit: Visit) -> None:
    await visit.page.locator("#hood").click()
    await visit.breaks("kill")
    await visit.watches()
    await visit.has_ticked(3)
    await visit.breaks("kill")
    await visit.ends_well()
    await expect(visit.page.locator("#server")).to_contain_text("restarted 2 times")
    assert [told for told in visit.complaints if LOST not in told] == []


async def test_it_stops_when_asked_and_begins_anew(visit: Visit, tmp_path: Path) -> None:
    await visit.watches()
    await visit.has_ticked(1)
    await visit.watches()
    watch = visit.page.locator("#watch")
    await expect(watch).to_have_attribute("data-end", "stopped")
    await visit.watches()
    await visit.ends_well()
    assert visit.complaints == []


async def test_on_a_phone_it_shows_the_side_where_something_happens(visit: Visit) -> None:
    await visit.page.set_viewport_size({"width": 390, "height": 844})
    await visit.watches()
    await visit.ends_well()
    assert visit.complaints == []
    await expect(visit.page.locator("#tab-customer")).to_have_attribute("aria-selected", "true")
