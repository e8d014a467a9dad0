"""Pictures of all that people see, with the worst names: `python -m tests.docs.gallery folder`.

Every state of the card, lines and posts of a thread, every modal, App Home and every state of the
widget, light and dark, on a desk and on a phone, in four languages, as the sandbox's page and a
real browser show them. For looking at; only what spills over its edge is found by itself.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, Locator, Page, async_playwright, expect
from starlette.requests import Request
from starlette.responses import Response

from adapters.slack import (
    card,
    finding,
    forms,
    helping,
    home,
    lines,
    menus,
    moving,
    myself,
    own,
    pages,
    pickers,
    posts,
    questions,
    ready,
)
from adapters.slack.blocks import Body
from adapters.slack.verbs import TABLE
from bridge.actions import Action, Actions, Field
from bridge.commands import Suggested
from bridge.effects import Line
from bridge.lists import Sort
from bridge.model import SECOND, Awaiting, Role, Standing, Visibility
from bridge.queues import WrapUp
from bridge.settling import SUGGESTION
from bridge.templates import Macro, Template, Templates
from bridge.views import CustomerPost, Figures, LinePost, PreviewPost, View
from sandbox.slack import seed
from tests.adapters.slack.things import ANA, NOW
from tests.adapters.slack.worst import HELD_FOR, NAMES, SENTENCES, Worst
from tests.adapters.webchat.stub import Desk, fault
from tests.adapters.webchat.visitor import Visitor, visiting
from tests.conftest import CHROMIUM_ARGUMENTS
from tests.sandbox.page_stage import Stage, stage, visit
from tests.servers import chromium_path

Scheme = Literal["light", "dark"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A customer, an agent and a language to be seen together."""

    customer: str
    agent: str
    language: str

    def __str__(self) -> str:
        return f"{self.language}-{self.customer.replace(' ', '-')}-{self.agent.replace(' ', '-')}"


