"""Figures: what was committed and performed is counted, and the database tells the rest."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bridge.cases import Decision
from bridge.commands import Claim, Command, Delivered, NotDelivered, Rejected, Result
from bridge.effects import CallBot, OpenThread, Outward, PutMark, SendToUser, SetTimer
from bridge.errors import (
    Broken,
    DeliveryError,
    Refused,
    Retry,
    SettingsError,
    StoreUnavailable,
    Unknown,
)
from bridge.metrics import Figures, MeteredPerformer, MeteredStore, Metrics
from bridge.model import DEFAULT_WORKSPACE, SECOND, ConversationId, Handoff, HandoffId, Status
from bridge.stores import Committed, Work
from tests.bridge.fakes import AbleDesk
from tests.bridge.running import API_KEY, BEARER, configured, in_file, make, running
from tests.servers import PLAIN, free_port

NOW = 1_000 * SECOND


def made(streams: int = 0) -> Metrics:
    return Metrics(lambda: streams, lambda: NOW)


def values(text: str) -> dict[tuple[str, ...], float]:
    """By name and labels' values; buckets left out."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith(("_bucket", "_created"))
    }


async def told(metrics: Metrics, figures: Figures | None = None) -> dict[tuple[str, ...], float]:
    async def answer() -> Figures:
        return figures or Figures()

    return values((await metrics.told(answer)).decode())


# --- what the database says ----------------------------------------------------------------------


async def test_queues_and_lanes_are_as_the_database_says_and_forgotten_when_empty() -> None:
    metrics = made(streams=3)
    figures = Figures(
        handoffs={("default", "queued"): 2, ("default", "assigned"): 1},
        oldest={"default": NOW - 90 * SECOND},
        effects={
            "PostMessage": (3, NOW - 5 * SECOND),
            "PutMark": (1, NOW - 8 * SECOND),
            "SendToUser": (1, NOW + SECOND),
            "SetTimer": (9, NOW - 900 * SECOND),
        },
        parked={"is_archived": 3},
    )
    found = await told(metrics, figures)
    assert found[("deskbridge_queue_length", "default", "queued")] == 2
    assert found[("deskbridge_queue_oldest_seconds", "default")] == 90
    assert found[("deskbridge_lane_length", "desk")] == 4
    assert found[("deskbridge_lane_lag_seconds", "desk")] == 8
    assert found[("deskbridge_lane_lag_seconds", "user")] == 0
    assert found[("deskbridge_lanes_parked", "is_archived")] == 3
    assert found[("deskbridge_open_streams",)] == 3
    assert found[("deskbridge_database_up",)] == 1
    assert not any(name[0].startswith("deskbridge_queue") for name in await told(metrics))


async def test_a_database_that_is_away_is_a_figure_too() -> None:
    async def away() -> Figures:
        raise StoreUnavailable("away")

    found = values((await made().told(away)).decode())
    assert found[("deskbridge_database_up",)] == 0


# --- what is committed ---------------------------------------------------------------------------


class Books:
    """A store that decides once for each command, and commits or not."""

    def __init__(self, metrics: Metrics, *decisions: Decision | Rejected) -> None:
        self._decide = metrics.watching(lambda _case, _command, _effect: self._next)
        self._decisions = decisions
        self._next: Any = None
        self.away = False
        self.poison: list[str] = []

    async def commit(self, commands: Sequence[Command]) -> Committed:
        del commands
        for decision in self._decisions:
            self._next = decision
            self._decide(BEFORE, None, None)  # type: ignore[arg-type]
        if self.away:
            raise StoreUnavailable("away")
        return Committed(())

    async def keep_poison(self, command: Command, error: str) -> None:
        del command
        self.poison.append(error)


OPENED = NOW - 300 * SECOND
HANDOFF = Handoff(
    HandoffId("hnd_1"), DEFAULT_WORKSPACE, ConversationId("cnv_1"), Status.QUEUED, opened_at=OPENED
)
CONVERSATION: Any = object()
CONTACT: Any = object()


