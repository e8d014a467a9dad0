"""The channel of docs/write-a-channel.md, as it stands there, keeps its promises and hands over."""

from __future__ import annotations

import importlib
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest
import respx

from adapters import conformance
from tests.bridge.running import configured, in_file, running

PAGE = (Path(__file__).parents[2] / "docs" / "write-a-channel.md").read_text("utf-8")
FILES = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
NAMES = ("deskbridge_postbird", "test_postbird")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ModuleType, ...]]:
    """Its files as modules: the channel and the test."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tuple(importlib.import_module(name) for name in NAMES)
    for name in NAMES:
        del sys.modules[name]


@pytest.mark.parametrize("promise", conformance.CHANNEL, ids=conformance.name)
async def test_its_own_test_passes(package: tuple[ModuleType, ...], promise: object) -> None:
    await package[1].test_the_channel_keeps_its_promises(promise)


async def test_it_hands_over_in_the_whole_product(
    package: tuple[ModuleType, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postbird, page = package
    points = tomllib.loads(FILES["pyproject.toml"])["project"]["entry-points"]
    [(name, where)] = points["deskbridge.channels"].items()
    assert where == f"{postbird.__name__}:channel"
    settings = configured(in_file(tmp_path), tmp_path)
    channels = {name: postbird.channel}
    async with running(settings, channels=channels) as desk:
        assert (await desk.client.post("/postbird/webhook")).status_code == 404
    monkeypatch.setenv("POSTBIRD_TOKEN", "token")
    monkeypatch.setenv("POSTBIRD_SECRET", page.SECRET.decode())
    with respx.mock:
        sent = respx.post(f"{postbird.API}/messages").mock(httpx.Response(202))
        async with running(settings, channels=channels) as desk:
            for _ in range(2):
                assert (await page.hear(desk.client, "My parcel is lost", "1")).status_code == 200
            [waiting] = (await desk.api("GET", "/handoffs")).json()["handoffs"]
            await desk.agent_says(waiting["id"], "I have it **here**")

            async def told() -> list[str]:
                bodies = [json.loads(call.request.content) for call in sent.calls]
                assert {body["to"] for body in bodies} <= {"+15550100"}
                return [body["text"] for body in bodies if "here" in body["text"]]

            assert await desk.until(told) == ["I have it **here**"]
