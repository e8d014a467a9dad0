"""Emoji in the widget: what is there, and what a visitor may put on an answer."""

from playwright.async_api import Browser, expect

from tests.adapters.webchat.stub import Desk
from tests.adapters.webchat.visitor import visiting

SETTINGS = {"title": "Northwind", "has_bot": True, "reactions": ["👍", "🎉"]}


async def test_an_emoji_is_put_on_an_answer_and_taken_off(browser: Browser) -> None:
    async with visiting(browser, Desk(settings=SETTINGS)) as visitor:
        await visitor.open()
        await visitor.send("Thanks")
        answer = visitor.desk.say("It leaves today")
        row = visitor.page.locator(".row.them", has_text="It leaves today")
        await row.hover()
        choice = row.get_by_title("React")
        await choice.focus()
        await choice.press("Enter")
        await row.get_by_role("button", name="🎉").click()
        await visitor.desk.until(lambda: len(visitor.desk.called("reactions")) == 1)
        assert visitor.desk.called("reactions") == [
            {"message": answer["id"], "emoji": "🎉", "on": True}
        ]
        answer["reactions"] = [{"emoji": "🎉", "by": "user"}]
        visitor.desk.conversation.change(answer, "update")
        mine = row.locator(".reactions > button")
        await expect(mine).to_have_text("🎉")
        await expect(mine).to_have_attribute("aria-pressed", "true")
        await mine.click()
        await visitor.desk.until(lambda: len(visitor.desk.called("reactions")) == 2)
        assert visitor.desk.called("reactions")[-1]["on"] is False


async def test_what_the_team_puts_on_ones_own_words_is_shown_and_no_more(browser: Browser) -> None:
    async with visiting(browser, Desk(settings=SETTINGS)) as visitor:
        await visitor.open()
        await visitor.send("Thanks")
        own = visitor.desk.conversation.messages[-1]
        own["reactions"] = [{"emoji": "👍", "by": "agent"}]
        visitor.desk.conversation.change(own, "update")
        row = visitor.page.locator(".row.me")
        await expect(row.locator(".reactions")).to_have_text("👍")
        await expect(row.locator(".reactions button")).to_have_count(0)
        visitor.desk.delete(own)
        await expect(row.locator(".reactions")).to_have_count(0)


async def test_where_nothing_is_offered_there_is_nothing_to_press(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.send("Thanks")
        visitor.desk.say("It leaves today")
        await visitor.read("Thanks", "It leaves today")
        await expect(visitor.page.locator(".reactions")).to_have_count(0)
