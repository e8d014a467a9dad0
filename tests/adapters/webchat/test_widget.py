"""The widget as a visitor sees it, in a real browser."""

import re
from itertools import groupby
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from adapters.webchat.files import load
from tests.adapters.slack.oracle import Meaning, meaning, runs
from tests.adapters.slack.test_formatting import TABLE
from tests.adapters.webchat.stub import STRICT_CSP, WIDGET, Desk
from tests.adapters.webchat.visitor import visiting

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)
LIMIT = 20 * 1024  # bytes of gzip, all files together, as they are sent
MARKUP_SINKS = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|eval\(|Function\("
HOSTILE = (
    "<img src=x onerror=pwned=1>",
    "<script>pwned=1</script>",
    "[click](javascript:pwned=1)",
    "[click](  JAVASCRIPT:pwned=1)",
    "[x](data:text/html,<script>pwned=1</script>)",
    "**<svg onload=pwned=1>**",
    "`<iframe srcdoc='<script>parent.pwned=1</script>'>`",
    'https://example.com/"onmouseover="pwned=1',
)
POLICIES = (
    STRICT_CSP,
    f"{STRICT_CSP}; require-trusted-types-for 'script'; trusted-types 'none'",
    STRICT_CSP.replace("script-src 'self'", "script-src 'nonce-n1' 'strict-dynamic'"),
)
BOTS = [
    "***all*** and **bold *it* in**, __so__ and _so_, un*believ*able, 2*3 = 6",
    "~~no~~ <https://x.io/a_b> <mailto:a@b.io> [call](tel:+4930) \\*plain\\*",
    "- one\n  1. deep\n  2. er\n- two\n\n  more",
    "> quoted **x**\n> - a\n\nafter",
    "~~~js\nx = `1`\n\n- y\n~~~\nend",
    "```\nnever ends",
    "1. a\n1) b",
    "[not a link](javascript:x) [nor](data:x)",
]
SHOWN = """
bubbles => bubbles.map(bubble => {
  const found = [];
  const walk = (node, place, looks) => {
    const name = (node.localName ?? '').toUpperCase();
    if (!node.localName) return found.push([place, node.data, looks]);
    const look = {B: 'bold', I: 'italic', S: 'strike', CODE: 'code'}[name];
    if (look) looks = [...looks, look];
    if (name === 'A') looks = [...looks, 'to ' + node.getAttribute('href')];
    if (name === 'BLOCKQUOTE') place += '>';
    if (name === 'PRE') place += 'fence';
    if (name === 'P') { place += 'p'; found.push([place, ' ', []]); }
    let n = node.start ?? 1;
    for (const child of node.childNodes) {
      const sign = child.localName === 'li' ? (name === 'OL' ? `${n++}.` : '-') : '';
      walk(child, place + sign, looks);
    }
  };
  for (const child of bubble.childNodes) walk(child, '', []);
  return found;
})
"""


BLANK = (" ", frozenset[str]())


def as_meaning(shown: list[tuple[str, str, list[str]]]) -> Meaning:
    return [(place, ((unquote(text), _looks(looks)),)) for place, text, looks in shown]


def _looks(looks: list[str]) -> frozenset[str]:
    return frozenset(unquote(look) for look in looks)


def _rooted(looks: frozenset[str]) -> frozenset[str]:
    """Browsers end an address without a path with a slash."""
    return frozenset(look.rstrip("/") for look in looks)


def joined(found: Meaning) -> Meaning:
    """Lines of one place are one: to the widget each is a paragraph, to a parser a few are."""
    told = (
        (place, runs((text, _rooted(looks)) for _, pieces in group for text, looks in pieces))
        for place, group in groupby(found, lambda each: each[0])
    )
    return [each for each in told if each[1]]


STATUS_LINES: list[tuple[dict[str, Any], str]] = [
    ({"mode": "bot"}, "Assistant · answers at once"),
    (
        {"mode": "queued", "position": 1, "eta_seconds": 180},
        "Finding someone… You are 2nd, about 3 min",
    ),
    ({"mode": "queued", "position": 0}, "Finding someone… You are next"),
    ({"mode": "queued"}, "Finding someone…"),
    ({"mode": "queued", "position": 20}, "Finding someone… You are 21st"),
    ({"mode": "assigned", "agent": {"name": "Ana"}}, "Ana · here"),
    (
        {"mode": "assigned", "agent": {"name": "Ana", "online": False, "reply_seconds": 600}},
        "Ana is away, usually replies in 10 min",
    ),
    ({"mode": "paused"}, "Our team · here"),
    ({"mode": "closed"}, "Chat closed"),
]


def test_all_files_together_are_under_20_kib_of_gzip() -> None:
    sizes = {name: len(file.packed) for name, file in load().items()}
    assert sum(sizes.values()) <= LIMIT, sizes


def test_comments_indentation_and_what_joins_modules_is_not_sent_and_all_else_is() -> None:
    sent = [line for file in load().values() for line in file.plain.decode().splitlines()]
    written = [line for path in WIDGET.glob("*.js") for line in path.read_text().splitlines()]
    kept = [line for line in written if not re.match(r"\s*(//|/\*\*)|import .* from ", line)]
    told = [line.removeprefix("export ").lstrip(" ") for line in kept]
    assert sorted([*told, "export { start };"]) == sorted(sent)


def test_no_data_can_become_markup_since_no_source_has_a_way_to_make_it() -> None:
    for file in WIDGET.glob("*.js"):
        assert not re.search(MARKUP_SINKS, file.read_text()), file.name


async def test_nothing_is_asked_of_the_server_before_the_visitor_opens_the_chat(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        assert visitor.desk.requests == []
        await visitor.open()
        assert [path for _, path, _ in visitor.desk.requests] == [
            "/webchat/sessions",
            "/webchat/messages",
            "/webchat/stream",
        ]
        session = visitor.desk.called("sessions")[0]
        assert session["page"] == {"url": visitor.url(), "title": "Shop"}
        assert session["locale"] == "en-GB"


@pytest.mark.parametrize("csp", POLICIES, ids=["origins", "trusted types", "nonce"])
async def test_a_conversation_works_under_a_strict_content_security_policy(
    browser: Browser, csp: str
) -> None:
    async with visiting(browser, Desk(csp=csp, page={"attributes": "nonce=n1"})) as visitor:
        await visitor.open()
        await visitor.say("Where is order 1009?")
        await expect(visitor.page.locator(".me .meta")).to_contain_text("Sent")
        visitor.desk.say("It is **on its way**", "bot", "Assistant", buttons=[{"text": "Thanks"}])
        visitor.desk.say("Hello, Ana here")
        visitor.desk.become(mode="assigned", agent={"name": "Ana Torres"})
        await visitor.read("Where is order 1009?", "It is on its way", "Hello, Ana here")
        await expect(visitor.status).to_have_text("Ana Torres · here")
        assert await visitor.page.evaluate("window.violations") == []


async def test_it_works_on_another_origin_than_its_server(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        visitor.desk.page["base"] = visitor.url("")
        await visitor.page.goto(visitor.url(host="localhost"))
        await visitor.open()
        await visitor.send("from elsewhere")
        visitor.desk.say("heard")
        await visitor.read("from elsewhere", "heard")


async def test_nothing_anybody_writes_is_run_or_becomes_an_element(browser: Browser) -> None:
    kinds = ("user", "agent", "system", "bot")
    async with visiting(browser) as visitor:
        await visitor.open()
        for kind in kinds:
            for text in HOSTILE:
                visitor.desk.say(text, kind, text, buttons=[{"text": text}])
        visitor.desk.become(mode="assigned", agent={"name": HOSTILE[0]})
        shown = visitor.page.locator(".bubble, .system")
        await expect(shown).to_have_count(len(HOSTILE) * len(kinds))
        await expect(visitor.page.locator(".chips button")).to_have_text(HOSTILE[-1])
        await expect(visitor.status).to_contain_text("<img")
        odd = visitor.page.locator(".root :is(img, script, iframe, a[href^=j], a[href^=d])")
        await expect(odd).to_have_count(0)
        assert await visitor.page.evaluate("window.pwned") is None


async def test_agents_and_bots_write_a_light_commonmark(browser: Browser) -> None:
    text = (
        "**bold** *it* _too_ `a < b` snake_case_name 2 * 3 * 4 \\*plain\\*\n"
        "- one\n- [two](https://example.com/2)\n3. three\n```\nx = 1\n```\n"
        "see https://example.com/a_b."
    )
    async with visiting(browser) as visitor:
        await visitor.open()
        visitor.desk.say(text)
        bubble = visitor.bubbles.first
        await expect(bubble.locator("b")).to_have_text("bold")
        await expect(bubble.locator("i")).to_have_text(["it", "too"])
        await expect(bubble.locator("code")).to_have_text("a < b")
        await expect(bubble.locator("p").first).to_contain_text("snake_case_name 2 * 3 * 4 *plain*")
        await expect(bubble.locator("ul li")).to_have_text(["one", "two"])
        await expect(bubble.locator("ol[start='3'] li")).to_have_text("three")
        await expect(bubble.locator("pre")).to_have_text("x = 1")
        hrefs = await bubble.locator("a").evaluate_all(
            "links => links.map(a => [a.href, a.target, a.rel])"
        )
        safe = ["_blank", "noopener noreferrer"]
        assert hrefs == [["https://example.com/2", *safe], ["https://example.com/a_b", *safe]]


async def test_the_widget_shows_what_a_parser_of_commonmark_reads(browser: Browser) -> None:
    """The same table that Slack's formatting is tested by, in one page."""
    texts = [text for _, text, _ in TABLE.values() if "&amp;" not in text] + BOTS
    async with visiting(browser) as visitor:
        await visitor.open()
        for n, text in enumerate(texts):
            visitor.desk.say(text, "agent" if n % 2 else "bot")
        await expect(visitor.bubbles).to_have_count(len(texts))
        found = await visitor.bubbles.evaluate_all(SHOWN)
    for text, shown in zip(texts, found, strict=True):
        meant = [(place, (BLANK, *pieces)) for place, pieces in meaning(text)]
        assert joined(as_meaning(shown)) == joined(meant), text


async def test_what_visitors_write_is_shown_as_typed_with_links(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.say("**not bold** https://example.com")
        await expect(visitor.bubbles.first).to_have_text("**not bold** https://example.com")
        await expect(visitor.bubbles.locator("a")).to_have_attribute("href", "https://example.com")


async def test_edits_and_deletions_replace_what_was_said(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        first, second = visitor.desk.say("It left yesteday"), visitor.desk.say("a mistake")
        visitor.desk.edit(first, "It left yesterday")
        visitor.desk.delete(second)
        await visitor.read("It left yesterday", "Message removed")
        await expect(visitor.page.locator(".meta").first).to_contain_text("edited")


async def test_a_late_message_stands_before_the_one_it_names(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        visitor.desk.say("one")
        third = visitor.desk.say("three")
        visitor.desk.say("two", before=third["id"])
        await visitor.read("one", "two", "three")


async def test_buttons_stand_under_the_last_bot_message_only_and_say_their_text(
    browser: Browser,
) -> None:
    chips = ".chips button"
    async with visiting(browser) as visitor:
        await visitor.open()
        visitor.desk.say("Which?", "bot", buttons=[{"text": "Old"}])
        visitor.desk.say("Or?", "bot", buttons=[{"label": "A human"}, {"text": "No", "value": "n"}])
        await expect(visitor.page.locator(chips)).to_have_text(["A human", "No"])
        await visitor.page.get_by_role("button", name="A human").click()
        await visitor.desk.until(lambda: visitor.desk.texts == ["A human"])
        await expect(visitor.page.locator(chips)).to_have_count(0)
        visitor.desk.say("Sure?", "bot", buttons=[{"text": "No", "value": "n"}])
        await visitor.page.get_by_role("button", name="No").click()
        await visitor.desk.until(lambda: len(visitor.desk.texts) == 2)
        assert visitor.desk.called("messages")[-1]["payload"] == "n"


async def test_an_empty_chat_greets_and_offers_what_the_server_says(browser: Browser) -> None:
    settings = {"greeting": "Ask me anything.", "greeting_buttons": [{"text": "Where is it?"}]}
    async with visiting(browser, Desk(settings=settings)) as visitor:
        await visitor.open()
        await expect(visitor.page.locator(".greeting")).to_have_text("Ask me anything.")
        await visitor.page.get_by_role("button", name="Where is it?").click()
        await visitor.read("Where is it?")
        await expect(visitor.page.locator(".greeting, .chips button")).to_have_count(1)
        await expect(visitor.page.locator(".greeting")).to_be_hidden()


async def test_the_status_line_says_what_to_expect(browser: Browser) -> None:
    async with visiting(browser, locale="en-US") as visitor:
        await visitor.open()
        for status, line in STATUS_LINES:
            visitor.desk.become(**status)
            await expect(visitor.status).to_have_text(line)


async def test_outside_hours_it_says_when_the_team_is_back(browser: Browser) -> None:
    status = {"mode": "bot", "open": False, "opens_at": "2026-11-23T08:00:00Z"}
    async with visiting(browser, Desk(status=status), timezone_id="Europe/Paris") as visitor:
        await visitor.page.clock.set_fixed_time("2026-11-20T12:00:00Z")
        await visitor.open()
        await expect(visitor.status).to_have_text("We are closed until Monday 09:00")
        visitor.desk.become(**status | {"opens_at": "2026-11-30T08:00:00Z"})
        far = re.compile(r"^We are closed until Monday 30 November at 0?9:00$")
        await expect(visitor.status).to_have_text(far)


async def test_outside_hours_who_waits_may_leave_an_e_mail(browser: Browser) -> None:
    waits = {"mode": "queued", "open": False, "opens_at": "2026-11-23T08:00:00Z"}
    async with visiting(browser, locale="en-US") as visitor:
        await visitor.open()
        await visitor.send("hello")
        await visitor.read("hello")
        visitor.desk.become(**waits, ask_email=True)
        field = visitor.page.get_by_label("Your e-mail, so that we can write to you")
        await field.fill("sam@example.org")
        await field.press("Enter")
        await visitor.desk.until(lambda: bool(visitor.desk.called("email")))
        assert visitor.desk.called("email") == [{"email": "sam@example.org"}]
        await expect(field).to_be_hidden()
        visitor.desk.become(**waits)
        await expect(visitor.composer).to_be_focused()


async def test_unread_messages_are_counted_until_the_chat_is_opened(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.send("hello")
        await visitor.read("hello")
        await visitor.page.keyboard.press("Escape")
        for n in range(11):
            visitor.desk.say(f"answer {n}")
            badge = "9+" if n > 8 else str(n + 1)
            await expect(visitor.page.locator(".badge")).to_have_text(badge)
        await visitor.page.reload()
        await expect(visitor.launcher).to_have_accessible_name("Open chat, unread: 11")
        await visitor.launcher.click()
        await expect(visitor.page.locator(".badge")).to_have_count(0)
        await visitor.desk.until(lambda: {"seq": 12} in visitor.desk.called("read"))


async def test_the_newest_own_message_says_when_it_was_seen(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.say("one")
        await visitor.say("two")
        await visitor.desk.until(lambda: len(visitor.desk.texts) == 2)
        visitor.desk.conversation.tell("receipt", {"seen_seq": 2})
        await expect(visitor.page.get_by_text("Seen")).to_have_count(1)
        await expect(visitor.page.locator(".row.me").last).to_contain_text("Seen")


async def test_typing_is_shown_and_told(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        visitor.desk.become(mode="assigned", agent={"name": "Ana"})
        visitor.desk.conversation.tell("typing", {"author": {"name": "Ana"}, "on": True})
        await expect(visitor.page.get_by_role("img", name="Ana is typing")).to_be_visible()
        visitor.desk.say("done")
        await expect(visitor.page.locator(".dots")).to_be_hidden()
        await visitor.composer.press_sequentially("ty")  # it tells so again after four seconds
        await visitor.desk.until(lambda: visitor.desk.called("typing") == [{"on": True}])


async def test_a_visitor_who_scrolls_back_is_not_moved(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        for n in range(30):
            visitor.desk.say(f"line {n}" * 9)
        await expect(visitor.bubbles.last).to_be_in_viewport()
        await visitor.page.locator(".scroll").evaluate("box => box.scrollTop = 0")
        visitor.desk.say("news")
        newer = visitor.page.get_by_role("button", name="New messages")
        await expect(newer).to_be_visible()
        await expect(visitor.bubbles.first).to_be_in_viewport()
        await newer.click()
        await expect(visitor.bubbles.last).to_be_in_viewport()
        await expect(newer).to_be_hidden()
        for size in (PHONE, DESK):
            await visitor.page.set_viewport_size(size)
            await expect(visitor.bubbles.last).to_be_in_viewport()


async def test_the_menu_ends_the_conversation_with_the_team(browser: Browser) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await visitor.page.get_by_role("button", name="Menu").click()
        await expect(visitor.page.locator(".menu button")).to_have_text(["Sound"])
        await visitor.page.keyboard.press("Escape")
        await visitor.send("Hi")
        await visitor.page.get_by_role("button", name="Menu").click()
        await expect(visitor.page.locator(".menu button")).to_have_text(
            ["Sound", "Download transcript"]
        )
        await visitor.page.keyboard.press("Escape")
        visitor.desk.become(mode="assigned", agent={"name": "Ana"})
        await expect(visitor.status).to_have_text("Ana · here")
        await visitor.page.get_by_role("button", name="Menu").click()
        await visitor.page.get_by_role("button", name="Back to the assistant").click()
        await visitor.desk.until(lambda: visitor.desk.called("end") == [{}])


async def test_the_transcript_can_be_taken_home(browser: Browser) -> None:
    async with visiting(browser, Desk(csp=STRICT_CSP)) as visitor:
        await visitor.open()
        await visitor.send("Hi")
        visitor.desk.say("Hello!")
        await visitor.read("Hi", "Hello!")
        await visitor.page.get_by_role("button", name="Menu").click()
        async with visitor.page.expect_download() as download:
            await visitor.page.get_by_role("button", name="Download transcript").click()
        saved = await download.value
        assert re.fullmatch(r"chat-\d{4}-\d\d-\d\d\.html", saved.suggested_filename)
        assert (await saved.path()).read_text() == "Hi, Hello!"


async def test_a_text_over_the_limit_is_neither_cut_nor_sent(browser: Browser) -> None:
    async with visiting(browser, Desk(settings={"max_text": 10})) as visitor:
        await visitor.open()
        await visitor.say("12345678901 🎉")
        await expect(visitor.page.get_by_role("alert")).to_have_text("Too long by 3")
        await expect(visitor.composer).to_have_value("12345678901 🎉")
        await visitor.say("1234567890")
        await visitor.desk.until(lambda: visitor.desk.texts == ["1234567890"])
