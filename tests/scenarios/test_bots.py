"""A bot that is silent, a bot that is fenced off, and a bot that waits for its turn."""

import asyncio

from starlette.responses import Response

from sandbox.slack.seed import ORDERS
from tests.scenarios.beginnings import with_a_human
from tests.scenarios.processes import until, until_equal
from tests.scenarios.puppet import Answer, Json, says
from tests.scenarios.stage import Stage


async def hangs(_data: Json) -> Response:
    """Answers long after anybody would wait."""
    await asyncio.sleep(30)
    return says("Too late")


def fails(_data: Json) -> Response:
    return Response(status_code=500)


def says_nothing(_data: Json) -> Response:
    return Response()


def denies(_data: Json) -> Response:
    return Response(status_code=403)


def talks_nonsense(_data: Json) -> Response:
    return Response(b'{"messages": "hello"}', media_type="application/json")


def is_silent_on_purpose(_data: Json) -> Response:
    return says()


async def test_a_bot_that_does_not_answer_in_time_becomes_a_handoff(stage: Stage) -> None:
    faulty: tuple[Answer, ...] = (hangs, fails, says_nothing, denies, talks_nonsense)
    customers = [await stage.customer(f"Sam {number}") for number in range(len(faulty))]
    for customer, fault in zip(customers, faulty, strict=True):
        stage.the_bot.answers[customer.conversation] = fault
        await customer.say("Where is my parcel?")
    for customer in customers:
        thread = await stage.thread(customer)
        handoff = (await stage.api("GET", f"/handoffs/{thread.handoff}")).json()
        assert handoff["reason"]["code"] == "bot_unavailable"
        assert "Where is my parcel?" in await until(thread.preview)
        await customer.say("Hello?")
        await thread.has_said("Hello?")


async def test_a_bot_that_is_silent_on_purpose_calls_nobody(one_stage: Stage) -> None:
    sam, kim = await one_stage.customer("Sam"), await one_stage.customer("Kim")
    one_stage.the_bot.answers[sam.conversation] = is_silent_on_purpose
    one_stage.the_bot.answers[kim.conversation] = says_nothing
    await sam.say("ok")
    await kim.say("ok")
    await one_stage.thread(kim)  # whoever lost patience with Kim's bot had time to do so with Sam's
    assert (await one_stage.conversation(sam))["mode"] == "bot"


async def test_a_bot_cannot_talk_over_a_human_nor_with_stale_words(stage: Stage) -> None:
    sam = await stage.customer()
    await sam.say("Hello")
    await sam.has_heard("Echo: Hello", kind="bot")
    before = (await stage.conversation(sam))["epoch"]
    path = f"/conversations/{sam.conversation}/messages"
    said = await stage.api("POST", path, json={"text": "By the way", "epoch": before})
    assert said.status_code == 202

    await sam.say("I want a human")
    thread = await stage.thread(sam)
    ana = stage.agent()
    await ana.reply(ORDERS, thread.ts, "Here I am")
    await sam.has_heard("Here I am")
    for body in ({"text": "And I"}, {"text": "And I", "epoch": before}):
        refused = await stage.api("POST", path, json=body)
        error = refused.json()["error"]
        assert (refused.status_code, error["code"]) == (409, "human_in_control")
        assert "Ana" in refused.text

    await ana.reply(ORDERS, thread.ts, "!resolve")
    await thread.card_begins("Resolved")
    stale = await stage.api("POST", path, json={"text": "Old news", "epoch": before})
    assert stale.status_code == 409
    now = (await stage.conversation(sam))["epoch"]
    fresh = await stage.api("POST", path, json={"text": "I am back", "epoch": now})
    assert fresh.status_code == 202
    await sam.has_heard("Echo: Hello", "By the way", "I am back", kind="bot")


async def test_a_late_answer_of_the_bot_does_not_come_in_while_a_human_is_there(
    stage: Stage,
) -> None:
    sam = await stage.customer()
    asked, answer = asyncio.Event(), asyncio.Event()

    async def thinks(_data: Json) -> Response:
        asked.set()
        async with asyncio.timeout(60):
            await answer.wait()
        return says("I thought about it")

    stage.the_bot.answers[sam.conversation] = thinks
    await sam.say("A hard question")
    await asyncio.wait_for(asked.wait(), 60)
    opened = await stage.api(
        "POST", "/handoffs", json={"conversation_id": sam.conversation, "title": "Too hard"}
    )
    assert opened.status_code == 202
    answer.set()
    thread = await stage.thread(sam)
    await stage.agent().reply(ORDERS, thread.ts, "Let me see")
    await sam.has_heard("Let me see")
    assert await sam.texts("bot") == []


