"""Work beside all else: kept, told of when it fails, and ended."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bridge import background
from bridge.background import Background


async def test_what_fails_is_told_and_the_rest_goes_on() -> None:
    beside, done, may = Background(), list[str](), asyncio.Event()

    async def works() -> None:
        await may.wait()
        done.append("works")

    async def fails() -> None:
        raise ZeroDivisionError("a mistake")

    with capture_logs() as told:
        beside.start("works", works())
        beside.start("fails", fails())
        assert len(beside) == 2
        may.set()
        await beside.finish()
    assert (done, len(beside)) == (["works"], 0)
    assert [(each["event"], each["task"]) for each in told] == [("task failed", "fails")]


async def test_it_ends_also_what_does_not_hear_of_its_end_at_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "AGAIN", 0.0)
    beside, deaf = Background(), list[str]()
    await beside.close()  # of nothing

    async def hard_of_hearing() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if deaf:
                    raise
                deaf.append("once")

    with capture_logs() as told:
        beside.start("hard of hearing", hard_of_hearing())
        await asyncio.sleep(0)
        await beside.close()
    assert (len(beside), deaf, told) == (0, ["once"], [])
