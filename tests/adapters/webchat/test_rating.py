"""`POST /webchat/rating`, and who is told of it: the widget, the API, webhooks."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from adapters.webchat.intake import read_rating
from bridge.errors import BadRequest
from tests.bridge.running import Json, Running, Visitor, configured, in_file, running, with_bot


async def resolved(desk: Running, sam: Visitor) -> str:
    await sam.say("Hello")
    handoff = await desk.hand_over(sam.conversation)
    await desk.agent_says(handoff, "Here you are")
    ended = await desk.api("POST", f"/handoffs/{handoff}/resolve", json={})
    assert ended.status_code == 200
    return handoff


async def status(sam: Visitor) -> Json:
    told: Json = (await sam.read())["status"]
    return told


async def test_a_rating_is_told_to_the_widget_the_api_and_tools(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as desk:
        sam = await desk.visitor()
        early = await sam.post("rating", score=5)
        assert (early.status_code, early.json()["error"]["code"]) == (409, "nothing_to_rate")
        handoff = await resolved(desk, sam)
        page = await sam.read()
        asked: Json = {"question": "How was the conversation with Ana?"}
        asked["after"] = page["messages"][-1]["seq"]
        assert page["status"]["rating"] == {**asked, "score": 0, "comment": ""}
        assert (await sam.post("rating", score=4)).status_code == 204
        assert (await sam.post("rating", score=4, comment="Quick!")).status_code == 204
        rated = {"score": 4, "comment": "Quick!"}
        assert (await status(sam))["rating"] == {**asked, **rated}
        shown = (await desk.api("GET", f"/handoffs/{handoff}")).json()["rating"]
        assert shown.pop("at").endswith("Z")
        assert shown == rated
        await desk.hand_over(sam.conversation)
        assert "rating" not in await status(sam)
        assert (await sam.post("rating", score=1)).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "score"),
        (b'{"score": 0}', "score"),
        (b'{"score": 6}', "score"),
        (b'{"score": true}', "score"),
        (b'{"score": "5"}', "score"),
        (b'{"score": 5, "comment": 1}', "comment"),
        (b'{"score": 5, "comment": "%s"}' % (b"x" * 2_001), "comment"),
    ],
)
def test_what_is_no_rating_is_named(body: bytes, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_rating(body)
    assert (refused.value.status, list(refused.value.fields)) == (422, [field])


async def test_who_rates_again_and_again_is_asked_to_wait(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, "")) as desk:
        sam = await desk.visitor()
        answers: list[httpx.Response] = [await sam.post("rating", score=5) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [409] * 10 + [429]
        assert "retry-after" in answers[-1].headers
