"""Files from and to Slack, where Slack does not behave; the usual way is told by the scenarios."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.slack.client import Client
from adapters.slack.config import from_settings
from adapters.slack.files import FileDoor, shared
from bridge.errors import Broken, DeliveryError, Refused, Retry, Unknown
from bridge.model import (
    Attachment,
    Author,
    HandoffId,
    Message,
    Role,
    Thread,
    Visibility,
)
from storage.memory import MemoryLimiter
from tests.adapters.slack.script import Script
from tests.adapters.slack.things import message, view
from tests.adapters.slack.world import TOKEN, Stage, settings

THREAD = Thread(HandoffId("hnd_1"), 1, "T1", "C1", "1763600000.000100")
FILE = Attachment("a.pdf", "application/pdf", 5, "slack:F1")


class Slack(Script):
    """With files: what is asked for with a token, and what is sent without one."""

    def __init__(self) -> None:
        super().__init__()
        self.file: Response = PlainTextResponse("12345", media_type="application/pdf")
        self.taken: Response = PlainTextResponse("OK - 5")
        self.tokens: list[str] = []
        self.bytes: list[bytes] = []
        self.app.router.routes += [
            Route("/files/F1", self._give),
            Route("/upload/1", self._take, methods=["POST"]),
        ]

    async def _give(self, request: Request) -> Response:
        self.tokens.append(request.headers.get("authorization", ""))
        return self.file

    async def _take(self, request: Request) -> Response:
        self.tokens.append(request.headers.get("authorization", ""))
        self.bytes.append(await request.body())
        return self.taken


@pytest.fixture
def slack(stages: tuple[Stage, Stage]) -> Slack:
    made = Slack()
    stages[0].app = made.app
    base = stages[0].url
    made.on("files.info", info(f"{base}/files/F1"))
    told = {"ok": True, "upload_url": f"{base}/upload/1", "file_id": "F2"}
    made.on("files.getUploadURLExternal", told)
    return made


def info(url: str, **more: Any) -> dict[str, Any]:
    return {"ok": True, "file": {"id": "F1", "size": 5, "url_private_download": url, **more}}


@pytest.fixture
async def door(stages: tuple[Stage, Stage]) -> AsyncIterator[FileDoor]:
    config = from_settings(settings(stages[0].url))
    assert config
    client = Client(config, MemoryLimiter())
    yield FileDoor(client, config.api_url, 2.0)
    await client.close()


async def lent(door: FileDoor) -> bytes:
    return b"".join([chunk async for chunk in door.lend(FILE)])


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_file_is_read_with_the_token_and_sent_without_it(
    door: FileDoor, slack: Slack
) -> None:
    assert await lent(door) == b"12345"
    assert await door.upload(FILE, chunks(b"123", b"45")) == "F2"
    assert slack.bytes == [b"12345"]
    assert slack.tokens == [f"Bearer {TOKEN}", ""]
    assert slack.of("files.getUploadURLExternal") == [{"filename": "a.pdf", "length": "5"}]


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (PlainTextResponse("<html>Sign in", media_type="text/html"), Refused, "file_not_allowed"),
        (PlainTextResponse("no", 403), Refused, "file_not_allowed"),
        (RedirectResponse("https://evil.example/"), Refused, "file_not_allowed"),
        (PlainTextResponse("", 404), Refused, "file_gone"),
        (PlainTextResponse("", 429), Retry, "http_429"),
        (PlainTextResponse("", 502), Retry, "http_502"),
        (PlainTextResponse("123"), Retry, "file_cut_short"),
    ],
)
async def test_what_is_no_file_is_not_taken_for_one(
    door: FileDoor, slack: Slack, answer: Response, kind: type[DeliveryError], reason: str
) -> None:
    slack.file = answer
    with pytest.raises(DeliveryError) as failed:
        await lent(door)
    assert (type(failed.value), failed.value.reason) == (kind, reason)


async def test_a_page_that_is_the_file_is_taken(door: FileDoor, slack: Slack) -> None:
    slack.file = PlainTextResponse("<p/>x", media_type="text/html")
    assert await lent(door) == b"<p/>x"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (info("https://evil.example/files/F1"), "file_elsewhere"),
        (info("http://files.slack.com/F1"), "file_elsewhere"),
        (info("https://files.slack.com.evil.example/F1"), "file_elsewhere"),
        (info("", mode="tombstone"), "file_gone"),
        ({"ok": True}, "file_gone"),
        ({"ok": False, "error": "file_deleted"}, "file_gone"),
        ({"ok": False, "error": "missing_scope"}, "file_not_allowed"),
        ({"ok": False, "error": "odd"}, "odd"),
    ],
)
async def test_the_token_goes_nowhere_but_to_slack_and_what_is_gone_is_gone(
    door: FileDoor, slack: Slack, answer: dict[str, Any], reason: str
) -> None:
    slack.on("files.info", answer)
    with pytest.raises(Refused, match=reason):
        await lent(door)
    assert slack.tokens == []


async def test_a_token_that_is_refused_altogether_is_broken(door: FileDoor, slack: Slack) -> None:
    slack.on("files.info", {"ok": False, "error": "token_revoked"})
    with pytest.raises(Broken):
        await lent(door)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"ok": False, "error": "missing_scope"}, Refused),
        ({"ok": False, "error": "invalid_auth"}, Broken),
        ({"ok": True, "upload_url": "https://evil.example/", "file_id": "F2"}, Retry),
        ({"ok": True, "upload_url": "", "file_id": "F2"}, Retry),
    ],
)
async def test_an_upload_goes_nowhere_but_to_slack(
    door: FileDoor, slack: Slack, answer: dict[str, Any], kind: type[DeliveryError]
) -> None:
    slack.on("files.getUploadURLExternal", answer)
    with pytest.raises(kind):
        await door.upload(FILE, chunks(b"12345"))
    assert slack.bytes == []


async def test_an_upload_that_was_not_taken_is_tried_again(door: FileDoor, slack: Slack) -> None:
    slack.taken = PlainTextResponse("no", 500)
    with pytest.raises(Retry, match="http_500"):
        await door.upload(FILE, chunks(b"12345"))
    with pytest.raises(Retry, match="file_not_sent"):
        await door.upload(FILE, chunks(b"123"))  # less than was announced


async def test_only_the_share_may_be_doubtful(door: FileDoor, slack: Slack) -> None:
    slack.on("files.completeUploadExternal", PlainTextResponse("lost", 502))
    with pytest.raises(Unknown):
        await door.share(THREAD, view(), message(), "F2", "msg_1/file/0")
    (asked,) = slack.of("files.completeUploadExternal")
    assert asked["blocks"][0]["block_id"] == "msg_1/file/0"
    assert (asked["channel_id"], asked["thread_ts"]) == (THREAD.channel, THREAD.ts)


@pytest.mark.parametrize(
    ("said", "above"),
    [
        (message(), "From Sam Rivera"),
        (message(author=Author(Role.BOT)), "From Assistant"),
        (message(author=Author(Role.SYSTEM), visibility=Visibility.INTERNAL), "🔒 Desk"),
    ],
)
async def test_above_a_file_stands_whose_it_is(
    door: FileDoor, slack: Slack, said: Message, above: str
) -> None:
    await door.share(THREAD, view(), said, "F2", "msg_1/file/0")
    (asked,) = slack.of("files.completeUploadExternal")
    assert f"'{above}'" in str(asked["blocks"])


def test_of_what_a_message_carries_only_what_can_be_read_counts() -> None:
    files = [
        {"id": "F1", "name": "a", "mimetype": "x/y", "size": 3},
        {"id": "F2", "file_access": "check_file_info"},
        {"id": "F3", "mode": "tombstone"},
        {"id": "F4", "mode": "hidden_by_limit"},
        {"id": "F5", "is_external": True},
        {"id": 6},
        "F7",
    ]
    assert shared(files) == (
        Attachment("a", "x/y", 3, "slack:F1"),
        Attachment("file", "", 0, "slack:F2"),
    )
    assert shared(None) == ()
