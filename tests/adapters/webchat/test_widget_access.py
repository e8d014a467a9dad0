"""The widget for everybody: keyboard, screen readers, languages, themes, small screens."""

import json
import re
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from adapters.webchat.spoken import WORDS
from tests.adapters.webchat.stub import WIDGET, Desk
from tests.adapters.webchat.visitor import Visitor, visiting

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 760},
    "has_touch": True,
    "is_mobile": True,
}
COLOURS = ("#2b59d9", "#ffd400", "#111111", "#ffffff", "#e8590c", "#0b7285")
# of what can be seen and used: how many, and those whose text has too little contrast with the
# nearest painted background, as WCAG 2 defines it
FAINT = """elements => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
  const paint = canvas.getContext('2d', {willReadFrequently: true});
  const rgb = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => rgb(colour).slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const contrast = (element) => {
    let behind = element;
    while (rgb(getComputedStyle(behind).backgroundColor)[3] === 0)
      behind = behind.parentElement ?? behind.getRootNode().host;
    const [a, b] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor]
      .map(light).sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const seen = elements.filter((each) => each.checkVisibility({visibilityProperty: true})
    && each.getBoundingClientRect().width && !each.disabled);
  const faint = seen.filter((each) => contrast(each) < 4.5).map((each) => each.outerHTML);
  return [seen.length, faint];
}"""
FOCUSED = "() => document.activeElement?.shadowRoot?.activeElement?.className ?? ''"


async def fits(visitor: Visitor, selector: str) -> bool:
    """Nothing inside is cut off or sticks out sideways."""
    box = visitor.page.locator(selector).first
    return bool(await box.evaluate("box => box.scrollWidth <= box.clientWidth"))


async def talk(visitor: Visitor) -> None:
    """A conversation with all there is to see."""
    await visitor.open()
    await visitor.send("Where is order 1009?")
    await visitor.read("Where is order 1009?")
    visitor.desk.say("One moment.", "bot", "Assistant", buttons=[{"text": "A human"}])
    visitor.desk.say("Ana has joined.", "system", "")
    await expect(visitor.page.locator(".system")).to_be_visible()