CASES = (
    Case("emoji", "Hebrew", "en"),
    Case("Arabic", "markup", "fr"),
    Case("emoji", "one word", "de"),
    Case("Arabic", "Hebrew", "es"),
)
DESK, PHONE = (1280, 800), (390, 844)
LOOKS: tuple[tuple[tuple[int, int], Scheme], ...] = (
    (DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark"),
)  # fmt: skip
AROUND = 300
"""The page's own head and foot, and some room."""
SPILLS = """() => {
  const beyond = (box) => box.getBoundingClientRect().right > innerWidth + 1;
  const tight = (box) => box.scrollWidth > box.clientWidth + 1;
  const root = document.querySelector('deskbridge-chat')?.shadowRoot ?? document;
  const found = [...root.querySelectorAll('.message, dialog, .home-body, .panel, header, .bubble')];
  const tall = (box) => box.localName === 'header' && box.scrollHeight > box.clientHeight + 1;
  const wide = document.documentElement.scrollWidth > innerWidth;
  return found.filter((box) => beyond(box) || tight(box) || tall(box))
    .map((box) => box.innerText.slice(0, 80)).concat(wide ? ['the page'] : []);
}"""


# --- what is shown -------------------------------------------------------------------------------


def someone(case: Case) -> Worst:
    return Worst(NAMES[case.customer], SENTENCES[case.language] * 3, case.language)


def seen(case: Case) -> list[View]:
    """A handoff in every state."""
    worst = someone(case)
    named = (replace(each, handoff=_of(case, each)) for each in worst.views)
    return [each for each in named if each.conversation.awaiting is not Awaiting.NOBODY]


def _of(case: Case, view: View) -> Any:
    name = NAMES[case.agent]
    return replace(view.handoff, assignee_name=name, closed_by=name, closed_at=NOW + 900 * SECOND)


def cards(case: Case) -> Iterator[Body]:
    for view in seen(case):
        yield card.card(view, templates=True, now=NOW)
    waiting = seen(case)[0]
    yield card.card(waiting, "eff_1", goal=300 * SECOND, opens=NOW, private=True)
    yield card.moved(waiting, seed.BILLING)


def thread(case: Case) -> Iterator[Body]:
    worst, view = someone(case), seen(case)[2]
    agents = replace(worst, name=NAMES[case.agent])
    note = agents.said(3, Role.AGENT, visibility=Visibility.INTERNAL)
    yield posts.preview(view, PreviewPost(worst.messages[:5], 4), "eff_p")
    for said in (worst.said(1), worst.said(2, Role.BOT), note):
        yield posts.said(view, CustomerPost(said, said.text), f"eff_{said.id}")
    for kind in Line:
        standing = Standing.HELD if kind in (Line.HELD, Line.STILL_HELD) else Standing.SENT
        held = agents.said(4, Role.AGENT, standing=standing, held_for=HELD_FOR[0])
        yield lines.line(view, LinePost(kind, held, ANA, agents.name, "self"), f"eff_{kind}")
    yield questions.asked_body(view, note, "https://acme.slack.com/archives/C1/p1", "eff_q")
    offered = agents.said(5, Role.BOT, standing=Standing.HELD, held_for=_REPLY)
    yield lines.line(view, LinePost(Line.SUGGESTED, offered, "", agents.name), "eff_s")


_REPLY = f"{SUGGESTION}{Suggested.REPLY}"


def modals(case: Case) -> Iterator[forms.View]:
    worst, target = someone(case), someone(case).targets[1]
    by = replace(worst.by, name=NAMES[case.agent])
    yield from (
        forms.form(verb, target, worst.queues) for verb in TABLE if verb.form in forms.FIELDS
    )
    yield forms.wrap_up(target, WrapUp(labels=worst.queues, outcomes=worst.queues))
    yield own.form(ACTION, target)
    yield forms.shown(own.page(Actions(tuple(_actions())), target), "Actions")
    yield helping.suggestion_form(worst.messages[0], target)
    yield finding.form(worst.queues)
    yield forms.shown(finding.page(worst.text, worst.views, worst.links, Sort.NEWEST), "Find")
    yield moving.form(seen(case), ANA, worst.queues)
    yield myself.form(by, None)
    yield forms.shown(home.stuck(worst.messages[-4:], worst.links), "Not sent")
    yield forms.note_from(worst.text, worst.views)
    yield forms.shown(menus.menu(target, by), "Handoff")
    yield forms.shown(pages.profile(target, now=pages.Now(NOW, here=True)))
    yield forms.shown(pages.history(target, worst.messages, older=True))
    yield forms.shown(pages.delete(target))
    yield forms.shown(pickers.lines("Waiting (9)", worst.views, worst.links, ""))
    yield forms.shown(pages.figures(FIGURES, FIGURES))
    for name in ("", "hello", "done"):
        yield ready.picker(_templates(case), target, by, name)


ACTION = Action(
    "refund",
    "Wolfeschlegelsteinhausenbergerdorff & the whole of the money",
    (Field("amount", "How much of it"), Field("why", "Why", required=False, multiline=True)),
)


def _actions() -> Iterator[Action]:
    return (replace(ACTION, name=f"refund-{number}") for number in range(9))


FIGURES = Figures(12, 31, 9, 14, 48 * SECOND)


def _templates(case: Case) -> Templates:
    text = "{{userName}}: {{attributes.order}} {{agentName}} " + SENTENCES[case.language]
    macro = Macro("done", ("label vip", "t hello", "resolve silent"))
    return Templates(shortcuts=(Template("hello", {case.language: text}),), macros=(macro,))


def homes(case: Case) -> Iterator[forms.View]:
    worst, views = someone(case), seen(case)
    held, names = worst.messages[-4:], worst.queues[:2]
    yield home.home(
        home.Glance(views[2:4], views[:2], FIGURES, held, 3, worst.links, worst.seat, names)
    )
    yield home.home(home.Glance((), (), FIGURES))


# --- how it looks --------------------------------------------------------------------------------


async def looks(page: Page, folder: Path, name: str, *, whole: str = "") -> list[str]:
    """A picture of each look, into the folder; gives what spills over. `whole`: of this element."""
    spilling = []
    for size, scheme in LOOKS:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if whole:
            await _room_for(page, page.locator(whole).last)
        file = folder / f"{name}-{'desk' if size == DESK else 'phone'}-{scheme}.png"
        shot = page.locator(whole).last if whole else page
        await shot.screenshot(path=file, animations="disabled")
        spilling += [f"{file.stem}: {words}" for words in await page.evaluate(SPILLS)]
    return spilling


async def _room_for(page: Page, message: Locator) -> None:
    """A window as high as it has to be for nothing to stand before the message."""
    box, size = await message.bounding_box(), page.viewport_size
    assert box
    assert size
    high = max(size["height"], int(box["height"]) + AROUND)
    await page.set_viewport_size({"width": size["width"], "height": high})
    await message.scroll_into_view_if_needed()


async def told(slack: Stage, bodies: Iterator[Body], channel: str) -> None:
    for body in bodies:
        sender = body.sender
        icon = {"icon_url": sender.icon_url} if sender and sender.icon_url else {}
        name = {"username": sender.name, **icon} if sender else {}
        await slack.app.call(
            "chat.postMessage", channel=channel, text=body.text, blocks=body.blocks, **name
        )


async def slack_pictures(browser: Browser, folder: Path, case: Case, every: int = 1) -> list[str]:
    """Of all that agents see, or of every so many of each kind; gives what spills over."""
    async with stage() as slack, visit(browser, slack.base) as opened:
        page, spilling = opened.page, []
        await told(slack, islice(cards(case), 0, None, every), seed.ORDERS)
        await told(slack, islice(thread(case), 0, None, every), seed.BILLING)
        for channel, name in ((seed.ORDERS, "cards"), (seed.BILLING, "thread")):
            await page.goto(f"{slack.base}/?as={seed.ANA}&channel={channel}")
            await expect(page.locator(".channel-pane .message").last).to_be_visible()
            for number in range(await page.locator(".channel-pane .message").count()):
                message = f".channel-pane .message >> nth={number}"
                await page.locator(message).scroll_into_view_if_needed()
                spilling += await looks(page, folder, f"{case}-{name}-{number:02}", whole=message)
        async with slack.person(seed.ANA) as ana:
            ts = await ana.say(seed.GENERAL, "Here")
            for number, view in enumerate(islice(modals(case), 0, None, every)):
                async with _modal(slack, view):
                    await ana.shortcut("handoff", channel=seed.GENERAL, ts=ts)
                    await expect(page.locator("dialog")).to_be_visible()
                    spilling += await looks(page, folder, f"{case}-modal-{number:02}")
                shown = await ana.modal()
                await ana.close(str(shown and shown["id"]))
                await expect(page.locator("dialog")).to_have_count(0)
        for number, view in enumerate(islice(homes(case), 0, None, every)):
            await slack.app.call("views.publish", user_id=seed.ANA, view=view)
            await page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
            await page.goto(f"{slack.base}/?as={seed.ANA}")
            await page.get_by_role("button", name="Deskbridge").first.click()
            await expect(page.locator(".home-body")).to_contain_text("Today")
            spilling += await looks(page, folder, f"{case}-home-{number}")
        return spilling


@asynccontextmanager
async def _modal(slack: Stage, view: forms.View) -> AsyncIterator[None]:
    """The app of the workspace answers a shortcut with that."""

    async def answer(payload: Json) -> Response:
        if payload["type"] == "message_action":
            await slack.app.call("views.open", trigger_id=payload["trigger_id"], view=view)
        return Response("")

    usual, slack.app.answer = slack.app.answer, answer  # type: ignore[method-assign]
    yield
    slack.app.answer = usual  # type: ignore[method-assign]


def statuses(agent: str) -> dict[str, Json]:
    """Every state of the widget."""
    later, question = "2026-11-23T08:00:00Z", f"How was the conversation with {agent}?"
    asked: Json = {"question": question, "after": 3, "score": 0, "comment": ""}
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
        for name, status in islice(statuses(NAMES[case.agent]).items(), 0, None, every):
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
    """What is written is refused, or the chat is closed to who writes; and nobody is online."""
    spilling, text, bad = [], SENTENCES[case.language].strip(), visitor.page.locator(".meta.bad")
    for number, (name, status) in enumerate({"invalid": 422, "blocked": 403}.items(), 1):
        visitor.desk.refuse = partial(_refused, status, name)
        await visitor.say(text)
        await expect(bad).to_have_count(number)
        spilling += await looks(visitor.page, folder, f"{case}-widget-{name}")
    await visitor.context.set_offline(True)
    await visitor.say(text)
    spilling += await looks(visitor.page, folder, f"{case}-widget-offline")
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
    visitor.desk.say(text, "bot", buttons=[{"text": word} for word in text.split()[:6]])
    visitor.desk.say(f"{agent} has joined", "system")
    visitor.desk.say(NAMES[case.customer][:60], "agent", name=agent)
    visitor.desk.say(f"- {text}\n- **{text}**\n\n```\n{'x' * 200}\n```", "agent", name=agent)
    await expect(visitor.bubbles.last).to_contain_text("x" * 200)


async def take(folder: Path) -> list[str]:
    """All pictures, into the folder."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=list(CHROMIUM_ARGUMENTS)
        )
        spilling = []
        for case in CASES:
            spilling += await slack_pictures(browser, folder, case)
            spilling += await widget_pictures(browser, folder, case)
        await browser.close()
    return spilling


if __name__ == "__main__":
    chosen = Path(sys.argv[1])
    chosen.mkdir(parents=True, exist_ok=True)
    print("\n".join(asyncio.run(take(chosen))) or "Nothing spills over.")  # noqa: T201
