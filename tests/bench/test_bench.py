"""The benchmark's own tools: a wrong ruler would measure nothing."""

import asyncio
import itertools
import math
import os
from collections.abc import AsyncIterator

import pytest
from slack_sdk.signature import SignatureVerifier

from tests.bench.bare import token_for
from tests.bench.client import Connection, Pool, listen, request
from tests.bench.journey import Journey
from tests.bench.load import Outcome, closed, paced
from tests.bench.process import Server, cpu_of
from tests.bench.report import BASELINE, Figures, as_json, table
from tests.bench.signing import (
    SLACK_SECRET,
    messenger_messages,
    slack_replies,
    webchat_request,
)
from tests.bench.subjects import bare


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with bare(tmp_path_factory.mktemp("bench")) as subject:
        yield subject.server


async def test_the_bare_endpoint_takes_what_is_signed_and_nothing_else(server: Server) -> None:
    events = slack_replies(SLACK_SECRET, "T1", "C1", "U1", ["1.0"])
    forged = slack_replies("another secret", "T1", "C1", "U1", ["1.0"])
    good = webchat_request(token_for("ann"), "1", "Hello")
    bad = webchat_request("ann.0", "1", "Hello")
    facebook = messenger_messages("4711", 3)
    async with Pool(server.address, 1) as pool:
        raws = (events(), forged(), good, bad, facebook())
        assert [(await pool.send(raw)).status for raw in raws] == [200, 401, 200, 401, 200]


def test_slacks_own_sdk_accepts_the_signature() -> None:
    head, _, body = slack_replies(SLACK_SECRET, "T1", "C1", "U1", ["1.0"])().partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert SignatureVerifier(SLACK_SECRET).is_valid_request(body, headers)


async def test_a_connection_serves_many_requests_and_survives_its_loss(server: Server) -> None:
    connection = Connection(server.address)
    raw = request("GET", "/nothing")
    assert [(await connection.send(raw)).status for _ in range(3)] == [404] * 3
    connection.close()
    await asyncio.sleep(0)
    assert (await connection.send(raw)).status == 404
    connection.close()


async def test_a_stream_that_is_refused_raises(server: Server) -> None:
    with pytest.raises(ConnectionError, match="404"):
        await listen(server.address, "/nothing", lambda data: None)


async def test_load_counts_what_was_answered_and_how(server: Server) -> None:
    async with Pool(server.address, 4) as pool:
        raw = webchat_request(token_for("ann"), "1", "Hello")
        fast = await closed(pool, lambda: raw, 4, 0.2)
        bad = webchat_request("ann.0", "1", "Hello")
        steady = await paced(pool, lambda: bad, 100, 0.2)
    assert fast.done == len(fast.latencies) > 0
    assert fast.failed == 0
    assert (steady.done, steady.failed) == (0, 20)
    assert steady.seconds >= 0.19


async def test_a_journey_counts_each_message_once_and_only_its_own() -> None:
    sent: list[bytes] = []

    async def send(number: int, text: str) -> None:
        sent.append(text.encode())
        data = b" ".join([b"bench 0000000", *sent, *sent])  # all so far, again and again
        asyncio.get_running_loop().call_soon(journey.seen, data)

    journey = Journey(send, itertools.count(1))
    assert (await journey.each(3)).done == 3
    outcome = await journey.paced(1000, 0.02)
    assert (outcome.done, outcome.failed, len(outcome.latencies)) == (20, 0, 20)
    assert (await journey.closed(5, 0.02)).failed == 0


def test_percentiles_are_of_the_ordered_latencies() -> None:
    outcome = Outcome(latencies=[float(n) for n in reversed(range(100))])
    assert (outcome.percentile(0.5), outcome.percentile(0.99)) == (50.0, 99.0)
    assert math.isnan(Outcome().percentile(0.5))


def test_a_figure_is_the_median_of_the_ratios_of_its_rounds() -> None:
    figures = Figures()
    for base, ours in ((100.0, 50.0), (200.0, 150.0), (50.0, 30.0)):
        figures.add("ingest", "requests/s", BASELINE, base)
        figures.add("ingest", "requests/s", "sqlite", ours)
    figures.add("ingest", "CPU", "sqlite", 3.0)
    rows = {row[1:3]: row[3:] for row in figures.rows()}
    assert rows["requests/s", "sqlite"] == (50.0, 0.6)
    assert math.isnan(rows["CPU", "sqlite"][1])
    assert table(figures).row_count == 3
    assert [row["ratio"] for row in as_json(figures)["figures"]] == [1.0, 0.6, None]


def test_cpu_grows_with_work_and_is_none_for_nobody() -> None:
    before = cpu_of(os.getpid())
    while cpu_of(os.getpid()) - before < 0.02:
        sum(range(100_000))
    assert cpu_of(2**22 + 1) == 0.0
