"""Every state of the widget in pictures, as a real browser shows it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from playwright.async_api import Browser, expect
from starlette.requests import Request
from starlette.responses import Response

from bridge.texts import Occasion, Texts
from tests.adapters.slack.worst import NAMES, SENTENCES
from tests.adapters.webchat.stub import Desk, fault, now
from tests.adapters.webchat.visitor import Visitor, visiting
from tests.docs.looks import Case, Json, looks

CHANGED: Json = {"edited_at": now(), "reactions": [{"emoji": e, "by": "user"} for e in "👍🎉❤"]}
SHOWN = {
    "chips": ".chips button", "files": ".bubble button", "changed": ".reactions",
    "gone": ".gone", "typing": ".row[title]",
}  # fmt: skip
"""Where to see that it is there."""


def said(occasion: Occasion, case: Case) -> str:
    """What the desk itself says then."""
    return Texts().say(occasion, case.language, {"agentName": NAMES[case.agent]})


def statuses(case: Case) -> dict[str, Json]:
    """Every state of the widget."""
    agent, later = NAMES[case.agent], (datetime.now(UTC) + timedelta(days=1)).isoformat()
    question = said(Occasion.RATING, case)
    asked: Json = {"question": question, "after": 10**6, "score": 0, "comment": ""}
    return {
        "bot": {"mode": "bot"},
        "next": {"mode": "queued", "position": 0, "eta_seconds": 180},
        "queued": {"mode": "queued", "position": 11, "eta_seconds": 7_200},
        "closed": {"mode": "queued", "open": False, "opens_at": later, "ask_email": True},
        "assigned": {"mode": "assigned", "agent": {"name": agent}},
        "away": {
            "mode": "assigned", "agent": {"name": agent, "online": False, "reply_seconds": 600}
        },
        "paused": {"mode": "paused"},
        "ended": {"mode": "closed"},
        "to rate": {"mode": "closed", "rating": asked},
        "rated": {"mode": "closed", "rating": asked | {"score": 2, "comment": agent * 5}},
    }  # fmt: skip


async def widget_pictures(browser: Browser, folder: Path, case: Case, every: int = 1) -> list[str]:
    """Of all that customers see, or of every so many states; gives what spills over."""
    spilling = []
    async with visiting(browser, by_itself=True) as visitor:
        await visitor.call("setLocale", case.language)
        spilling += await looks(visitor.page, folder, f"{case}-widget-launcher")
        await visitor.open()
        spilling += await looks(visitor.page, folder, f"{case}-widget-greeting")
        await _conversation(visitor, case)
        spilling += await _heard(visitor, folder, case)
        for name, status in islice(statuses(case).items(), 0, None, every):
            await _become(visitor, status)
            spilling += await looks(visitor.page, folder, f"{case}-widget-{name}")
        await _become(visitor, {"mode": "bot"})
        spilling += await _unsent(visitor, folder, case)
    async with visiting(browser, Desk(settings=_prechat(case)), by_itself=True) as visitor:
        await visitor.call("setLocale", case.language)
        await visitor.launcher.click()
        await expect(visitor.page.locator("form.form")).to_be_visible()
        spilling += await looks(visitor.page, folder, f"{case}-widget-prechat")
    return spilling


async def _become(visitor: Visitor, status: Json) -> None:
    """And the widget shows it. Two states that come after each other have different lines."""
    before = await visitor.status.inner_text()
    if status != visitor.desk.status:
        visitor.desk.become(**status)
        await expect(visitor.status).not_to_have_text(before)


async def _unsent(visitor: Visitor, folder: Path, case: Case) -> list[str]:
    """What is written is too long or refused, or the chat is closed to who writes; nobody is
    online; and the panel is closed with something in it that was not read."""
    spilling, text, bad = [], SENTENCES[case.language].strip(), visitor.page.locator(".meta.bad")
    await visitor.composer.fill(text * 200)
    spilling += await looks(visitor.page, folder, f"{case}-widget-too long")
    for number, (name, status) in enumerate({"invalid": 422, "blocked": 403}.items(), 1):
        visitor.desk.refuse = partial(_refused, status, name)
        await visitor.say(text)
        await expect(bad).to_have_count(number)
        spilling += await looks(visitor.page, folder, f"{case}-widget-{name}")
    await visitor.context.set_offline(True)
    await visitor.say(text)
    spilling += await looks(visitor.page, folder, f"{case}-widget-offline")
    await visitor.context.set_offline(False)
    await visitor.page.keyboard.press("Escape")
    visitor.desk.say(text, name=NAMES[case.agent])
    await expect(visitor.page.locator(".badge")).to_be_visible()
    spilling += await looks(visitor.page, folder, f"{case}-widget-unread")
    return spilling


def _refused(status: int, code: str, request: Request) -> Response | None:
    return fault(status, code) if request.url.path.endswith("/messages") else None


def _prechat(case: Case) -> Json:
    """What is asked first, called as long as the settings take."""
    label = SENTENCES[case.language][:60]
    options = [{"value": str(n), "text": SENTENCES[case.language]} for n in range(5)]
    field = {"label": label, "type": "text", "required": False, "options": []}
    fields = [{**field, "name": "name"}, {**field, "name": "topic", "options": options}]
    return {"title": NAMES[case.agent], "prechat": fields}


async def _conversation(visitor: Visitor, case: Case) -> None:
    text, agent = SENTENCES[case.language].strip(), NAMES[case.agent]
    await visitor.send(text)
    visitor.desk.say(said(Occasion.ASSIGNED, case), "system")
    visitor.desk.say(NAMES[case.customer][:60], "agent", name=agent)
    visitor.desk.say(f"- {text}\n- **{text}**\n\n```\n{'x' * 200}\n```", "agent", name=agent)
    await expect(visitor.bubbles.last).to_contain_text("x" * 200)


async def _heard(visitor: Visitor, folder: Path, case: Case) -> list[str]:
    """What a conversation may have in it: words to choose from, files, emoji, what was corrected
    and taken back, somebody who types, and the menu."""
    text, agent, spilling = SENTENCES[case.language].strip(), NAMES[case.agent], []
    say = partial(visitor.desk.say, name=agent)
    typing = {"author": {"name": agent}, "on": True}
    shows: dict[str, Callable[[], object]] = {
        "chips": partial(say, text, "bot", buttons=[{"text": word} for word in text.split()[:6]]),
        "files": partial(say, text, attachments=_files(case)),
        "changed": partial(say, text, **CHANGED),
        "gone": partial(say, "", deleted=True),
        "typing": partial(visitor.desk.conversation.tell, "typing", typing),
    }
    for name, show in shows.items():
        show()
        await expect(visitor.page.locator(SHOWN[name]).last).to_be_visible()
        spilling += await looks(visitor.page, folder, f"{case}-widget-{name}")
    visitor.desk.conversation.tell("typing", typing | {"on": False})
    await expect(visitor.page.locator(SHOWN["typing"])).to_be_hidden()
    await _become(visitor, {"mode": "queued"})
    await visitor.page.locator("header button").first.click()
    await expect(visitor.page.locator(".menu button")).to_have_count(3)
    spilling += await looks(visitor.page, folder, f"{case}-widget-menu")
    await visitor.page.locator("header button").first.click()
    return spilling


def _files(case: Case) -> list[Json]:
    name = f"{NAMES[case.customer][:100]}.pdf"
    file = {"id": "fil_0", "mime": "application/pdf", "size": 5_300_000}
    return [{**file, "name": name}, {**file, "id": "fil_1", "name": f"{'x' * 120}.zip"}]
