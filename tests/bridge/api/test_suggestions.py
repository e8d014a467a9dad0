"""`POST /v1/handoffs/{id}/suggestions`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.effects import Line
from bridge.views import LinePost
from tests.bridge.running import Running, configured, in_file, running, with_bot


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as made:
        yield made


async def test_a_suggestion_is_shown_to_agents_once_and_to_nobody_else(desk: Running) -> None:
    sam = await desk.visitor()
    await sam.say("Where is it?")
    handoff = await desk.hand_over(sam.conversation)

    async def suggest(to: str = handoff, **body: Any) -> httpx.Response:
        return await desk.api("POST", f"/handoffs/{to}/suggestions", json=body)

    said = {"id": "s1", "text": "It is on its way", "kind": "reply", "source": "Copilot"}
    made = await suggest(**said)
    assert made.status_code == 201, made.text
    assert made.json() == {"id": made.json()["id"], "handoff_id": handoff, "kind": "reply"}
    again = await suggest(**said)
    assert (again.status_code, again.json()) == (200, made.json())
    assert (await suggest(**{**said, "text": "other"})).status_code == 409

    async def shown() -> list[LinePost]:
        posts = [post for _, post in desk.desk.posted if isinstance(post, LinePost)]
        return [post for post in posts if post.line is Line.SUGGESTED]

    [line] = await desk.until(shown)
    assert (line.name, line.message.text) == ("Copilot", "It is on its way")
    assert "It is on its way" not in str(await sam.read())
    read = await desk.api("GET", f"/conversations/{sam.conversation}/messages")
    assert "It is on its way" not in read.text
    for wrong, field in (({"text": " "}, "text"), ({"text": "x", "kind": "joke"}, "kind"),
                         ({"text": "x" * 2_501}, "text"), ({}, "text")):  # fmt: skip
        refused = await suggest(**wrong)
        assert refused.status_code in (400, 422)
        assert field in refused.json()["error"]["fields"]
    assert (await suggest("hnd_none", text="x")).status_code == 404
    await desk.api("POST", f"/handoffs/{handoff}/resolve", json={})
    late = await suggest(text="late")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "already_ended")
