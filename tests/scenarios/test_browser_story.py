"""`deskbridge demo` in a real browser, as anybody would try it: the story on the shop's site and on
Messenger, and *Watch it*, which plays it by itself, with each fault of *Break something*, too.

One demo serves all: each visit is a customer of its own.
"""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, FilePayload

from sandbox.graph.photo import photo
from tests.profiles import kept
from tests.scenarios.demo_page import SHIFTS, DemoPage, expect
from tests.scenarios.processes import Server
from tests.servers import free_port

PHONE = (390, 844)
ANSWER = "Hi Sam, I am calling the courier now."
NOTE = "check the courier"
JUMP = 0.01
"""Of what is on the screen, by https://web.dev/articles/cls; 0.1 is still called good."""
PHOTO: FilePayload = {"name": "shelf.png", "mimeType": "image/png", "buffer": photo()}


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    port = free_port()
    folder = tmp_path_factory.mktemp("demo")
    server = Server("demo", ["-m", "bridge.cli", "demo", "--port", str(port)], folder, {})
    server.start()
    try:
        await server.answers(f"http://127.0.0.1:{port}/readyz", timeout=180)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.end()


@pytest.fixture
async def visit(browser: Browser, demo: str) -> AsyncIterator[DemoPage]:
    options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"}
    async with kept(browser, demo, **options) as page:
        await page.add_init_script(SHIFTS)
        opened = DemoPage(page, demo)
        await opened.begins()
        yield opened
    opened.was_silent()


async def test_other_customers_are_there_already_and_not_since_just_now(visit: DemoPage) -> None:
    cards = visit.team.locator(".channel-pane .message")
    await expect(cards).to_have_count(3)
    await expect(cards.nth(0)).to_contain_text("Resolved by Ben")
    await expect(cards.nth(1)).to_contain_text("Ben · answered")
    await expect(cards.nth(2)).to_contain_text("Camille Laurent")
    await expect(cards.nth(2)).to_contain_text(re.compile(r"Waiting since .* minutes ago"))
    await expect(cards.nth(2)).to_contain_text(re.compile("messenger · French · answer until"))
    await cards.nth(1).get_by_role("button", name="replies").click()
    sent = visit.thread.locator(".message", has_text="It leaves today.")
    await expect(sent.locator("[data-reaction=white_check_mark]")).to_be_visible()
    await visit.team.get_by_role("button", name="Deskbridge").first.click()
    await expect(visit.team.locator(".home-body")).to_contain_text("Waiting (1)")


async def test_the_first_story_in_a_browser(visit: DemoPage) -> None:
    # The customer asks the bot, and then for a human.
    await visit.say("Where is order 1009?")
    await expect(visit.bubbles.last).to_contain_text("with the courier")
    await visit.say("I want a human")
    await visit.has_ticked(2)

    # The thread opens by itself; Ana takes it and answers, and Sam reads it.
    await visit.takes_it()
    log = visit.shop.locator(".log")
    await expect(log).to_contain_text("Ana has joined the conversation.")
    await visit.reply(ANSWER, "white_check_mark")
    await expect(visit.bubbles.last).to_have_text(ANSWER)
    await visit.say("Thank you!")
    await expect(visit.thread.locator(".message").last).to_contain_text("Thank you!")

    # A note stays in the house.
    await visit.reply(f"!n {NOTE}", "lock")
    await visit.has_ticked(4)

    # The bot has Sam back, and knows what Ana said.
    await visit.reply("!resolve", "lock")
    await expect(log).to_contain_text("Ana has left the conversation.")
    await visit.say("Where is order 1009?")
    await expect(visit.bubbles.last).to_contain_text(f"Ana told you: “{ANSWER}”")
    await visit.has_ticked(5)
    await expect(log).not_to_contain_text(NOTE)