async def test_everything_can_be_done_with_the_keyboard_alone(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        press = visitor.page.keyboard.press
        await press("Tab")
        await press("Tab")
        await press("Enter")
        await expect(visitor.panel).to_be_visible()
        await expect(visitor.composer).to_be_focused()
        await visitor.page.keyboard.type("hello")
        await press("Shift+Enter")
        await visitor.page.keyboard.type("there")
        await press("Enter")
        await visitor.desk.until(lambda: visitor.desk.texts == ["hello\nthere"])
        visitor.desk.say("Which?", "bot", buttons=[{"text": "One"}, {"text": "Two"}])
        await expect(visitor.page.locator(".chips button")).to_have_count(2)
        await press("Shift+Tab")  # the paper clip
        await press("Shift+Tab")
        await press("Enter")
        await visitor.desk.until(lambda: visitor.desk.texts[-1] == "Two")
        await expect(visitor.composer).to_be_focused()
        await press("Escape")
        await expect(visitor.panel).to_be_hidden()
        await expect(visitor.launcher).to_be_focused()


async def test_escape_closes_the_menu_first_and_gives_the_focus_back(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        menu = visitor.page.get_by_role("button", name="Menu")
        await menu.press("Enter")
        await expect(menu).to_have_attribute("aria-expanded", "true")
        assert "menu" not in await visitor.page.evaluate(FOCUSED)
        await visitor.page.keyboard.press("Escape")
        await expect(menu).to_be_focused()
        await expect(visitor.panel).to_be_visible()


async def test_the_menu_closes_by_a_click_anywhere_else_and_by_its_own_button(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        menu = visitor.page.get_by_role("button", name="Menu")
        for elsewhere in (visitor.panel.locator(".scroll"), visitor.page.locator("body"), menu):
            await menu.click()
            await expect(visitor.page.locator(".menu")).to_be_visible()
            await elsewhere.click(position={"x": 8, "y": 8})
            await expect(visitor.page.locator(".menu")).to_be_hidden()
            await expect(menu).to_have_attribute("aria-expanded", "false")
        await menu.click()
        await visitor.page.locator(".menu button").first.click()
        await expect(visitor.page.locator(".menu")).to_be_hidden()


async def test_enter_that_ends_a_composition_sends_nothing(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.composer.fill("にほ")
        await visitor.composer.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
        await visitor.composer.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
        await expect(visitor.composer).to_have_value("にほ")
        await visitor.composer.press("Enter")
        await visitor.desk.until(lambda: visitor.desk.texts == ["にほ"])


async def test_roles_and_names_tell_a_screen_reader_what_is_what(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await expect(visitor.launcher).to_have_accessible_name("Open chat")
        await expect(visitor.launcher).to_have_attribute("aria-expanded", "false")
        await talk(visitor)
        await expect(visitor.panel).to_have_accessible_name("Northwind")
        await expect(visitor.launcher).to_have_attribute("aria-expanded", "true")
        log = visitor.page.get_by_role("log")
        await expect(log).to_have_accessible_name("Messages")
        await expect(log).to_have_attribute("aria-live", "off")
        for name in ("Menu", "Send", "A human"):
            await expect(visitor.page.get_by_role("button", name=name)).to_be_visible()
        await expect(visitor.page.get_by_role("textbox")).to_have_accessible_name(
            "Write a message…"
        )
        await expect(visitor.page.locator(".me .sr").first).to_have_text("You")


async def test_only_the_newest_message_of_others_is_announced_and_history_is_not(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        await talk(visitor)
        announcer = visitor.page.locator("[aria-live=polite]")
        await expect(announcer).to_have_text("Ana has joined.")
        visitor.desk.say("I am here")
        await expect(announcer).to_have_text("Ana Torres: I am here")
        await visitor.say("my own words")
        await visitor.desk.until(lambda: len(visitor.desk.texts) == 2)
        await expect(announcer).to_have_text("Ana Torres: I am here")
        await visitor.page.reload()
        await expect(visitor.bubbles.last).to_have_text("my own words")
        await expect(announcer).to_have_text("")


@pytest.mark.parametrize("colour", COLOURS)
async def test_every_text_can_be_read_on_its_ground_whatever_the_colour(
    browser: Browser, colour: str
) -> None:
    desk = Desk(page={"attributes": f'data-color="{colour}"'})
    seen = "h2, .status, .bubble, .meta, .system, .day, .name, .face, .chips button, .send, .tool"
    async with visiting(browser, desk) as visitor:
        await talk(visitor)
        for theme in ("light", "dark"):
            await visitor.call("setTheme", theme)
            number, faint = await visitor.page.locator(seen).evaluate_all(FAINT)
            assert (number > 8, faint) == (True, [])


async def test_dark_follows_the_system_and_the_page_may_say_otherwise(browser: Browser) -> None:
    async with visiting(browser, color_scheme="dark") as visitor:
        root = visitor.page.locator(".root")
        await expect(root).to_have_class(re.compile("dark"))
        await visitor.page.emulate_media(color_scheme="light")
        await expect(root).not_to_have_class(re.compile("dark"))
        await visitor.call("setTheme", "dark")
        await expect(root).to_have_class(re.compile("dark"))


async def test_nothing_moves_for_those_who_asked_for_less_motion(browser: Browser) -> None:
    all_of_it = "document.querySelector('deskbridge-chat').shadowRoot.getAnimations()"
    moving = f"{all_of_it}.filter(one => one.playState === 'running').length"
    async with visiting(browser, reduced_motion="reduce") as visitor:
        await talk(visitor)
        visitor.desk.conversation.tell("typing", {"author": {"name": "Ana"}, "on": True})
        await expect(visitor.page.locator(".dots")).to_be_visible()
        assert await visitor.page.evaluate(moving) == 0
        await visitor.page.emulate_media(reduced_motion="no-preference")
        await visitor.page.wait_for_function(f"{moving} > 0")


@pytest.mark.parametrize("locale", ["ar", "he-IL", "fa"])
async def test_right_to_left_languages_are_laid_out_right_to_left(
    browser: Browser, locale: str
) -> None:
    desk = Desk(page={"attributes": f'data-locale="{locale}"'})
    async with visiting(browser, desk) as visitor:
        await talk(visitor)
        visitor.desk.say("مرحبا، كيف يمكنني المساعدة؟", name="سارة الأحمد")
        await expect(visitor.bubbles).to_have_count(3)
        await expect(visitor.composer).to_have_attribute("placeholder", "Write a message…")
        panel, mine, theirs = [
            await one.bounding_box()
            for one in (visitor.panel, visitor.bubbles.first, visitor.bubbles.last)
        ]
        assert panel is not None
        assert mine is not None
        assert theirs is not None
        assert mine["x"] - panel["x"] < 20
        assert theirs["x"] + theirs["width"] > panel["x"] + panel["width"] - 60


async def test_on_a_phone_the_chat_fills_the_screen_and_closes_by_its_own_button(
    browser: Browser,
) -> None:
    async with visiting(browser, **PHONE) as visitor:
        await talk(visitor)
        box = await visitor.panel.bounding_box()
        assert box == {"x": 0, "y": 0, "width": 390, "height": 760}
        await expect(visitor.launcher).to_be_hidden()
        size = await visitor.composer.evaluate("input => getComputedStyle(input).fontSize")
        assert float(size.removesuffix("px")) >= 16  # iOS zooms into anything smaller
        await visitor.page.get_by_role("button", name="Close chat").click()
        await expect(visitor.panel).to_be_hidden()
        await expect(visitor.launcher).to_be_focused()


async def test_on_a_touch_screen_sending_leaves_the_keyboard_where_it_is(browser: Browser) -> None:
    async with visiting(browser, **PHONE) as visitor:
        await visitor.open()
        await expect(visitor.composer).not_to_be_focused()
        await visitor.composer.tap()
        await visitor.page.keyboard.type("one")
        await visitor.page.keyboard.press("Enter")
        await expect(visitor.composer).to_be_focused()
        await visitor.page.keyboard.type("two")
        await visitor.page.get_by_role("button", name="Send").tap()
        await expect(visitor.composer).to_be_focused()
        await visitor.desk.until(lambda: visitor.desk.texts == ["one", "two"])
        visitor.desk.say("Which?", "bot", buttons=[{"text": "This"}])
        await visitor.composer.blur()
        await visitor.page.get_by_role("button", name="This").tap()
        await expect(visitor.composer).not_to_be_focused()


async def test_the_keyboard_of_a_phone_hides_neither_the_composer_nor_the_last_message(
    browser: Browser,
) -> None:
    shrink = """() => {
      const view = window.visualViewport;
      Object.defineProperty(view, 'height', {value: 400});
      Object.defineProperty(view, 'offsetTop', {value: 60});
      view.dispatchEvent(new Event('resize'));
    }"""
    async with visiting(browser, **PHONE) as visitor:
        await talk(visitor)
        said = visitor.desk.say("\n\n".join(["A long answer."] * 30))
        last = visitor.bubbles.last
        await expect(last).to_have_text(said["text"].replace("\n\n", ""))
        await visitor.page.evaluate(shrink)
        meta = visitor.page.locator(".row.last .meta").last
        await expect(meta).to_be_in_viewport()
        box = await visitor.panel.bounding_box()
        assert box == {"x": 0, "y": 60, "width": 390, "height": 400}


async def test_the_composer_grows_to_five_lines_and_back(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()

        async def height() -> float:
            box = await visitor.composer.bounding_box()
            return box["height"] if box else 0

        one = await height()
        await visitor.composer.fill("a\nb\nc")
        assert await height() == pytest.approx(one + 44, abs=1)
        await visitor.composer.fill("\n" * 20)
        assert await height() == pytest.approx(one + 88, abs=2)
        await visitor.say("short")
        assert await height() == pytest.approx(one, abs=1)


@pytest.mark.parametrize(
    ("locale", "placeholder"),
    [
        ("fr-CA", "Écrivez un message…"),
        ("de", "Nachricht schreiben…"),
        ("es-MX", "Escriba un mensaje…"),
        ("pt", "Write a message…"),
    ],
)
async def test_it_speaks_the_languages_it_knows_and_english_to_others(
    browser: Browser, locale: str, placeholder: str
) -> None:
    status = {"mode": "queued", "position": 2, "eta_seconds": 240}
    desk = Desk(status=status, page={"lang": locale})
    async with visiting(browser, desk, viewport={"width": 320, "height": 640}) as visitor:
        await talk(visitor)
        await expect(visitor.composer).to_have_attribute("placeholder", placeholder)
        for part in ("header", ".scroll", ".foot", ".panel"):
            assert await fits(visitor, part), part


async def test_every_text_is_there_in_every_language(browser: Browser) -> None:
    rows = re.findall(r"^  (\w+): (\[.*\]),$", (WIDGET / "texts.js").read_text(), re.MULTILINE)
    script = "rows => rows.map(row => Function('return ' + row)())"
    async with visiting(browser) as visitor:
        texts = await visitor.page.evaluate(script, [row for _, row in rows])
    rows_ = [*zip((key for key, _ in rows), texts, strict=True), *WORDS.items()]
    assert len(rows_) > 55
    assert len(dict(rows_)) == len(rows_)  # each text in one place
    for key, row in rows_:
        assert len(row) == 4, key
        holes = [set(re.findall(r"{(\w+)}", text.replace("nth", "n"))) for text in row]
        assert all(one == holes[0] for one in holes), (key, json.dumps(row))


async def test_changing_the_language_keeps_what_was_being_written(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await talk(visitor)
        await visitor.composer.fill("half a sen")
        await visitor.call("setLocale", "de")
        await expect(visitor.composer).to_have_value("half a sen")
        await expect(visitor.composer).to_have_attribute("placeholder", "Nachricht schreiben…")
        await expect(visitor.panel).to_be_visible()
        await expect(visitor.bubbles.first).to_have_text("Where is order 1009?")


async def test_a_draft_is_there_again_after_a_reload_and_gone_when_it_was_sent(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.composer.fill("half a sen\ntence")
        await visitor.page.reload()
        await expect(visitor.composer).to_have_value("half a sen\ntence")
        await expect(visitor.page.get_by_role("button", name="Send")).to_be_enabled()
        await visitor.composer.press("Enter")
        await visitor.desk.until(lambda: visitor.desk.texts == ["half a sen\ntence"])
        await visitor.page.reload()
        await expect(visitor.bubbles).to_have_count(1)
        await expect(visitor.composer).to_have_value("")


async def test_it_adds_nothing_to_the_height_of_a_page_that_fits_its_window(
    browser: Browser,
) -> None:
    fill = "document.body.style = 'margin: 0; height: 100vh; display: flow-root'"
    beyond = "document.documentElement.scrollHeight - document.documentElement.clientHeight"
    async with visiting(browser) as visitor:
        await visitor.page.evaluate(fill)
        assert await visitor.page.evaluate(beyond) == 0
        await talk(visitor)
        assert await visitor.page.evaluate(beyond) == 0
