"""What a visitor has in the widget after the end, and before the start."""

from playwright.async_api import Browser, expect
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.adapters.webchat.stub import Desk, fault
from tests.adapters.webchat.visitor import visiting

FORM = [
    {"name": "email", "label": "Your e-mail", "type": "email", "required": True, "options": []},
    {
        "name": "topic",
        "label": "What is it about?",
        "type": "text",
        "required": False,
        "options": [{"value": "orders", "text": "My order"}, {"value": "other", "text": "Else"}],
    },
]
QUESTION = "How was the conversation with Ana?"


def odd(_: Request) -> Response:
    """The server finds the e-mail odd that the browser let pass."""
    said = {"code": "invalid", "message": "x", "fields": {"prechat.email": "is odd"}}
    return JSONResponse({"error": said}, 422)


async def test_a_chat_is_rated_with_words_by_keyboard_and_nothing_is_lost(
    browser: Browser,
) -> None:
    async with visiting(browser, Desk(settings={"has_bot": False})) as visitor:
        desk = visitor.desk
        await visitor.open()
        await visitor.send("Where is my order?")
        desk.say("Ana has left.", "system", "")
        asked = {"question": QUESTION, "after": 2, "score": 0, "comment": ""}
        desk.become(mode="closed", has_bot=False, rating=asked)
        await expect(visitor.status).to_have_text("Chat closed · Rate the chat")
        card = visitor.page.get_by_role("group", name=QUESTION)
        await expect(card.get_by_role("button")).to_have_text(
            ["★Terrible", "★★Bad", "★★★Okay", "★★★★Good", "★★★★★Great"]
        )
        desk.refuse = lambda request: fault(503, "away") if "rating" in str(request.url) else None
        await visitor.page.get_by_role("button", name="Menu").click()
        await visitor.page.get_by_role("button", name="Rate the chat").click()
        await visitor.page.keyboard.press("Tab")
        await visitor.page.keyboard.press("Enter")
        await expect(card.get_by_role("alert")).to_have_text("Not sent · Try again")
        desk.refuse = lambda _: None
        await card.get_by_role("button", name="Try again").click()
        await expect(card.get_by_role("status")).to_have_text("Thank you for your rating!")
        await expect(card.get_by_role("button", name="Bad")).to_have_attribute(
            "aria-pressed", "true"
        )
        await expect(visitor.status).to_have_text("Chat closed")
        await card.get_by_label("Would you like to add something?").fill(" Too slow ")
        await card.get_by_role("button", name="Send").click()
        await expect(card.get_by_role("button", name="Sent")).to_be_disabled()
        assert desk.called("rating")[1:] == [{"score": 2}, {"score": 2, "comment": "Too slow"}]
        desk.become(mode="closed", rating={**asked, "score": 4, "comment": "Well"})
        await expect(card.get_by_role("textbox")).to_have_value("Well")
        desk.say("Hello again", "bot", "")
        last = visitor.page.locator(".log > *").last
        await expect(last).to_contain_text("Hello again")
        desk.become(mode="queued")
        await expect(card).to_have_count(0)


async def test_what_is_asked_first_is_answered_before_anything_is_said(browser: Browser) -> None:
    async with visiting(browser, Desk(settings={"title": "Northwind", "prechat": FORM})) as visitor:
        desk, page = visitor.desk, visitor.page
        await visitor.launcher.click()
        email = page.get_by_label("Your e-mail", exact=True)
        await expect(email).to_be_focused()
        await expect(visitor.composer).to_be_hidden()
        await visitor.call("sendMessage", "said early")
        await page.get_by_label("What is it about? (optional)").select_option("My order")
        await email.fill("nobody")
        await email.press("Enter")
        await email.fill("sam@odd.example")
        desk.refuse = odd
        await page.get_by_role("button", name="Start chat").click()
        await expect(email).to_have_js_property("validationMessage", "is odd")
        desk.refuse = lambda _: None
        await email.fill("sam@shop.example")
        await email.press("Enter")
        await desk.until(lambda: desk.texts == ["said early"])
        given = [each["prechat"] for each in desk.called("sessions") if "prechat" in each]
        assert given == [
            {"email": "sam@odd.example", "topic": "orders"},
            {"email": "sam@shop.example", "topic": "orders"},
        ]
        await expect(visitor.composer).to_be_focused()
        await expect(page.locator("form.form")).to_be_hidden()


async def test_a_field_is_refused_in_the_language_of_the_visitor(browser: Browser) -> None:
    async with visiting(browser, Desk(settings={"prechat": FORM})) as visitor:
        await visitor.call("setLocale", "fr")
        await visitor.launcher.click()
        email = visitor.page.get_by_label("Your e-mail", exact=True)
        await email.fill("sam@odd.example")
        visitor.desk.refuse = odd
        await visitor.page.get_by_role("button", name="Commencer").click()
        await expect(email).to_have_js_property("validationMessage", "Veuillez vérifier ce champ")
