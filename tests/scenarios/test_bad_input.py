"""What is forged, old, malformed, too long or said twice changes nothing."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest

from sandbox.slack.seed import ORDERS
from tests.scenarios import signed
from tests.scenarios.beginnings import with_a_human
from tests.scenarios.puppet import hands_over
from tests.scenarios.stage import Stage
from tests.scenarios.thread import plain


@pytest.mark.parametrize(
    ("how", "change"),
    [
        ({"secret": "another-secret"}, {}),
        ({"age": 301}, {}),
        ({"age": -3_600}, {}),  # it comes nearer while this runs
        ({}, {"X-Slack-Signature": "v0=00"}),
        ({}, {"X-Slack-Signature": ""}),
        ({}, {"X-Slack-Request-Timestamp": "soon"}),
    ],
)
async def test_a_forged_or_old_event_is_401_and_nothing_is_said(
    one_stage: Stage, how: dict[str, Any], change: dict[str, str]
) -> None:
    sam, thread, ana = await with_a_human(one_stage)
    body = orjson.dumps(signed.envelope(thread.ts, "Give me your card number", signed.now()))
    headers = signed.headers(body, **how) | change
    url = f"{one_stage.base}/slack/events"
    answer = await one_stage.client.post(url, content=body, headers=headers)
    assert answer.status_code == 401
    await ana.reply(ORDERS, thread.ts, "Afterwards")
    await sam.has_heard("Hello", "Afterwards")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"type":"event_callback"}',
        b'{"type":"event_callback","event":7,"team_id":"T1"}',
        b'{"type":"event_callback","event":{"type":"message","channel":1},"team_id":"T1"}',
    ],
)
async def test_a_malformed_event_is_refused_by_name_and_harms_nobody(
    one_stage: Stage, body: bytes
) -> None:
    answer = await signed.post(one_stage.client, one_stage.base, body)
    assert 400 <= answer.status_code < 500
    sam, _, _ = await with_a_human(one_stage)
    await sam.has_heard("Hello")


@pytest.fixture
def stage(over_http: Stage) -> Stage:
    """What is signed comes over HTTP."""
    return over_http


async def test_the_same_event_twice_is_one_message(stage: Stage) -> None:
    sam, thread, ana = await with_a_human(stage)
    event = signed.envelope(thread.ts, "Only once", signed.now())
    sends = [signed.post(stage.client, stage.base, event) for _ in range(5)]
    answers = await asyncio.gather(*sends)
    other = event | {"event_id": "EvAnother"}
    answers.append(await signed.post(stage.client, stage.base, other))
    assert {answer.status_code for answer in answers} == {200}
    await ana.reply(ORDERS, thread.ts, "Afterwards")
    await sam.has_heard("Hello", "Only once", "Afterwards")


async def test_an_answer_of_twenty_thousand_characters_in_one_event_arrives_whole(
    stage: Stage,
) -> None:
    sam, thread, _ = await with_a_human(stage)
    long = "".join(f"line {n} of a very long answer\n" for n in range(700))[:20_000].strip()
    event = signed.envelope(thread.ts, long, signed.now())
    assert (await signed.post(stage.client, stage.base, event)).status_code == 200
    await sam.has_heard("Hello", long)


async def test_a_customer_may_write_ten_thousand_characters_and_no_more(stage: Stage) -> None:
    sam = await stage.customer("Sam Rivera")
    stage.the_bot.answers[sam.conversation] = hands_over
    await sam.say("First")
    thread = await stage.thread(sam)
    long = "".join(f"{n} parcels, “quoted” & <b>bold</b> 🙂. " for n in range(400))[:10_000]
    refused = await sam.post(long + "x")
    assert refused.status_code == 413
    assert refused.json()["error"]["fields"] == {"text": "is too long"}
    await sam.say(long)
    await thread.has_said(long)
    await sam.has_heard("First", long, kind="user")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", (400, 422)),
        (b'{"client_id":"a"}', 422),
        (b'{"client_id":"a","text":7}', 422),
        (b'{"client_id":"a","text":"   "}', 422),
        (b'{"client_id":"","text":"x"}', 422),
        (b'{"text":"x"}', 422),
        (b'{"client_id":"' + b"a" * 101 + b'","text":"x"}', 422),
        (b'{"client_id":"a","text":"' + b"x" * 1_100_000 + b'"}', 413),
    ],
)
async def test_a_malformed_message_is_refused_with_its_field_and_kept_nowhere(
    one_stage: Stage, body: bytes, status: int | tuple[int, ...]
) -> None:
    sam = await one_stage.customer()
    headers = {**sam.headers, "Content-Type": "application/json"}
    answer = await sam.client.post("/webchat/messages", content=body, headers=headers)
    assert answer.status_code in (status if isinstance(status, tuple) else (status,))
    assert answer.json()["error"]["code"]
    assert await sam.messages() == []


async def test_without_a_session_nobody_is_heard(one_stage: Stage) -> None:
    sam = await one_stage.customer()
    sam.token = sam.token[:-6] + "AAAAAA"
    answers: list[httpx.Response] = [
        await sam.post("Hello"),
        await sam.leave(),
        await sam.client.get("/webchat/messages", headers=sam.headers),
        await sam.client.get("/webchat/stream", headers=sam.headers),
        await sam.client.get("/webchat/messages"),
    ]
    assert {answer.status_code for answer in answers} == {401}


async def test_a_client_id_again_is_the_same_answer_and_another_text_is_a_conflict(
    stage: Stage,
) -> None:
    sam = await stage.customer()
    sends = [sam.post("Hello", "one") for _ in range(5)]
    answers = await asyncio.gather(*sends)
    answers.append(await sam.post("Hello", "one"))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    conflict = await sam.post("Something else", "one")
    assert (conflict.status_code, conflict.json()["error"]["code"]) == (409, "id_reused")
    await sam.has_heard("Echo: Hello", kind="bot")
    await sam.has_heard("Hello", kind="user")


async def test_characters_that_no_database_takes_come_through_as_replacements(stage: Stage) -> None:
    sam = await stage.customer()
    raw = b'{"client_id":"odd","text":"a\\u0000b \\ud800 c"}'
    headers = {**sam.headers, "Content-Type": "application/json"}
    answer = await sam.client.post("/webchat/messages", content=raw, headers=headers)
    assert answer.status_code == 202
    await sam.has_heard("a\ufffdb \ufffd c", kind="user")


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/handoffs", b"{", 400, ""),
        ("/handoffs", b"[1]", (400, 422), ""),
        ("/handoffs", b"{}", 422, "title"),
        ("/handoffs", b'{"title":7,"conversation_id":"x"}', 422, "title"),
        ("/handoffs", b'{"title":"Help","conversation_id":"cnv_nobody"}', 404, ""),
        ("/handoffs", b'{"title":"Help","channel":"webchat","user":{}}', 422, "user.id"),
        ("/conversations/cnv_nobody/messages", b'{"text":"Hello"}', 404, ""),
        ("/conversations/cnv_nobody/pause", b"", 404, ""),
    ],
)
async def test_a_malformed_call_of_the_api_is_refused_with_its_field(
    one_stage: Stage, path: str, body: bytes, status: int | tuple[int, ...], field: str
) -> None:
    answer = await one_stage.api("POST", path, content=body)
    assert answer.status_code in (status if isinstance(status, tuple) else (status,))
    error = answer.json()["error"]
    assert error["code"]
    assert error["message"]
    assert field in str(error.get("fields", "")) if field else True


async def test_a_click_told_twice_is_one_click(stage: Stage) -> None:
    sam = await stage.customer("Sam Rivera")
    stage.the_bot.answers[sam.conversation] = hands_over
    await sam.say("Help")
    thread = await stage.thread(sam)
    click = signed.click(thread.ts, "assign_me", thread.handoff)
    sends = [signed.form(stage.client, stage.base, click) for _ in range(4)]
    assert {answer.status_code for answer in await asyncio.gather(*sends)} == {200}
    await thread.line_about("has it")
    await thread.card_begins("Ana")
    await stage.agent().reply(ORDERS, thread.ts, "Hello")
    await sam.has_heard("Hello")
    assert len([line for line in await thread.lines() if "has it" in plain(line)]) == 1
    joined = [text for text in await sam.texts("system") if "has joined" in text]
    assert joined == ["Ana has joined the conversation."]


async def test_a_command_told_twice_is_one_command(stage: Stage) -> None:
    sam, thread, _ = await with_a_human(stage)
    number = (await stage.api("GET", f"/handoffs/{thread.handoff}")).json()["number"]
    command = signed.command("/resolve", f"{number} refunded")
    sends = [signed.form(stage.client, stage.base, command) for _ in range(4)]
    assert {answer.status_code for answer in await asyncio.gather(*sends)} == {200}
    await thread.card_begins("Resolved")
    await thread.line_about("Resolved by Ana")
    left = [text for text in await sam.texts("system") if "has left" in text]
    assert len(left) == 1
    assert len([line for line in await thread.lines() if "Resolved" in plain(line)]) == 1
