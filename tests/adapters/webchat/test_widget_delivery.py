"""Nothing the visitor writes is lost or doubled, and nothing the desk says is missed."""

import asyncio

import pytest
from playwright.async_api import Browser, Route, expect
from starlette.requests import Request
from starlette.responses import Response

from tests.adapters.webchat.stub import Desk, fault
from tests.adapters.webchat.visitor import Visitor, visiting

HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', {configurable: true, value: hidden});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def is_post(request: Request, path: str = "messages") -> bool:
    return request.method == "POST" and request.url.path.endswith(path)


def refusing(desk: Desk, *answers: Response | None, path: str = "messages") -> None:
    """The next POSTs to `path` get these answers; None lets one through."""
    queue = list(answers)
    desk.refuse = lambda request: queue.pop(0) if queue and is_post(request, path) else None


def refusing_always(desk: Desk, answer: Response) -> None:
    desk.refuse = lambda request: answer if is_post(request) else None


async def all_sent(visitor: Visitor) -> None:
    """No clock, no failure: every message has its ✓."""
    await expect(visitor.page.locator(".row.me.last .meta")).to_contain_text("Sent")
    await expect(visitor.page.locator(".bad:visible, .meta:has-text('Sending')")).to_have_count(0)


async def test_a_message_shows_at_once_and_gets_its_mark_when_it_is_taken(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        refusing_always(visitor.desk, fault(503, "busy"))
        await visitor.say("hello")
        await visitor.read("hello")
        await expect(visitor.page.locator(".meta")).to_contain_text("Sending")
        visitor.desk.refuse = lambda _request: None
        await all_sent(visitor)


async def test_what_was_not_sent_survives_a_reload_and_is_sent_once(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        refusing_always(visitor.desk, fault(503, "busy"))
        await visitor.say("first")
        await visitor.say("second")
        await visitor.desk.until(lambda: len(visitor.desk.called("messages")) > 1)
        before = {body["client_id"] for body in visitor.desk.called("messages") if body}
        await visitor.page.reload()
        await visitor.read("first", "second")
        visitor.desk.refuse = lambda _request: None
        await visitor.desk.until(lambda: visitor.desk.texts == ["first", "second"])
        assert before <= set(visitor.desk.conversation.clients)
        await visitor.read("first", "second")
        await all_sent(visitor)


async def test_what_is_written_offline_is_sent_once_and_in_order_when_online(
    browser: Browser,
) -> None:
    async with visiting(browser, by_itself=True) as visitor:
        await visitor.open()
        await visitor.context.set_offline(True)
        await expect(visitor.status).to_have_text("You are offline. Messages will be sent later.")
        for text in ("one", "two", "three"):
            await visitor.say(text)
        await visitor.read("one", "two", "three")
        await visitor.context.set_offline(False)
        await visitor.desk.until(lambda: visitor.desk.texts == ["one", "two", "three"])
        await visitor.read("one", "two", "three")
        await all_sent(visitor)
        await expect(visitor.status).to_have_text("Assistant · answers at once")


async def test_an_answer_lost_after_the_message_was_stored_doubles_nothing(
    browser: Browser,
) -> None:
    desk = Desk()

    def store_and_fail(request: Request) -> Response | None:
        if not is_post(request) or desk.conversation.clients:
            return None
        body = desk.requests[-1][2]
        said = desk.say(body["text"], "user", "")
        desk.conversation.clients[body["client_id"]] = {"id": said["id"], "seq": said["seq"]}
        return fault(500, "lost")

    async with visiting(browser, desk) as visitor:
        await visitor.open()
        desk.refuse = store_and_fail
        await visitor.say("only once")
        await desk.until(lambda: len([body for body in desk.called("messages") if body]) == 2)
        await all_sent(visitor)
        await visitor.read("only once")
        assert desk.texts == ["only once"]


async def test_a_message_that_comes_by_the_stream_before_its_answer_is_shown_once(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        gate = asyncio.Event()

        async def hold(route: Route) -> None:
            answer = await route.fetch()
            await gate.wait()
            await route.fulfill(response=answer)

        await visitor.page.route("**/webchat/messages", hold)
        await visitor.say("hello")
        await visitor.desk.until(lambda: visitor.desk.texts == ["hello"])
        await all_sent(visitor)
        await visitor.read("hello")
        gate.set()
        visitor.desk.say("answer")
        await visitor.read("hello", "answer")


async def test_a_refused_message_is_kept_with_a_way_to_try_again(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        refusing(visitor.desk, fault(422, "invalid", "No such words here."))
        await visitor.say("refused")
        await visitor.say("taken")
        await visitor.desk.until(lambda: visitor.desk.texts == ["taken"])
        bad = visitor.page.locator(".bad:visible")
        await expect(bad).to_have_text("Not sent · Try again")
        await expect(bad).to_have_attribute("title", "No such words here.")
        await visitor.page.reload()
        await visitor.page.get_by_role("button", name="Try again").click()
        await visitor.desk.until(lambda: visitor.desk.texts == ["taken", "refused"])
        await visitor.read("taken", "refused")
        await all_sent(visitor)


async def test_who_is_blocked_reads_that_the_chat_is_closed_until_they_are_heard_again(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        refusing(visitor.desk, fault(403, "blocked", "This chat is closed."))
        await visitor.say("let me in")
        await expect(visitor.page.locator(".bad:visible")).to_have_text("Chat closed")
        await expect(visitor.page.locator(".status")).to_have_text("Chat closed")
        await visitor.say("thank you")
        await visitor.desk.until(lambda: visitor.desk.texts == ["thank you"])
        await expect(visitor.page.locator(".status")).not_to_have_text("Chat closed")


async def test_an_id_that_was_used_for_other_words_is_replaced_at_the_next_try(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        refusing(visitor.desk, fault(409, "id_reused"))
        await visitor.say("hello")
        await visitor.page.get_by_role("button", name="Try again").click()
        await visitor.desk.until(lambda: visitor.desk.texts == ["hello"])
        ids = [body["client_id"] for body in visitor.desk.called("messages") if body]
        assert len(set(ids)) == 2


async def test_it_waits_as_long_as_a_busy_server_asks(browser: Browser) -> None:
    async with visiting(browser, clock=True) as visitor:
        await visitor.open()
        await visitor.page.clock.pause_at("2100-01-01")
        refusing(visitor.desk, fault(429, "slow_down", Retry_After="60"))
        await visitor.say("patience")
        await visitor.desk.until(lambda: len(visitor.desk.called("messages")) == 2)
        await visitor.page.clock.run_for(59_000)
        assert visitor.desk.texts == []
        await visitor.while_time_passes(lambda: visitor.desk.texts == ["patience"])


async def test_a_token_that_is_no_longer_taken_is_renewed_and_nothing_is_lost(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        refusing(visitor.desk, fault(401, "unauthorized"))
        await visitor.say("hello")
        await visitor.desk.until(lambda: visitor.desk.texts == ["hello"])
        assert visitor.desk.called("sessions")[1]["visitor"] == "token-0"
        await all_sent(visitor)


async def test_a_chat_whose_server_is_away_at_first_connects_when_it_is_back(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        refusing(visitor.desk, *(fault(503, "starting") for _ in range(2)), path="sessions")
        await visitor.launcher.click()
        await visitor.say("early bird")
        await visitor.desk.until(lambda: visitor.desk.texts == ["early bird"])
        await all_sent(visitor)


async def test_a_visitor_who_may_not_chat_is_told_so_and_can_try_later(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        refusing(visitor.desk, fault(403, "origin_not_allowed"), path="sessions")
        await visitor.launcher.click()
        await expect(visitor.status).to_have_text("The chat is not available right now.")
        await visitor.say("again")
        await visitor.desk.until(lambda: visitor.desk.texts == ["again"])
        await expect(visitor.status).to_have_text("Assistant · answers at once")


async def test_across_dropped_streams_nothing_is_missed_and_nothing_comes_twice(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        texts = [f"line {n}" for n in range(12)]
        for n, text in enumerate(texts):
            visitor.desk.say(text)
            if n % 4 == 0:
                visitor.desk.drop_streams()
        await visitor.read(*texts)


async def test_reconnecting_is_said_after_three_seconds(browser: Browser) -> None:
    async with visiting(browser, clock=True) as visitor:
        await visitor.open()
        visitor.desk.refuse = lambda request: (
            fault(503, "away") if request.url.path.endswith("stream") else None
        )
        visitor.desk.drop_streams()
        # Its third try is no sooner than 0.7 + 1.4 + 2.8 s later.
        await visitor.while_time_passes(lambda: len(visitor.desk.called("stream")) > 3)
        await expect(visitor.status).to_have_text("Reconnecting…")
        visitor.desk.refuse = lambda _request: None
        await visitor.while_time_passes(lambda: visitor.desk.streams == 1)
        await expect(visitor.status).to_have_text("Assistant · answers at once")


async def test_a_stream_silent_for_45_seconds_is_replaced(browser: Browser) -> None:
    async with visiting(browser, clock=True) as visitor:
        await visitor.page.clock.pause_at("2100-01-01")  # else a slow machine's seconds count, too
        await visitor.open()
        visitor.desk.become(mode="paused")
        await expect(visitor.status).to_have_text("Our team · here")
        visitor.desk.forget_streams()
        visitor.desk.say("said into the void")
        await visitor.page.clock.run_for(45_000)
        await visitor.read()
        await visitor.while_time_passes(lambda: visitor.desk.streams == 1)
        await visitor.read("said into the void")


async def test_where_streams_do_not_get_through_it_polls(browser: Browser) -> None:
    async with visiting(browser, Desk(mute=True), clock=True) as visitor:
        await visitor.open()
        await visitor.while_time_passes(
            lambda: visitor.desk.streams == 1 and "messages" in visitor.desk.requests[-1][1]
        )
        visitor.desk.say("by post")
        await visitor.read("by post")
        await visitor.say("thank you")
        await visitor.read("by post", "thank you")


@pytest.mark.parametrize("event", ["visibilitychange", "online", "pageshow"])
async def test_coming_back_shows_what_was_said_meanwhile(browser: Browser, event: str) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        visitor.desk.forget_streams()
        visitor.desk.say("while you were away")
        target = "document" if event == "visibilitychange" else "window"
        await visitor.page.evaluate(f"{target}.dispatchEvent(new Event('{event}'))")
        await visitor.read("while you were away")


async def test_a_conversation_is_there_again_on_the_next_page(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.send("hello")
        visitor.desk.say("hi there")
        await visitor.read("hello", "hi there")
        await visitor.page.get_by_role("link", name="Orders").click()
        await visitor.read("hello", "hi there")
        await expect(visitor.panel).to_be_visible()
        assert visitor.desk.called("sessions")[-1]["visitor"] == "token-0"
        assert visitor.desk.called("sessions")[-1]["page"]["url"] == visitor.url("/orders")


async def test_two_tabs_share_one_stream_and_show_the_same(browser: Browser) -> None:
    async with visiting(browser) as first:
        await first.open()
        await first.send("from the first")
        await first.read("from the first")
        second = await first.tab()
        await second.launcher.click()
        await second.read("from the first")
        await first.desk.until(lambda: first.desk.streams == 1)
        await second.say("from the second")
        await first.desk.until(lambda: len(first.desk.texts) == 2)
        first.desk.say("to both")
        for tab in (first, second):
            await tab.read("from the first", "from the second", "to both")
        first.desk.become(mode="queued", position=0)
        for tab in (first, second):
            await expect(tab.status).to_contain_text("You are next")
        await first.desk.until(lambda: first.desk.streams == 1)
        await second.page.close()
        await first.desk.until(lambda: first.desk.streams == 1)
        first.desk.say("still here")
        await first.read("from the first", "from the second", "to both", "still here")


async def test_a_message_read_in_one_tab_is_read_in_the_other(browser: Browser) -> None:
    async with visiting(browser) as first:
        await first.open()
        await first.send("hello")
        await first.read("hello")
        await first.page.keyboard.press("Escape")
        second = await first.tab()
        first.desk.say("answer")
        for tab in (first, second):
            await expect(tab.page.locator(".badge")).to_have_text("1")
        await second.launcher.click()
        await expect(first.page.locator(".badge")).to_have_count(0)


async def test_what_a_closed_tab_could_not_send_another_one_sends_at_once(
    browser: Browser,
) -> None:
    async with visiting(browser) as first:
        second = await first.in_two_tabs()
        refusing_always(first.desk, fault(503, "busy"))
        await second.say("do not lose me")
        await first.read("hello", "do not lose me")
        await second.page.close()
        first.desk.refuse = lambda _request: None
        await first.say("nor me")
        await first.desk.until(lambda: len(first.desk.texts) == 3)
        assert first.desk.texts == ["hello", "do not lose me", "nor me"]


async def test_what_was_left_behind_goes_before_what_the_next_page_says(browser: Browser) -> None:
    async with visiting(browser) as first:
        await first.open()
        await first.send("hello")
        await first.read("hello")
        refusing_always(first.desk, fault(503, "busy"))
        await first.say("left behind")
        await first.read("hello", "left behind")
        await first.page.close()
        first.desk.refuse = lambda _request: None
        second = await first.tab("/orders")
        await second.launcher.click()
        await second.say("newer")
        await second.desk.until(lambda: len(second.desk.texts) == 3)
        assert second.desk.texts == ["hello", "left behind", "newer"]
        await second.read("hello", "left behind", "newer")
        await all_sent(second)


async def test_tabs_that_write_at_the_same_time_are_heard_in_the_order_of_writing(
    browser: Browser,
) -> None:
    async with visiting(browser) as first:
        second = await first.in_two_tabs()
        refusing_always(first.desk, fault(503, "busy"))
        said = [f"line {n}" for n in range(4)]
        for n, text in enumerate(said):
            await (first, second)[n % 2].say(text)
            await first.read("hello", *said[: n + 1])
        first.desk.refuse = lambda _request: None
        await first.desk.until(lambda: len(first.desk.texts) == 5)
        assert first.desk.texts == ["hello", *said]
        ids = [body["client_id"] for body in first.desk.called("messages") if body]
        assert len(set(ids)) == 5
        for tab in (first, second):
            await all_sent(tab)


async def test_a_hidden_page_counts_nothing_as_read_and_its_title_blinks(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.send("hello")
        await visitor.read("hello")
        await visitor.page.evaluate(HIDE, True)
        visitor.desk.say("answer")
        await expect(visitor.page).to_have_title("● Shop")
        assert {"seq": 2} not in visitor.desk.called("read")
        await visitor.page.evaluate(HIDE, False)
        await visitor.desk.until(lambda: {"seq": 2} in visitor.desk.called("read"))
        await expect(visitor.page).to_have_title("Shop")
