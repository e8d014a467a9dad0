"""Files of users are read from Meta, and from nobody else."""

from __future__ import annotations

import httpx
import pytest
import respx

from adapters.messenger.attachments import HOPS, lend
from adapters.messenger.client import Graph
from adapters.messenger.config import MessengerConfig
from bridge.errors import Refused, Retry
from bridge.filing import MAX_FILE
from bridge.model import Attachment
from storage.memory import MemoryLimiter

API = "https://graph.facebook.com/v26.0"
PHOTO = "https://scontent.xx.fbcdn.net/v/photo.jpg?oh=1"


async def read(url: str) -> bytes:
    graph = Graph(CONFIG, MemoryLimiter())
    try:
        file = Attachment("image", "image/*", 0, f"messenger:{url}")
        return b"".join([chunk async for chunk in lend(graph, API, file)])
    finally:
        await graph.close()


CONFIG = MessengerConfig(
    tokens={"1": ("t",)}, app_secrets=("s",), verify_tokens=("v",), api_url=API
)


@respx.mock
async def test_the_bytes_come_as_they_are_without_our_token() -> None:
    route = respx.get(PHOTO).respond(200, content=b"picture")
    assert await read(PHOTO) == b"picture"
    assert "authorization" not in route.calls.last.request.headers


@respx.mock
async def test_a_redirect_within_metas_hosts_is_followed() -> None:
    respx.get("https://lookaside.fbsbx.com/x").respond(302, headers={"Location": PHOTO})
    respx.get(PHOTO).respond(200, content=b"picture")
    assert await read("https://lookaside.fbsbx.com/x") == b"picture"


@pytest.mark.parametrize(
    "url",
    [
        "http://scontent.xx.fbcdn.net/photo.jpg",
        "https://cdn.example/photo.jpg",
        "https://fbcdn.net.example/photo.jpg",
        "https://evilfbcdn.net/photo.jpg",
        "https://x@a.fbcdn.net/photo.jpg",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://[::1",
        "https://a.fbcdn.net/\x01",
        "https://a.fbcdn.net:99999999/x",
        "",
    ],
)
@respx.mock
async def test_no_other_address_is_asked(url: str) -> None:
    with pytest.raises(Refused) as caught:
        await read(url)
    assert caught.value.reason == "file_elsewhere"
    assert not respx.calls


@respx.mock
async def test_a_redirect_to_another_host_is_not_followed() -> None:
    respx.get(PHOTO).respond(302, headers={"Location": "http://127.0.0.1/x"})
    with pytest.raises(Refused) as caught:
        await read(PHOTO)
    assert caught.value.reason == "file_elsewhere"


@respx.mock
async def test_redirects_have_an_end() -> None:
    route = respx.get(PHOTO).respond(302, headers={"Location": PHOTO})
    with pytest.raises(Refused) as caught:
        await read(PHOTO)
    assert (caught.value.reason, route.call_count) == ("file_gone", HOPS)


@pytest.mark.parametrize("status", [403, 404, 410])
@respx.mock
async def test_a_file_whose_address_has_ended_is_gone(status: int) -> None:
    respx.get(PHOTO).respond(status)
    with pytest.raises(Refused) as caught:
        await read(PHOTO)
    assert caught.value.reason == "file_gone"


@respx.mock
async def test_a_file_that_says_that_it_is_too_large_is_not_read() -> None:
    respx.get(PHOTO).respond(200, headers={"Content-Length": str(MAX_FILE + 1)})
    with pytest.raises(Refused) as caught:
        await read(PHOTO)
    assert caught.value.reason == "file_too_large"


@pytest.mark.parametrize("failure", [httpx.ConnectError("no"), httpx.ReadTimeout("late")])
@respx.mock
async def test_what_fails_on_the_way_is_tried_again(failure: httpx.HTTPError) -> None:
    respx.get(PHOTO).mock(side_effect=[failure, httpx.Response(503)])
    for _ in range(2):
        with pytest.raises(Retry):
            await read(PHOTO)
