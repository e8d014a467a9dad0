"""Pictures of all that people see, with the worst names: `python -m tests.docs.gallery folder`.

Every state of the card, lines and posts of a thread, every modal, App Home and every state of the
widget, light and dark, on a desk and on a phone, in four languages, as the sandbox's page and a
real browser show them. For looking at; only what spills over its edge is found by itself.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC
from itertools import chain, islice
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright, expect
from starlette.responses import Response

from adapters.slack import (
    announcing,
    approval,
    card,
    deciding,
    finding,
    forms,
    helping,
    home,
    joining,
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
    stats,
)
from adapters.slack.blocks import Body
from adapters.slack.verbs import TABLE
from bridge import reviewing
from bridge.actions import Action, Actions, Field
from bridge.alert_words import Item, Notice
from bridge.commands import Suggested
from bridge.effects import Line
from bridge.gates import Act, Approval, Stand, Vote
from bridge.lists import Sort
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    Awaiting,
    ContactId,
    ConversationId,
    Role,
    Standing,
    Visibility,
)
from bridge.queues import WrapUp
from bridge.reports import Period, Report
from bridge.settling import SUGGESTION
from bridge.templates import Macro, Template, Templates
from bridge.views import CustomerPost, Figures, LinePost, PreviewPost, View
from sandbox.slack import seed
from tests.adapters.slack.things import ANA, NOW
from tests.adapters.slack.worst import HELD_FOR, NAMES, SENTENCES, Worst
from tests.conftest import CHROMIUM_ARGUMENTS
from tests.docs.looks import CASES, DESK, Case, Json, looks
from tests.docs.widget_gallery import widget_pictures
from tests.past import Draft, Firing, oversight, report
from tests.sandbox.page_stage import Stage, stage, visit
from tests.servers import chromium_path

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
        yield card.card(view, never=(), now=NOW)
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
    fired = f"evt_1\tangry\tsounds annoyed\nevt_2\tlegal\t“{worst.text[:60]}”"
    yield lines.line(view, LinePost(Line.TRIGGERED, detail=fired), "eff_fired")
    yield questions.asked_body(view, note, "https://acme.slack.com/archives/C1/p1", "eff_q")
    offered = agents.said(5, Role.BOT, standing=Standing.HELD, held_for=_REPLY)
    yield lines.line(view, LinePost(Line.SUGGESTED, offered, "", agents.name), "eff_s")
    items = [Item(f"{agents.name[:64]} · for 2 days", "hnd_1", n, worst.text) for n in range(1, 4)]
    for over, told in enumerate(("3 handoffs wait, the oldest for 12 min", "Connected again")):
        alert = Notice(f"alert:{over}", told, items[over * 2 :], 10 * (1 - over), over=bool(over))
        yield announcing.shown(alert, ["https://acme.slack.com/archives/C1/p1"] * len(alert.items))
    way = "https://acme.slack.com/archives/C1/p2"
    draft = Item(
        "orders · shop · for 3 min, 12 min left", "", 42, worst.text[:150], "apr_3f0c", way
    )
    waits = "1 draft of a bot to be approved, the oldest for 3 min"
    yield announcing.shown(Notice("alert:drafts", waits, [draft]), [""])


_REPLY = f"{SUGGESTION}{Suggested.REPLY}"


def approvals(case: Case) -> Iterator[Body]:
    """Cards of drafts, in every state, of words and of an action, and the call to who has not
    looked."""
    for it in (_draft(case), _draft(case, {"order": "1009", "amount": 49.9, "why": "lost"})):
        worst, contact = someone(case), seen(case)[0].contact
        said = (worst.said(1), worst.said(2, Role.BOT))
        yield approval.card(reviewing.Shown(it, contact, None, said), "apr_1", (ANA,))
        changed = (
            replace(it, value={"text": it.value["text"].replace("e", "a")})
            if (it.is_text)
            else replace(it, value={**it.value, "amount": 20})
        )
        for status in Stand:
            why = "timeout" if status is Stand.EXPIRED else "We never say so."
            value = None if status in (Stand.REJECTED, Stand.EXPIRED) else changed.value
            ended = replace(changed, status=status, value=value, revision=2, reason=why)
            yield approval.card(reviewing.Shown(ended, contact), f"apr_{status}")
        lost = replace(it, status=Stand.APPROVED, not_sent="human_in_control")
        yield approval.card(reviewing.Shown(lost, contact), "apr_lost")
        yield approval.call(reviewing.Shown(it), (ANA,), "apr_1/again")


def _draft(case: Case, action: Json | None = None) -> Approval:
    name, text = NAMES[case.agent], SENTENCES[case.language] * 3
    votes = (Vote(ANA, name, "approve", NOW),)
    value: Json = action or {"text": text, "buttons": [{"text": "Track it"}]}
    form = {"type": "object", "properties": _PARTS} if action else None
    return Approval(
        *("apr_1", DEFAULT_WORKSPACE, ConversationId("cnv_1")),
        title="Answer to a customer" if action is None else "Refund of order 1009",
        draft=value,
        value=value,
        form=form,
        send=action is None,
        quorum=2,
        votes=votes,
        why="everything",
        decided_name=name,
        created_at=NOW,
        decided_at=NOW + 95 * SECOND,
        expires_at=NOW + 900 * SECOND,
    )


_PARTS: Json = {
    "order": {"type": "string", "title": "Order"},
    "amount": {"type": "number", "title": "How much"},
    "express": {"type": "boolean", "title": "At once"},
    "why": {"type": "string", "title": "Why"},
}


def joined(case: Case) -> Iterator[forms.View]:
    """Two customers who are to be one person: looked for, found, looked at, done."""
    worst, target = someone(case), someone(case).targets[1]
    mine = replace(target.contact, attributes={"plan": "pro", "order": "1009", "since": 2019})
    known = {"plan": "free", "company": NAMES[case.agent], "size": 44}
    other = replace(mine, id=ContactId("con_o"), channel="messenger", attributes=known)
    plain = joining.Side(mine, (mine,), 3, 2), joining.Side(other, (other,), 1, 1)
    mallory = replace(other, name=NAMES[case.agent], email="", blocked_at=NOW)
    blocked = joining.Side(mallory, (mallory, other), 1, 100, more=True)
    yield joining.form(target)
    yield forms.shown(joining.found(target, worst.targets[:4]), joining.TITLE)
    for side, may in ((plain[1], True), (blocked, True), (blocked, False)):
        yield joining.preview("cnv_1 cnv_2", plain[0], side, may_block=may)
    yield forms.shown(joining.told(mine, mallory, already=False), joining.TITLE)


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
    yield forms.shown(stats.stats(FIGURES, FIGURES, None, "UTC"))
    yield forms.shown(stats.stats(FIGURES, FIGURES, _day(), "UTC"))
    for it in (_draft(case), _draft(case, {"order": "1009", "amount": 49.9})):
        for act in (Act.EDIT, *deciding.ASKS):
            yield deciding.form(deciding.Wish(act, it.id, 1), it)
    yield from joined(case)
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


def _day() -> Report:
    drafts = [Draft("shop", each, SECOND, 90 * SECOND) for each in Stand]
    fired = [Firing(f"rule-{n % 4}", "words", n == 1, n == 2) for n in range(9)]
    return replace(report([], {}, Period(0, 1, UTC)), oversight=oversight(drafts, fired))


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
    contact = views[0].contact
    made = Approval("apr_1", contact.workspace_id, views[0].conversation.id, bot_id="shop")
    draft = replace(made, title="Refund order 1009", created_at=1, expires_at=901 * SECOND)
    votes = (
        home.Vote(draft, contact, "https://acme.slack.com/archives/C1/p1"),
        home.Vote(replace(draft, id="apr_2")),
    )
    yield home.home(home.Glance((), (), FIGURES, votes=votes, votes_in_all=7))


# --- how it looks --------------------------------------------------------------------------------


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
        everything = chain(thread(case), approvals(case))
        await told(slack, islice(everything, 0, None, every), seed.BILLING)
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
