"""The webchat's routes, in front of the real bridge."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from structlog.testing import capture_logs

from adapters.webchat.channel import Webchat
from bridge.commands import Accepted, Assign, Request
from bridge.errors import StoreUnavailable
from bridge.model import ConversationId, given
from bridge.ports import Deps, Receipt
from bridge.web import application
from storage.memory import MemoryBell, MemoryLimiter, MemoryPresence
from tests.bridge.running import (
    ANA,
    ORIGIN,
    Event,
    Running,
    Visitor,
    configured,
    in_file,
    running,
    served,
    stream,
    with_bot,
)

PATHS = {"sessions": "POST", "messages": "GET", "stream": "GET", "typing": "POST", "read": "POST"}


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(database_url, tmp_path, **with_bot())) as made:
        yield made


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as made:
        yield made


async def assigned(desk: Running, visitor: Visitor) -> str:
    await visitor.say("Hello")
    handoff = await desk.hand_over(visitor.conversation)
    at = time.time_ns() // 1_000
    await desk.do(Assign(desk.key(), at, desk.to(visitor.conversation), ANA, ANA))
    return handoff


# --- messages ------------------------------------------------------------------------------------


async def test_a_message_is_taken_once_whatever_is_repeated(desk: Running) -> None:
    sam = await desk.visitor()
    answers = await asyncio.gather(*(sam.say("Hello", "one") for _ in range(5)))
    answers.append(await sam.say("Hello", "one"))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert set(answers[0].json()) == {"id", "seq"}
    other = await sam.say("Goodbye", "one")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "id_reused")
    assert await sam.texts() == ["Hello"]


@pytest.mark.parametrize("taken", [False, True])
async def test_end_typed_in_a_handoff_is_kept_and_ends_it(desk: Running, taken: bool) -> None:
    sam = await desk.visitor()
    if taken:
        await assigned(desk, sam)
    else:
        await sam.say("Hello")
        await desk.hand_over(sam.conversation)
    answers = [await sam.say("/end", "the-end") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    page = await sam.read()
    said = next(message for message in page["messages"] if message["text"] == "/end")
    assert answers[0].json() == {"id": said["id"], "seq": said["seq"]}
    assert page["status"]["mode"] == "bot"


async def test_who_waits_while_it_is_closed_hears_until_when_and_may_leave_an_e_mail(
    tmp_path: Path,
) -> None:
    today = datetime.now(UTC).date()
    shut = ", ".join(str(today + timedelta(days=n)) for n in (-1, 0, 1))
    settings = configured(in_file(tmp_path), tmp_path, f"[hours]\nholidays = [{shut}]\n")
    async with running(settings) as closed:
        sam = await closed.visitor()
        email, headers = {"email": "sam@example.org"}, sam.headers
        early = await sam.client.post("/webchat/email", json=email, headers=headers)
        assert early.status_code == 404
        await sam.say("Hello")
        page = await sam.read()
        assert page["messages"][-1]["text"].startswith("Our team is away just now and back ")
        assert (page["status"]["open"], page["status"]["ask_email"]) == (False, True)
        left = await sam.client.post("/webchat/email", json=email, headers=headers)
        assert left.status_code == 204
        assert "ask_email" not in (await sam.read())["status"]
        contact = await closed.process.now.reads.contact(ConversationId(sam.conversation))
        assert contact is not None
        assert contact.email == "sam@example.org"


async def test_with_what_and_where_a_visitor_writes_is_kept_until_they_write_with_something_else(
    chat: Running,
) -> None:
    phone = {"user-agent": "Mozilla/5.0 (Linux; Android 10; K) Chrome/139.0.0.0 Mobile"}
    body = {"time_zone": "Europe/Berlin"}
    hello = await chat.client.post("/webchat/sessions", json=body, headers=phone)
    token, there = hello.json()["token"], ConversationId(hello.json()["conversation_id"])
    await Visitor(chat.client, token, there, {}).say("From my phone", "1")
    known = given(await chat.process.now.reads.conversation(there))
    assert (known.device, known.time_zone) == ("Chrome on Android", "Europe/Berlin")
    again = await chat.client.post(
        "/webchat/sessions", json={"visitor": token}, headers={"user-agent": "Firefox/142.0"}
    )
    await Visitor(chat.client, again.json()["token"], there, {}).say("From my desk", "2")
    known = given(await chat.process.now.reads.conversation(there))
    assert (known.device, known.time_zone) == ("Firefox", "Europe/Berlin")


async def test_two_visitors_may_use_the_same_client_id(chat: Running) -> None:
    sam, kim = await chat.visitor(), await chat.visitor()
    assert (await sam.say("I am Sam", "one")).status_code == 202
    assert (await kim.say("I am Kim", "one")).status_code == 202
    assert (await sam.texts(), await kim.texts()) == (["I am Sam"], ["I am Kim"])


async def test_nul_and_half_an_emoji_are_replaced_and_kept(desk: Running) -> None:
    sam = await desk.visitor()
    raw = b'{"client_id":"a\\u0000","text":"x\\u0000y\\ud83d","payload":"\\udc00"}'
    headers = {**sam.headers, "content-type": "application/json"}
    reply = await sam.client.post("/webchat/messages", content=raw, headers=headers)
    assert reply.status_code == 202
    assert await sam.texts() == ["x\ufffdy\ufffd"]


async def test_the_answer_is_the_messages_own_even_when_it_goes_to_a_human(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as no_bot:
        sam = await no_bot.visitor()
        for text in ("First", "Second"):
            told = (await sam.say(text)).json()
            assert told["id"].startswith("msg_")
        assert (await sam.post("end")).status_code == 202
        again = await sam.say("Third")
        assert (again.status_code, set(again.json())) == (202, {"id", "seq"})
        assert sam.told["settings"]["has_bot"] is False


async def test_bodies_that_do_not_fit_are_refused_and_nothing_is_stored(chat: Running) -> None:
    sam = await chat.visitor()
    for content, kind, status in (
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"text":"x"}', "application/json", 422),
        (b'{"client_id":"c","text":"x"}', "text/plain", 415),
        (orjson.dumps({"client_id": "c", "text": "x" * 10_001}), "application/json", 413),
        (b"x" * (1024 * 1024 + 1), "application/json", 413),
    ):
        headers = {**sam.headers, "content-type": kind}
        reply = await sam.client.post("/webchat/messages", content=content, headers=headers)
        assert reply.status_code == status
        assert {"code", "message"} <= set(reply.json()["error"])
    assert await sam.texts() == []
    assert (await chat.api("GET", f"/conversations/{sam.conversation}")).status_code == 404


async def test_too_many_messages_are_429_with_the_wait(tmp_path: Path) -> None:
    toml = "[webchat]\nmessages_per_minute = 2\n"
    async with running(configured(in_file(tmp_path), tmp_path, toml, **with_bot())) as chat:
        sam = await chat.visitor()
        statuses = [(await sam.say(f"{n}")).status_code for n in range(3)]
        refused = await sam.post("messages", client_id="x", text="more")
        assert statuses == [202, 202, 429]
        assert refused.json()["error"]["code"] == "too_many_requests"
        assert 1 <= int(refused.headers["retry-after"]) <= 60


async def test_while_nothing_can_be_kept_the_widget_is_told_to_come_again(tmp_path: Path) -> None:
    async def away(_command: Request) -> Accepted:
        raise StoreUnavailable("gone")

    async with running(configured(in_file(tmp_path), tmp_path)) as real:
        sam = await real.visitor()
        async with in_front_of(real, away) as web:
            body = {"client_id": "c", "text": "x"}
            headers = {**sam.headers, "Origin": ORIGIN}
            reply = await web.post("/webchat/messages", json=body, headers=headers)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "1")
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    assert reply.json()["error"]["code"] == "unavailable"


async def test_a_fault_of_ours_is_500_with_the_headers_of_cors(tmp_path: Path) -> None:
    async def fails(_command: Request) -> Accepted:
        raise ZeroDivisionError

    async with running(configured(in_file(tmp_path), tmp_path)) as real:
        sam = await real.visitor()
        async with in_front_of(real, fails) as web:
            body = {"client_id": "c", "text": "x"}
            headers = {**sam.headers, "Origin": ORIGIN}
            reply = await web.post("/webchat/messages", json=body, headers=headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (500, "internal")
    assert reply.headers["access-control-allow-origin"] == ORIGIN


async def test_a_message_that_no_database_can_keep_is_422(tmp_path: Path) -> None:
    async def poisoned(_command: Request) -> Accepted:
        return Accepted({"poison": True})

    async with running(configured(in_file(tmp_path), tmp_path)) as real:
        sam = await real.visitor()
        async with in_front_of(real, poisoned) as web:
            body = {"client_id": "c", "text": "x"}
            reply = await web.post("/webchat/messages", json=body, headers=sam.headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "not_kept")


def in_front_of(real: Running, receive: Any) -> httpx.AsyncClient:
    """A webchat over the same reads, whose commands go to `receive`."""
    process = real.process
    parts = MemoryBell(), MemoryLimiter(), MemoryPresence()
    deps = Deps(real.settings, process.now.reads, *parts, lambda: time.time_ns() // 1_000)
    app = application(Webchat(deps).routes(receive))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://desk.test")


# --- origins -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*PATHS, "end"])
async def test_an_allowed_site_may_ask_and_another_may_not(chat: Running, path: str) -> None:
    url, method = f"/webchat/{path}", PATHS.get(path, "POST")
    asked = {"Access-Control-Request-Method": method, "Origin": ORIGIN}
    preflight = await chat.client.options(url, headers=asked)
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert preflight.headers["access-control-allow-methods"] == "GET, POST"
    for header in ("authorization", "content-type", "last-event-id"):
        assert header in preflight.headers["access-control-allow-headers"].lower()
    assert preflight.headers["access-control-max-age"] == "7200"
    assert preflight.headers["vary"] == "Origin"
    for origin in ("https://evil.example", "null", f"{ORIGIN}:8443", ORIGIN.upper()):
        headers = {"Origin": origin}
        for asking in ("OPTIONS", method):
            with capture_logs() as said:
                refused = await chat.client.request(asking, url, headers=headers)
            assert refused.status_code == 403
            assert refused.json()["error"]["code"] == "origin_not_allowed"
            assert [line["origin"] for line in said] == [origin] * (asking == "OPTIONS")
            assert "access-control-allow-origin" not in refused.headers


async def test_answers_and_errors_carry_the_headers_of_cors(chat: Running) -> None:
    headers = {"Origin": ORIGIN}
    big = b"x" * (1024 * 1024 + 1)
    replies = [
        await chat.client.post("/webchat/sessions", json={}, headers=headers),
        await chat.client.post("/webchat/sessions", content=b"{", headers=headers),
        await chat.client.post("/webchat/sessions", content=big, headers=headers),
        await chat.client.get("/webchat/messages", headers=headers),
    ]
    assert [reply.status_code for reply in replies] == [201, 400, 413, 401]
    for reply in replies:
        assert reply.headers["access-control-allow-origin"] == ORIGIN
        assert reply.headers["access-control-expose-headers"] == "Retry-After"
        assert reply.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in reply.headers


async def test_without_an_origin_nothing_is_said_about_it(chat: Running) -> None:
    reply = await chat.client.post("/webchat/sessions", json={})
    assert reply.status_code == 201
    assert "access-control-allow-origin" not in reply.headers


# --- history and signs of life -------------------------------------------------------------------


async def test_history_goes_on_from_its_cursor(desk: Running) -> None:
    sam = await desk.visitor()
    for text in ("One", "Two"):
        await sam.say(text)
    first = await sam.read()
    assert [message["text"] for message in first["messages"]] == ["One", "Two"]
    assert first["status"]["mode"] == "bot"
    await sam.say("Three")
    later = await sam.read(after=first["cursor"], wait=1)
    assert [message["text"] for message in later["messages"]] == ["Three"]
    assert await sam.read(after=later["cursor"]) == {**later, "messages": []}
    for query in ({"after": "x"}, {"after": "-1"}, {"wait": "soon"}):
        refused = await sam.client.get("/webchat/messages", params=query, headers=sam.headers)
        assert (refused.status_code, list(refused.json()["error"]["fields"])) == (422, list(query))


async def test_a_long_poll_answers_as_soon_as_something_comes(desk: Running) -> None:
    sam = await desk.visitor()
    await sam.say("Hello")
    cursor = (await sam.read())["cursor"]
    asking = asyncio.create_task(sam.read(after=cursor, wait=25))
    await asyncio.sleep(0)
    path = f"/conversations/{sam.conversation}/messages"
    assert (await desk.api("POST", path, json={"text": "Hi"})).status_code == 202
    found = await asyncio.wait_for(asking, 60)
    assert [message["text"] for message in found["messages"]] == ["Hi"]


async def test_signs_of_life_are_204_and_change_no_words(chat: Running) -> None:
    sam = await chat.visitor()
    for path, body in (("typing", {"on": True}), ("read", {"seq": 3})):
        assert (await sam.post(path, **body)).status_code == 204
        refused = await sam.post(path)
        assert (refused.status_code, list(refused.json()["error"]["fields"])) == (422, list(body))
    await sam.say("Hello")
    assert (await sam.post("read", seq=1)).status_code == 204
    assert await sam.texts() == ["Hello"]


async def test_typing_is_passed_on(chat: Running) -> None:
    sam = await chat.visitor()
    heard = chat.process.shared.bell.subscribe(f"typing:{sam.conversation}")
    await sam.post("typing", on=True)
    assert orjson.loads(await asyncio.wait_for(anext(heard), 60)) == {"on": True}
    heard.close()


async def test_a_user_leaves_who_is_there_and_not_the_bot(desk: Running) -> None:
    sam = await desk.visitor()
    nobody = await sam.post("end")
    assert (nobody.status_code, nobody.json()["error"]["code"]) == (409, "not_now")
    await assigned(desk, sam)
    left = await sam.post("end")
    assert left.status_code == 202
    assert (await sam.read())["status"]["mode"] == "bot"
    await desk.api("POST", f"/conversations/{sam.conversation}/pause")
    assert (await sam.read())["status"]["mode"] == "paused"
    assert (await sam.post("end")).status_code == 202
    assert (await sam.read())["status"]["mode"] == "bot"


async def test_notes_and_held_words_are_never_shown(desk: Running) -> None:
    sam = await desk.visitor()
    handoff = await assigned(desk, sam)
    await desk.agent_says(handoff, "!n do not tell")
    await desk.agent_says(handoff, "!nonsense never tell")
    await desk.agent_says(handoff, "Hello Sam")
    found = await sam.read()
    kinds = {message["author"]["kind"] for message in found["messages"]}
    assert "agent" in kinds
    assert "tell" not in orjson.dumps(found).decode()
    assert found["status"]["agent"]["name"] == "Ana"


async def test_a_visitor_puts_an_emoji_on_an_answer_and_takes_it_off(desk: Running) -> None:
    sam, kim = await desk.visitor(), await desk.visitor()
    handoff = await assigned(desk, sam)
    await desk.agent_says(handoff, "Hello Sam")
    told = (await sam.read())["messages"]
    hello = next(each for each in told if each["text"] == "Hello Sam")
    wish = {"message": hello["id"], "emoji": "👍", "on": True}

    async def seen() -> list[object]:
        found = (await sam.read())["messages"]
        return [each.get("reactions") for each in found if each["id"] == hello["id"]]

    assert (await sam.post("reactions", **wish)).status_code == 204
    assert await seen() == [[{"emoji": "👍", "by": "user"}]]
    assert (await sam.post("reactions", **{**wish, "on": False})).status_code == 204
    assert await seen() == [None]
    assert (await kim.post("reactions", **wish)).status_code == 404
    assert (await sam.post("reactions", **{**wish, "message": "msg_none"})).status_code == 404
    for wrong in ({"emoji": "✅"}, {"emoji": 1}, {"on": "yes"}, {"message": ""}):
        assert (await sam.post("reactions", **{**wish, **wrong})).status_code == 422


async def test_the_channel_itself_has_nothing_to_send(chat: Running, tmp_path: Path) -> None:
    parts = MemoryBell(), MemoryLimiter(), MemoryPresence()
    webchat = Webchat(Deps(chat.settings, chat.process.now.reads, *parts, lambda: 0))
    await webchat.start()
    nothing: Any = None
    assert await webchat.send(nothing, nothing, "k") == Receipt()
    await webchat.close()


# --- the stream ----------------------------------------------------------------------------------


async def shown(events: AsyncIterator[Event], *texts: str) -> list[Event]:
    """Reads until the last of these was told; all that came."""
    found: list[Event] = []
    async with asyncio.timeout(60):
        async for event in events:
            found.append(event)
            if event.id and orjson.loads(event.data)["text"] == texts[-1]:
                break
    told = [orjson.loads(event.data)["text"] for event in found if event.id]
    assert told == list(texts)
    return found


async def test_a_stream_over_a_socket_resumes_by_id_and_by_query(
    database_url: str, tmp_path: Path
) -> None:
    async with served(configured(database_url, tmp_path, **with_bot())) as it:
        sam = await it.made.visitor()
        async with stream(sam) as events:
            first = await asyncio.wait_for(anext(events), 60)
            assert first == Event("comment", "", "ok")
            status = await asyncio.wait_for(anext(events), 60)
            assert (status.kind, status.id) == ("status", "")
            assert orjson.loads(status.data)["mode"] == "bot"
            await sam.say("One")
            one = (await shown(events, "One"))[-1]
            assert one.kind == "message"
        await sam.say("Two")
        for resume in ({"headers": {"Last-Event-ID": one.id}}, {"params": {"after": one.id}}):
            async with stream(sam, **resume) as events:
                await shown(events, "Two")
        both = {"headers": {"Last-Event-ID": "1"}, "params": {"after": "0"}}
        async with stream(sam, **both) as events:
            await shown(events, "Two")
        async with stream(sam) as events:
            await shown(events, "One", "Two")


async def test_a_stream_tells_changes_of_hands_and_never_what_stays_inside(tmp_path: Path) -> None:
    async with served(configured(in_file(tmp_path), tmp_path, **with_bot())) as it:
        sam = await it.made.visitor()
        await sam.say("Hello")
        async with stream(sam) as events:
            handoff = await assigned(it.made, sam)
            await it.made.agent_says(handoff, "!n do not tell")
            await it.made.agent_says(handoff, "!nonsense never tell")
            await it.made.agent_says(handoff, "Hello Sam")
            found: list[Event] = []
            async with asyncio.timeout(60):
                async for event in events:
                    found.append(event)
                    if "Hello Sam" in event.data:
                        break
        assert not any("tell" in event.data for event in found)
        modes = [orjson.loads(e.data)["mode"] for e in found if e.kind == "status"]
        assert modes[0] == "bot"
        assert modes[-1] == "assigned"
        revs = [int(event.id) for event in found if event.id]
        assert revs == sorted(set(revs))


async def test_none_is_missed_and_none_doubled_however_often_it_breaks(tmp_path: Path) -> None:
    async with served(configured(in_file(tmp_path), tmp_path, **with_bot())) as it:
        sam = await it.made.visitor()
        texts = [f"word {n}" for n in range(30)]
        told: list[str] = []
        last = "0"

        async def listen() -> None:
            nonlocal last
            while len(told) < len(texts):
                async with stream(sam, headers={"Last-Event-ID": last}) as events:
                    taken = 0
                    async for event in events:
                        if event.id:
                            last = event.id
                            told.append(orjson.loads(event.data)["text"])
                            taken += 1
                        if taken == 3:
                            break

        listening = asyncio.create_task(listen())
        for text in texts:
            await sam.say(text)
        await asyncio.wait_for(listening, 60)
        assert told == texts


async def test_a_bad_place_is_422_and_no_stream(chat: Running) -> None:
    sam = await chat.visitor()
    headers = {**sam.headers, "Last-Event-ID": "x"}
    reply = await sam.client.get("/webchat/stream", headers=headers)
    assert (reply.status_code, reply.json()["error"]["fields"]) == (
        422,
        {"after": "must be a number"},
    )


async def test_streams_end_at_once_when_the_process_begins_to_stop(tmp_path: Path) -> None:
    async with served(configured(in_file(tmp_path), tmp_path, **with_bot())) as it:
        sam = await it.made.visitor()
        await sam.say("Hello")
        cursor = (await sam.read())["cursor"]
        async with stream(sam) as events:
            await shown(events, "Hello")
            polling = asyncio.create_task(sam.read(after=cursor, wait=25))
            await it.holding(2)  # the stream and the poll
            stopping = asyncio.create_task(it.stop())
            async with asyncio.timeout(60):
                rest = [event async for event in events]
                await polling
                await stopping
        assert rest == []