class BEFORE:
    handoff = HANDOFF


def after(**changes: Any) -> Decision:
    return Decision(CONVERSATION, CONTACT, replace(HANDOFF, **changes))


WAITED = ("deskbridge_waiting_seconds_sum",)
ANSWERED = ("deskbridge_first_response_seconds_sum",)


async def test_waiting_and_first_response_count_once_they_are_committed() -> None:
    metrics = made()
    books = Books(
        metrics,
        after(assigned_at=OPENED + 60 * SECOND, first_reply_at=OPENED + 90 * SECOND),
        after(),
        Decision(CONVERSATION, CONTACT),
        Rejected("not_now"),
    )
    store = MeteredStore(books, metrics)
    books.away = True
    with pytest.raises(StoreUnavailable):
        await store.commit([])
    assert (await told(metrics))[WAITED] == 0
    books.away = False
    await store.commit([])
    found = await told(metrics)
    assert (found[WAITED], found[ANSWERED]) == (60, 90)
    await store.keep_poison(None, "bad")  # type: ignore[arg-type]
    assert books.poison == ["bad"]


async def test_what_had_been_reached_before_is_not_counted_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    metrics = made()
    reached = replace(HANDOFF, assigned_at=OPENED + SECOND, first_reply_at=OPENED + SECOND)
    monkeypatch.setattr(BEFORE, "handoff", reached)
    other = replace(reached, id=HandoffId("hnd_2"))
    books = Books(
        metrics, Decision(CONVERSATION, CONTACT, reached), Decision(CONVERSATION, CONTACT, other)
    )
    await MeteredStore(books, metrics).commit([])
    assert (await told(metrics))[WAITED] == 1


# --- what is performed ---------------------------------------------------------------------------

CLAIM = Claim(1, "user:cnv_1", "w.1")
SEND = SendToUser.__new__(SendToUser)
CALL = CallBot.__new__(CallBot)
MARK = PutMark.__new__(PutMark)
TIMER = SetTimer.__new__(SetTimer)


class Stub:
    def __init__(self, result: Result | DeliveryError) -> None:
        self._result = result

    async def perform(self, _work: Work) -> Result:
        if isinstance(self._result, DeliveryError):
            raise self._result
        return self._result

    async def withdraw(self, effect: OpenThread, result: Delivered) -> None:
        self.withdrawn = effect


async def performed(metrics: Metrics, effect: Outward, result: Result | DeliveryError) -> None:
    work = Work(CLAIM, ConversationId("cnv_1"), effect, NOW - 2 * SECOND)
    metered = MeteredPerformer(Stub(result), metrics)
    if isinstance(result, DeliveryError):
        with pytest.raises(type(result)):
            await metered.perform(work)
    else:
        assert await metered.perform(work) is result


@pytest.mark.parametrize(
    ("effect", "result", "direction", "outcome"),
    [
        (SEND, Delivered(CLAIM, NOW), "user", "delivered"),
        (MARK, NotDelivered(CLAIM, NOW, "gone"), "desk", "failed"),
        (CALL, Retry("unreachable"), "bot", "retried"),
        (MARK, Retry("rate_limited", 3.0, counts=False), "desk", "rate_limited"),
        (MARK, Unknown("lost"), "desk", "unknown"),
        (MARK, Broken("token_revoked"), "desk", "broken"),
        (CALL, Refused("bot_http_400"), "bot", "refused"),
    ],
)
async def test_each_attempt_counts_by_where_it_went_and_what_came_of_it(
    effect: Outward, result: Result | DeliveryError, direction: str, outcome: str
) -> None:
    metrics = made()
    await performed(metrics, effect, result)
    found = await told(metrics)
    counted = {
        key: value for key, value in found.items() if key[0] == "deskbridge_deliveries_total"
    }
    assert counted == {("deskbridge_deliveries_total", direction, outcome): 1}
    lag = found.get(("deskbridge_delivery_lag_seconds_sum", direction))
    assert lag == (2 if outcome == "delivered" else None)
    waited = found.get(("deskbridge_rate_limit_wait_seconds_sum", direction))
    assert waited == (3 if outcome == "rate_limited" else None)