async def test_the_same_story_on_messenger(visit: DemoPage) -> None:
    # Words, a picture and a quick reply come to the bot and to the thread.
    await visit.goes_to("Messenger")
    await visit.writes("Where is order 1009?")
    await visit.has_heard("with the courier")
    await visit.sends(PHOTO)
    await visit.has_heard("I am not sure I understand")
    await visit.messenger.get_by_role("group", name="Quick replies").get_by_role("button").click()
    await visit.has_ticked(2)
    await visit.takes_it()
    await expect(visit.thread.get_by_role("img", name="image.png")).to_be_visible()

    # Sam sees Ana's name and picture, and the picture that she sends.
    await visit.has_heard("Ana has joined")
    await visit.goes_to("site")
    await visit.reply(ANSWER, "white_check_mark", PHOTO)
    await expect(visit.page.locator(".places [data-place=messenger] .unread")).to_be_visible()
    await visit.goes_to("Messenger")
    await expect(visit.page.locator(".places .unread:visible")).to_have_count(0)
    row = await visit.has_heard(ANSWER, name="Ana")
    shelf = visit.messenger.get_by_role("link", name="shelf.png").locator("img")
    await expect(shelf).to_be_visible()
    assert await shelf.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    face = row.locator("img.face")
    await expect(face).to_have_attribute("src", re.compile("/sandbox/slack/"))
    assert await face.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0

    # A note stays in the house, and afterwards the bot knows what Ana said.
    await visit.reply(f"!n {NOTE}", "lock")
    await visit.reply("!resolve", "lock")
    await visit.has_heard("Ana has left")
    await visit.writes("Where is order 1009?")
    await visit.has_heard(f"Ana told you: “{ANSWER}”")
    await visit.has_ticked(5)
    await visit.has_counted(4)
    await expect(visit.messenger.locator("#messages")).not_to_contain_text(NOTE)


async def test_a_customer_who_writes_end_is_back_with_the_assistant(visit: DemoPage) -> None:
    await visit.say("I want a human")
    await visit.has_ticked(2)
    await visit.say("/end")
    status = visit.shop.locator(".panel .status")
    await expect(status).to_have_text("Assistant · answers at once")
    await expect(visit.shop.locator(".log .me .meta").last).to_contain_text("✓")
    await expect(visit.shop.locator(".bad")).to_have_count(0)
    await visit.say("Where is order 1009?")
    await expect(visit.bubbles.last).to_contain_text("with the courier")


async def test_a_new_visit_is_sams_again_and_the_team_keeps_its_threads(visit: DemoPage) -> None:
    await visit.say("Hello")
    await visit.has_ticked(1)
    await visit.shop.locator("textarea").fill("half a sen")
    await visit.goes_to("Messenger")
    await visit.writes("Bonjour")
    await visit.has_heard("Bonjour\u202f!")
    await visit.page.get_by_role("button", name="New visit").click()
    await expect(visit.messenger.locator("li.beginning")).to_be_visible()
    await visit.goes_to("site")
    await expect(visit.bubbles).to_have_count(0)
    await expect(visit.shop.locator("textarea")).to_have_value("")
    await visit.has_ticked(0)
    await visit.say("I want a human")
    await visit.has_ticked(2)
    await expect(visit.thread).to_contain_text("Sam Rivera")
    await expect(visit.thread).not_to_contain_text("Visitor")


async def test_the_demo_fits_a_phone(visit: DemoPage) -> None:
    await visit.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await visit.say("I want a human")
    await visit.has_ticked(2)
    await visit.page.locator("#tab-team").click()
    await expect(visit.thread).to_contain_text("Sam Rivera")
    await visit.reply(ANSWER, "white_check_mark")
    await visit.page.locator("#tab-customer").click()
    await expect(visit.bubbles.last).to_have_text(ANSWER)
    assert await visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


# --- *Watch it*, unattended ----------------------------------------------------------------------


async def test_it_plays_to_the_end_silently_and_nothing_jumps(visit: DemoPage) -> None:
    await visit.watches()
    await visit.ends_well()
    assert await visit.page.evaluate("window.shifted ?? 0") < JUMP


@pytest.mark.parametrize("faults", [["down"], ["limited", "doubled"]], ids=" and ".join)
async def test_it_plays_to_the_end_with_faults(visit: DemoPage, faults: list[str]) -> None:
    await visit.page.locator("#hood").click()
    for fault in faults:
        await visit.breaks(fault)
    await visit.watches()
    await visit.ends_well()
    for fault in set(faults) - {"down"}:  # which is over by itself
        await visit.mends(fault)


async def test_it_plays_to_the_end_though_the_server_is_killed_twice(visit: DemoPage) -> None:
    visit.may_lose_requests = True
    await visit.page.locator("#hood").click()
    await visit.breaks("kill")
    await visit.watches()
    await visit.is_past(3)
    await visit.breaks("kill")
    await visit.ends_well()
    await expect(visit.page.locator("#server")).to_contain_text("restarted 2 times")


async def test_on_a_phone_it_shows_the_side_where_something_happens(visit: DemoPage) -> None:
    await visit.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await visit.goes_to("Messenger")

    # It stops when asked, and begins anew, on the shop's site.
    await visit.watches()
    await expect(visit.page.locator("body.watching")).to_be_visible()
    await visit.watches()
    await expect(visit.page.locator("#watch")).to_have_attribute("data-end", "stopped")
    await visit.watches()
    await visit.ends_well()
    await expect(visit.page.locator("#tab-customer")).to_have_attribute("aria-selected", "true")
    await expect(visit.shop.locator(".panel")).to_be_visible()