async def test_a_handoff_asked_for_twice_is_one(stage: Stage) -> None:
    sam = await stage.customer()
    await sam.say("Hello")
    await sam.has_heard("Echo: Hello", kind="bot")
    body = {"id": sam.conversation, "conversation_id": sam.conversation, "title": "Help"}
    first = await stage.api("POST", "/handoffs", json=body)
    again = await stage.api("POST", "/handoffs", json=body)
    second = await stage.api("POST", "/handoffs", json=body | {"id": f"{sam.conversation}-2"})
    assert (first.status_code, again.status_code, second.status_code) == (202, 200, 409)
    assert again.json()["id"] == first.json()["id"]
    assert first.json()["id"] in second.text
    thread = await stage.thread(sam)
    assert thread.handoff == first.json()["id"]


async def test_a_paused_bot_is_silent_until_it_is_resumed(stage: Stage) -> None:
    sam = await stage.customer()
    await sam.say("One")
    await sam.has_heard("Echo: One", kind="bot")
    for _ in range(2):
        paused = await stage.api("POST", f"/conversations/{sam.conversation}/pause")
        assert (paused.status_code, paused.json()["paused"]) == (200, True)
    await sam.say("Two")
    assert (await stage.conversation(sam))["paused"] is True
    for _ in range(2):
        resumed = await stage.api("POST", f"/conversations/{sam.conversation}/resume")
        assert (resumed.status_code, resumed.json()["paused"]) == (200, False)
    await stage.the_bot.first(sam.conversation, "control.returned")
    await sam.say("Three")
    await sam.has_heard("Echo: One", "Echo: Three", kind="bot")


async def test_resuming_inside_a_handoff_is_a_conflict(one_stage: Stage) -> None:
    sam, _, _ = await with_a_human(one_stage)
    paused = await one_stage.api("POST", f"/conversations/{sam.conversation}/pause")
    assert paused.status_code == 200
    resumed = await one_stage.api("POST", f"/conversations/{sam.conversation}/resume")
    assert (resumed.status_code, resumed.json()["error"]["code"]) == (409, "handoff_open")


async def test_an_agent_pauses_by_a_command_and_by_a_word(one_stage: Stage) -> None:
    sam, thread, ana = await with_a_human(one_stage)
    await ana.reply(ORDERS, thread.ts, "!resolve")
    await thread.card_begins("Resolved")
    del one_stage.the_bot.answers[sam.conversation]
    number = (await one_stage.api("GET", f"/handoffs/{thread.handoff}")).json()["number"]
    await ana.command(ORDERS, f"/pause {number}")

    async def paused() -> bool:
        return bool((await one_stage.conversation(sam))["paused"])

    await until_equal(paused, True)
    word = await ana.reply(ORDERS, thread.ts, "!resume")
    await thread.has_mark(word, "🔒")
    await until_equal(paused, False)
    await sam.say("Back?")
    await sam.has_heard("Echo: Back?", kind="bot")


async def test_the_customer_ends_it_and_has_the_bot_back(stage: Stage) -> None:
    sam, thread, _ = await with_a_human(stage)
    left = await sam.leave()
    assert left.status_code == 202
    await thread.card_begins("Left by the customer")
    returned = await stage.the_bot.first(sam.conversation, "control.returned")
    assert returned.data["outcome"] == "cancelled"
    stage.the_bot.answers.pop(sam.conversation)
    await sam.say("Bot?")
    await sam.has_heard("Echo: Bot?", kind="bot")


async def test_a_signed_bot_may_hand_over_and_a_forged_one_may_not(one_stage: Stage) -> None:
    sam = await one_stage.customer()
    await sam.say("Hello")
    url = f"{one_stage.base}/v1/handoffs"
    body = {"conversation_id": sam.conversation, "title": "Help"}
    forged = {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1",
        "webhook-signature": "v1,AAAA",
    }
    answers = [
        await one_stage.client.post(url, json=body, headers=forged),
        await one_stage.client.post(url, json=body),
        await one_stage.client.post(url, json=body, headers={"Authorization": "Bearer x"}),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert (await one_stage.conversation(sam))["mode"] == "bot"