async def test_taking_back_is_no_delivery() -> None:
    stub = Stub(Delivered(CLAIM, NOW))
    opened = OpenThread(HandoffId("hnd_1"), 1)
    await MeteredPerformer(stub, made()).withdraw(opened, Delivered(CLAIM, NOW))
    assert stub.withdrawn == opened


async def test_a_timer_goes_nowhere_and_is_not_counted() -> None:
    metrics = made()
    await performed(metrics, TIMER, Delivered(CLAIM, NOW))
    assert not any(key[0] == "deskbridge_deliveries_total" for key in await told(metrics))


# --- the whole product ---------------------------------------------------------------------------


async def test_a_story_shows_in_the_figures(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        sam = await desk.visitor()
        await sam.say("hello")
        handoff = (await desk.api("GET", f"/conversations/{sam.conversation}")).json()["handoff_id"]
        await desk.thread(handoff)

        async def scraped() -> dict[tuple[str, ...], float]:
            answer = await desk.client.get("/metrics", headers=BEARER)
            assert answer.headers["content-type"].startswith("text/plain; version=")
            assert not re.search(r"hello|cnv_|hnd_", answer.text)
            return values(answer.text)

        before = await scraped()
        assert before[("deskbridge_queue_length", "default", "queued")] == 1
        await desk.agent_says(handoff, "good morning")
        found = await scraped()
        assert found[("deskbridge_queue_length", "default", "assigned")] == 1
        assert ("deskbridge_queue_oldest_seconds", "default") not in found
        assert found[("deskbridge_first_response_seconds_count",)] == 1
        assert found[("deskbridge_deliveries_total", "desk", "delivered")] >= 1


async def test_who_has_no_key_reads_no_figures(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        assert (await desk.client.get("/metrics")).status_code == 401
        wrong = {"Authorization": f"Bearer {API_KEY}x"}
        assert (await desk.client.get("/metrics", headers=wrong)).status_code == 401


async def test_an_open_stream_is_counted_while_it_is_open(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        sam = await desk.visitor()
        poll = asyncio.create_task(sam.read(after=0, wait=20))
        key = ("deskbridge_open_streams",)

        async def open_now() -> bool:
            text = (await desk.client.get("/metrics", headers=BEARER)).text
            return values(text)[key] == 1

        await desk.until(open_now)
        desk.process.drain()
        await poll
        assert not await open_now()


async def test_with_a_port_of_their_own_figures_need_no_key_and_are_nowhere_else(
    tmp_path: Path,
) -> None:
    port = free_port()
    settings = configured(in_file(tmp_path), tmp_path, METRICS_PORT=str(port))
    async with (
        running(settings) as desk,
        httpx.AsyncClient(trust_env=False, verify=PLAIN) as client,
    ):
        answer = await client.get(f"http://127.0.0.1:{port}/metrics")
        assert values(answer.text)[("deskbridge_database_up",)] == 1
        assert (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 404
        assert (await desk.client.get("/metrics", headers=BEARER)).status_code == 404
        second = make(replace_folder(settings, tmp_path), AbleDesk())
        with pytest.raises(SettingsError) as caught:
            async with second.process.app.router.lifespan_context(second.process.app):
                raise AssertionError("it runs on a port that is taken")
        await second.client.aclose()
        assert list(caught.value.faults) == ["METRICS_PORT"]
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


def replace_folder(settings: Any, folder: Path) -> Any:
    """The same settings on another file, which no process holds."""
    return settings.model_copy(update={"database_url": f"sqlite:///{folder}/second.db"})
