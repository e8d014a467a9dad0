"""Socket Mode: several connections, each replaced before or after it ends, and an envelope that is
acknowledged means that it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.slack.config import SlackConfig
from adapters.slack.connection import Lost, Pace
from adapters.slack.entry import OK, Payload, Taken
from adapters.slack.socket import SocketMode, checked
from storage.memory import MemoryLimiter
from tests.adapters.slack import sockets
from tests.adapters.slack.sockets import Peer, Slack
from tests.waiting import until

PACE = Pace(open=1.0, quiet=5.0, finish=1.0, steady=0.0, broken=0.05, ladder=0.01)
"""Nothing that lasts is a failure, and what fails is tried again at once."""
HASTY = 30.0
"""A `steady` that no connection of a test reaches."""


class House:
    """Where envelopes are taken: by `answer`, which may wait."""

    def __init__(self) -> None:
        self.came: list[Payload] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.answer: Callable[[Payload], Taken] = lambda _: OK
        self.began = asyncio.Event()
        self.gaps = 0

    async def take(self, payload: Payload) -> Taken:
        self.began.set()
        await self.gate.wait()
        self.came.append(payload)
        return self.answer(payload)

    def reconnected(self) -> None:
        self.gaps += 1


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with sockets.slack() as made:
        yield made


@pytest.fixture
def house() -> House:
    return House()


@asynccontextmanager
async def at_work(
    slack: Slack, house: House, connections: int = 1, pace: Pace = PACE
) -> AsyncIterator[SocketMode]:
    mode = made(slack, house, connections, pace)
    await mode.start()
    try:
        yield mode
    finally:
        await mode.close()


def made(slack: Slack, house: House, connections: int = 1, pace: Pace = PACE) -> SocketMode:
    config = SlackConfig(
        bot_token="xoxb-1",
        signing_secret="",
        channel="C1",
        app_token="xapp-1",
        connections=connections,
        api_url=f"{slack.url}/api/",
    )
    return SocketMode(config, MemoryLimiter(), house.take, house.reconnected, pace)


async def acked(peer: Peer) -> Any:
    async with asyncio.timeout(60):
        return await peer.acks.get()


# --- envelopes -----------------------------------------------------------------------------------


async def test_an_envelope_is_acknowledged_after_it_is_kept_and_not_before(
    slack: Slack, house: House
) -> None:
    async with at_work(slack, house):
        peer = await slack.peer()
        house.gate.clear()
        await peer.send("e1", {"n": 1})
        await house.began.wait()
        assert peer.acks.empty()
        house.gate.set()
        assert await acked(peer) == {"envelope_id": "e1"}
        assert house.came == [{"n": 1}]


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        ('{"text": "Resolved"}', {"text": "Resolved"}),
        ("Resolved", {"text": "Resolved"}),
        ('["Resolved"]', {"text": '["Resolved"]'}),
    ],
)
async def test_an_answer_goes_with_the_acknowledgement(
    slack: Slack, house: House, body: str, payload: Any
) -> None:
    house.answer = lambda _: Taken(200, body)
    async with at_work(slack, house):
        peer = await slack.peer()
        await peer.send("e1", type="slash_commands", accepts_response_payload=True)
        assert await acked(peer) == {"envelope_id": "e1", "payload": payload}
        await peer.send("e2", accepts_response_payload=False)
        assert await acked(peer) == {"envelope_id": "e2"}


async def test_without_an_answer_there_is_no_payload(slack: Slack, house: House) -> None:
    async with at_work(slack, house):
        peer = await slack.peer()
        await peer.send("e1", type="interactive", accepts_response_payload=True)
        assert await acked(peer) == {"envelope_id": "e1"}


async def test_what_cannot_be_kept_is_not_acknowledged(slack: Slack, house: House) -> None:
    def answer(payload: Payload) -> Taken:
        if payload["n"] == 2:
            raise ZeroDivisionError
        return Taken(503) if payload["n"] == 1 else OK

    house.answer = answer
    async with at_work(slack, house):
        peer = await slack.peer()
        for n in (1, 2, 3):
            await peer.send(f"e{n}", {"n": n})
        assert await acked(peer) == {"envelope_id": "e3"}
        await until(lambda: len(house.came) == 3)
    assert peer.acks.empty()


async def test_one_that_takes_long_holds_up_no_other(slack: Slack, house: House) -> None:
    async with at_work(slack, house):
        peer = await slack.peer()
        house.gate.clear()
        await peer.send("slow", {"n": 1})
        await house.began.wait()
        house.gate.set()
        house.answer = lambda _: OK
        await peer.send("quick", {"n": 2})
        assert {(await acked(peer))["envelope_id"] for _ in range(2)} == {"slow", "quick"}


async def test_frames_that_are_no_envelopes_are_passed_over(slack: Slack, house: House) -> None:
    async with at_work(slack, house):
        peer = await slack.peer()
        for raw in ("", "{", "[]", '{"type": "brand_new"}', '{"envelope_id": 7}'):
            await peer.ws.send_str(raw)
        await peer.ws.send_bytes(b'{"envelope_id": "b", "payload": {"n": 1}}')
        await peer.send("odd", payload=["no object"])
        assert {(await acked(peer))["envelope_id"] for _ in range(2)} == {"b", "odd"}
        assert house.came == [{"n": 1}, {}]


async def test_an_acknowledgement_that_finds_no_connection_harms_nothing(
    slack: Slack, house: House
) -> None:
    async with at_work(slack, house):
        peer = await slack.peer()
        house.gate.clear()
        await peer.send("e1", {"n": 1})
        await house.began.wait()
        assert peer.ws._req is not None
        transport = peer.ws._req.transport
        assert transport is not None
        transport.abort()
        await peer.ended.wait()
        house.gate.set()
        again = await slack.peer()
        await again.send("e2", {"n": 1})  # as Slack does with what was not acknowledged
        assert await acked(again) == {"envelope_id": "e2"}


# --- connections ---------------------------------------------------------------------------------


async def test_so_many_connections_are_open_as_are_wanted(slack: Slack, house: House) -> None:
    async with at_work(slack, house, connections=3) as mode:
        peers = [await slack.peer() for _ in range(3)]
        for n, peer in enumerate(peers):
            await peer.send(f"e{n}")
            assert await acked(peer) == {"envelope_id": f"e{n}"}
        assert slack.peers.empty()
        assert slack.tokens == ["Bearer xapp-1"] * 3
        assert mode.fault == ""


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_the_next_connection_is_open_before_the_last_one_ends(
    slack: Slack, house: House, reason: str
) -> None:
    async with at_work(slack, house) as mode:
        old = await slack.peer()
        await old.disconnect(reason)
        new = await slack.peer()
        assert not old.ended.is_set()
        for n, peer in enumerate((old, new)):
            await peer.send(f"e{n}")
            assert await acked(peer) == {"envelope_id": f"e{n}"}
        await old.ws.close()
        await old.ended.wait()
        await new.send("last")
        assert await acked(new) == {"envelope_id": "last"}
        assert slack.peers.empty()
        assert mode.fault == ""


async def test_one_that_slack_forgets_to_end_is_ended_after_a_while(
    slack: Slack, house: House
) -> None:
    pace = Pace(steady=0.0, ladder=0.01, quiet=0.02, linger=0.05)
    async with at_work(slack, house, pace=pace):
        old = await slack.peer()
        await old.disconnect("warning")
        await slack.peer()
        async with asyncio.timeout(60):
            await old.ended.wait()


async def test_a_connection_that_breaks_is_replaced(slack: Slack, house: House) -> None:
    async with at_work(slack, house):
        await (await slack.peer()).ws.close()
        again = await slack.peer()
        await again.send("e1")
        assert await acked(again) == {"envelope_id": "e1"}


async def test_a_silent_connection_is_replaced(slack: Slack, house: House) -> None:
    async with at_work(slack, house, pace=Pace(steady=0.0, ladder=0.01, quiet=0.05)):
        dead = await slack.peer()
        dead.deaf = True
        await slack.peer()


async def test_a_quiet_connection_that_answers_our_ping_is_kept(slack: Slack, house: House) -> None:
    async with at_work(slack, house, pace=Pace(steady=0.0, quiet=2.0)):
        peer = await slack.peer()
        await until(lambda: peer.answered)
        await peer.send("e1")
        assert await acked(peer) == {"envelope_id": "e1"}
        assert slack.peers.empty()


async def test_slacks_pings_are_answered(slack: Slack, house: House) -> None:
    async def pings_first(peer: Peer) -> None:
        await peer.ws.ping(b"early")
        await peer.ws.send_json({"type": "brand_new"})
        await peer.ws.pong(b"unasked")
        await peer.ws.send_json(sockets.HELLO)

    slack.greetings.append(pings_first)
    async with at_work(slack, house):
        peer = await slack.peer()
        await peer.ws.ping(b"Ping from applink")
        async with asyncio.timeout(60):
            assert [await peer.pongs.get() for _ in range(2)] == [b"early", b"Ping from applink"]


# --- when it does not go well --------------------------------------------------------------------


@pytest.mark.parametrize(
    "opening",
    [
        {"ok": False, "error": "internal_error"},
        {"ok": False, "error": "fatal_error", "status": 500},
        {"ok": False, "error": "ratelimited", "status": 429, "headers": {"Retry-After": "0"}},
        {"ok": False, "error": "invalid_auth"},
        {"ok": False, "error": "missing_scope"},
        {"ok": True},
        {"ok": True, "url": "https://slack.test/link"},
        {"ok": True, "url": "ws://127.0.0.1:1/link"},
    ],
)
async def test_what_fails_is_tried_again(slack: Slack, house: House, opening: Any) -> None:
    slack.openings.append(opening)
    async with at_work(slack, house) as mode:
        await slack.peer()
        await until(lambda: mode.fault == "")
        assert len(slack.tokens) == 2


async def test_nobody_is_heard_over_an_open_line_where_slack_has_encrypted_ones(
    slack: Slack, house: House
) -> None:
    assert checked("wss://wss.slack.test/link", "https://slack.test/api/")
    with pytest.raises(Lost):
        checked("ws://wss.slack.test/link", "https://slack.test/api/")


async def _says_nothing(_peer: Peer) -> None:
    """Connected, and never greeted."""


async def _closes(peer: Peer) -> None:
    await peer.ws.close()


async def _too_many(peer: Peer) -> None:
    await peer.disconnect("too_many_websockets")


@pytest.mark.parametrize("greeting", [_says_nothing, _closes, _too_many])
async def test_without_slacks_hello_there_is_no_connection(
    slack: Slack, house: House, greeting: Any
) -> None:
    slack.greetings.append(greeting)
    async with at_work(slack, house, pace=Pace(open=0.2, steady=0.0, ladder=0.01)):
        await slack.peer()
        good = await slack.peer()
        await good.send("e1")
        assert await acked(good) == {"envelope_id": "e1"}


async def test_socket_mode_that_is_switched_off_is_told_aloud_and_asked_for_again(
    slack: Slack, house: House
) -> None:
    async def off(peer: Peer) -> None:
        await peer.disconnect("link_disabled")

    slack.greetings += [off, off]
    with capture_logs() as logs:
        async with at_work(slack, house) as mode:
            for _ in range(2):
                await slack.peer()
                await until(lambda: "switch Socket Mode on" in mode.fault)
            await slack.peer()
            await until(lambda: mode.fault == "")
    aloud = [entry for entry in logs if entry["log_level"] == "error"]
    assert [entry["reason"] for entry in aloud] == ["link_disabled"] * 2
    assert all("api.slack.com/apps" in entry["remedy"] for entry in aloud)


async def test_it_is_asked_for_again_no_sooner_than_a_minute_later(
    slack: Slack, house: House
) -> None:
    pace = Pace(steady=0.0, ladder=0.01, broken=3600.0)
    async with at_work(slack, house, pace=pace) as mode:
        peer = await slack.peer()
        await peer.disconnect("link_disabled")
        await until(lambda: mode.fault)
        await asyncio.sleep(0.1)
        assert len(slack.tokens) == 1


async def test_tries_that_follow_each_other_come_slower_and_slower(
    slack: Slack, house: House
) -> None:
    mode = made(slack, house, pace=Pace())
    for failures, most in ((1, 0.5), (2, 1.0), (4, 5.0), (6, 30.0), (60, 30.0)):
        waits = {mode._back_off(failures) for _ in range(20)}
        assert all(most / 2 <= wait <= most for wait in waits)
        assert len(waits) > 1, "all processes would come back at once"


async def test_one_that_ends_again_and_again_is_not_opened_in_a_hurry(
    slack: Slack, house: House
) -> None:
    pace = Pace(steady=HASTY, ladder=1.0)
    loop = asyncio.get_running_loop()
    async with at_work(slack, house, pace=pace):
        peer = await slack.peer()
        began = loop.time()
        await peer.ws.close()
        await slack.peer()
        assert loop.time() - began > 0.2


async def test_who_listens_is_told_of_each_gap_and_only_of_gaps(slack: Slack, house: House) -> None:
    async with at_work(slack, house, connections=2):
        first, second = await slack.peer(), await slack.peer()
        await until(lambda: house.gaps == 1)
        await first.ws.close()
        third = await slack.peer()
        await third.send("e1")
        await acked(third)
        assert house.gaps == 1
        slack.openings += [{"ok": False, "error": "internal_error"}] * 2
        await second.ws.close()
        await third.ws.close()
        await slack.peer()
        await until(lambda: house.gaps == 2)


async def test_its_fault_says_why_nothing_is_heard(slack: Slack, house: House) -> None:
    mode = made(slack, house)
    assert "not connected yet" in mode.fault
    slack.openings += [{"ok": False, "error": "missing_scope"}] * 100
    await mode.start()
    await until(lambda: "connections:write" in mode.fault)
    await mode.close()


# --- the end -------------------------------------------------------------------------------------


async def test_at_the_end_what_is_in_hand_is_finished_and_acknowledged(
    slack: Slack, house: House
) -> None:
    mode = made(slack, house)
    await mode.start()
    peer = await slack.peer()
    house.gate.clear()
    await peer.send("e1", {"n": 1})
    await house.began.wait()
    [connection] = mode._up
    closing = asyncio.create_task(mode.close())
    await connection.leaving.wait()
    await peer.send("late", {"n": 2})
    house.gate.set()
    await closing
    await peer.ended.wait()
    assert await acked(peer) == {"envelope_id": "e1"}
    assert peer.acks.empty()
    assert house.came == [{"n": 1}]


async def test_what_never_ends_does_not_hold_up_the_end(slack: Slack, house: House) -> None:
    mode = made(slack, house, pace=Pace(finish=0.05))
    await mode.start()
    peer = await slack.peer()
    house.gate.clear()
    await peer.send("e1")
    await house.began.wait()
    async with asyncio.timeout(60):
        await mode.close()
    assert house.came == []


async def test_one_that_was_never_connected_ends_too(slack: Slack, house: House) -> None:
    slack.openings += [{"ok": False, "error": "internal_error"}] * 100
    mode = made(slack, house, connections=2)
    await mode.start()
    await until(lambda: slack.tokens)
    async with asyncio.timeout(60):
        await mode.close()
