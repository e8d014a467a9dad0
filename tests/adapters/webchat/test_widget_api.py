"""window.deskbridge: what the page around the widget may say and hear."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect
from starlette.requests import Request
from starlette.responses import Response

from tests.adapters.webchat.stub import Desk, fault
from tests.adapters.webchat.visitor import visiting

STUB = """
window.deskbridge = window.deskbridge || function () {
  (deskbridge.q = deskbridge.q || []).push(arguments);
};
window.heard = [];
for (const event of ['ready', 'open', 'close', 'message', 'unread', 'error', 'status'])
  deskbridge('on', event, (detail) => heard.push([event, detail]));
"""


async def test_what_was_called_before_it_loaded_is_done_when_it_has(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.page.add_init_script(STUB + "deskbridge('open'); deskbridge('hide');")
        await visitor.page.reload()
        await visitor.desk.until(lambda: visitor.desk.streams > 0)
        await expect(visitor.launcher).to_be_hidden()
        await visitor.call("show")
        await expect(visitor.panel).to_be_visible()


async def test_the_page_hears_what_happens(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.page.add_init_script(STUB)
        await visitor.page.reload()
        await visitor.open()
        visitor.desk.become(mode="paused")
        await visitor.call("sendMessage", "by script")
        await visitor.desk.until(lambda: visitor.desk.texts == ["by script"])
        await visitor.read("by script")
        await visitor.call("close")
        visitor.desk.say("answer")
        await expect(visitor.page.locator(".badge")).to_have_text("1")
        heard: list[list[Any]] = await visitor.page.evaluate("heard")
        assert [event for event, _ in heard if event != "status"] == [
            "ready",
            "open",
            "close",
            "message",
            "unread",
        ]
        assert ["status", {"mode": "paused"}] in heard
        said = next(detail for event, detail in heard if event == "message")
        assert (said["text"], said["author"]["name"]) == ("answer", "Ana Torres")
        assert ["unread", 1] in heard


async def test_errors_are_told_to_the_page(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.page.add_init_script(STUB)
        await visitor.page.reload()
        await visitor.open()
        await visitor.page.route("**/webchat/end", lambda route: route.fulfill(status=404))
        visitor.desk.become(mode="assigned", agent={"name": "Ana"})
        await expect(visitor.status).to_have_text("Ana · here")
        await visitor.page.get_by_role("button", name="Menu").click()
        await visitor.page.get_by_role("button", name="Back to the assistant").click()
        await visitor.page.wait_for_function("heard.some(([event]) => event === 'error')")
        failed = "heard.find(([event]) => event === 'error')[1].status"
        assert await visitor.page.evaluate(failed) == 404


async def test_off_ends_listening_and_toggle_toggles(browser: Browser) -> None:
    script = """() => {
      let n = 0;
      const count = () => n++;
      deskbridge.on('open', count);
      deskbridge.toggle();
      deskbridge.toggle();
      deskbridge.off('open', count);
      deskbridge.toggle();
      return n;
    }"""
    async with visiting(browser) as visitor:
        await visitor.page.wait_for_function("deskbridge.q.push.length === 1")
        assert await visitor.page.evaluate(script) == 1
        await expect(visitor.panel).to_be_visible()


async def test_the_tag_sets_title_side_and_colour_and_opens_without_taking_the_focus(
    browser: Browser,
) -> None:
    attributes = 'data-open data-position="left" data-title="Ask us" data-color="#0b7285"'
    async with visiting(browser, Desk(page={"attributes": attributes})) as visitor:
        await expect(visitor.panel).to_have_accessible_name("Ask us")
        box = await visitor.panel.bounding_box()
        assert box is not None
        assert box["x"] == 20
        colour = "button => getComputedStyle(button).backgroundColor"
        assert await visitor.launcher.evaluate(colour) == "rgb(11, 114, 133)"
        assert await visitor.page.evaluate("document.activeElement.tagName") == "BODY"
        await visitor.page.get_by_role("button", name="Close chat").first.click()
        await visitor.page.get_by_role("link", name="Orders").click()
        await expect(visitor.launcher).to_be_visible()
        await expect(visitor.panel).to_be_hidden()  # the visitor's choice goes before the tag's


async def test_identifying_becomes_another_visitor_and_shows_nothing_of_the_first(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.send("a stranger's words")
        await visitor.read("a stranger's words")
        await visitor.call("identify", "a.jwt.token")
        assert visitor.desk.called("sessions")[-1]["identity"] == "a.jwt.token"
        await visitor.read()
        await visitor.desk.until(lambda: len(visitor.desk.conversation.streams) == 1)
        visitor.desk.say("Welcome back, Sam")
        await visitor.read("Welcome back, Sam")


async def test_attributes_set_before_the_session_come_with_it(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.call("setAttributes", {"plan": "Pro"})
        await visitor.call("setAttributes", {"order": 1009})
        assert visitor.desk.requests == []
        await visitor.open()
        assert visitor.desk.called("sessions")[0]["attributes"] == {"plan": "Pro", "order": 1009}


async def test_a_widget_that_is_open_from_the_start_says_at_once_who_is_there(
    browser: Browser,
) -> None:
    calls = "deskbridge('setAttributes', {plan: 'Pro'}); deskbridge('identify', 'a.jwt.token');"
    async with visiting(browser, by_itself=True) as visitor:  # closed: asks for no session
        await visitor.context.add_init_script(STUB + calls)
        visitor.desk.page = {"attributes": "data-open"}
        await visitor.tab()
        await visitor.desk.until(lambda: bool(visitor.desk.called("sessions")))
        first = visitor.desk.called("sessions")[0]
        assert (first["identity"], first["attributes"]) == ("a.jwt.token", {"plan": "Pro"})


@pytest.mark.parametrize("refused", [False, True])
async def test_who_is_identified_while_the_session_opens_is_not_taken_for_a_stranger(
    browser: Browser, refused: bool
) -> None:
    calls = "deskbridge('open'); deskbridge('identify', 'a.jwt.token');"
    desk = Desk()

    def strangers(request: Request) -> Response | None:
        identified = bool(desk.called("sessions") and desk.called("sessions")[-1].get("identity"))
        wanted = request.url.path.endswith("sessions") and not identified and refused
        return fault(401, "identity_required") if wanted else None

    async with visiting(browser, desk) as visitor:
        desk.refuse = strangers
        await visitor.page.add_init_script(STUB + calls)
        await visitor.page.reload()
        await visitor.desk.until(lambda: visitor.desk.streams > 0)
        assert visitor.desk.called("sessions")[-1]["identity"] == "a.jwt.token"
        await visitor.send("It is me, Sam")
        await visitor.read("It is me, Sam")
        await expect(visitor.status).to_have_text("Assistant · answers at once")


async def test_reset_forgets_the_visitor_in_every_tab(browser: Browser) -> None:
    async with visiting(browser) as first:
        second = await first.in_two_tabs()
        await first.composer.fill("half a sen")
        await first.call("reset")
        await expect(first.composer).to_have_value("")
        await expect(first.page.get_by_role("button", name="Send")).to_be_disabled()
        for tab in (first, second):
            await tab.read()
        await first.desk.until(lambda: first.desk.streams == 0)
        await first.say("as somebody new")
        await first.desk.until(lambda: first.desk.texts == ["as somebody new"])
        assert "visitor" not in first.desk.called("sessions")[-1]


async def test_after_a_reset_nothing_is_told_of_who_was_here_before(browser: Browser) -> None:
    async with visiting(browser, clock=True) as visitor:
        await visitor.open()
        await visitor.send("hello")
        await visitor.read("hello")
        await visitor.call("reset")
        await visitor.page.clock.run_for(5_000)
        await visitor.say("as somebody new")
        await visitor.desk.until(lambda: visitor.desk.texts == ["as somebody new"])
        _, second = visitor.desk.called("sessions")
        assert "visitor" not in second


async def test_shutdown_leaves_nothing_behind(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.call("shutdown")
        await visitor.desk.until(lambda: visitor.desk.streams == 0)
        await expect(visitor.page.locator("deskbridge-chat")).to_have_count(0)
        assert await visitor.page.evaluate("window.deskbridge") is None


async def test_a_second_tag_on_the_page_changes_nothing(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.page.add_script_tag(url=visitor.url("/webchat/widget.js"))
        await visitor.open()
        await expect(visitor.page.locator("deskbridge-chat")).to_have_count(1)


async def test_it_outlives_libraries_that_replace_the_body(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.page.evaluate("document.body = document.createElement('body')")
        await visitor.say("still here")
        await visitor.desk.until(lambda: visitor.desk.texts == ["still here"])


async def test_it_works_where_storage_is_blocked(browser: Browser) -> None:
    blocked = """for (const area of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, area, {get() { throw new DOMException('no', 'SecurityError') }})
    """
    async with visiting(browser) as visitor:
        await visitor.page.add_init_script(blocked)
        await visitor.page.reload()
        await visitor.open()
        await visitor.send("hello")
        visitor.desk.say("hi")
        await visitor.read("hello", "hi")
