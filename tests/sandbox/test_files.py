"""Files: uploaded by the app, uploaded by a person, fetched with the token."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError

from sandbox.slack import seed
from tests.sandbox.support import World, fetch


async def test_the_sdk_uploads_into_a_thread(slack: World) -> None:
    root = await slack.post("root")
    answer = await slack.client.files_upload_v2(
        channel=seed.ORDERS, thread_ts=root, content=b"\x89PNG", filename="label.png",
        title="The label", initial_comment="See the label",
    )  # fmt: skip
    file_id = answer["files"][0]["id"]
    bodies = await slack.events.until(
        lambda items: any(item["event"]["type"] == "file_shared" for item in items)
    )
    shared = next(body["event"] for body in bodies if body["event"]["type"] == "file_shared")
    assert (shared["file_id"], shared["channel_id"]) == (file_id, seed.ORDERS)
    message = (await slack.ana.thread(seed.ORDERS, root))[1]
    assert (message["text"], message["subtype"]) == ("See the label", "file_share")
    assert message["files"][0]["mimetype"] == "image/png"
    shares = (await slack.client.files_info(file=file_id))["file"]["shares"]
    assert shares["public"][seed.ORDERS][0]["thread_ts"] == root


async def test_a_file_is_fetched_with_the_token_and_a_sign_in_page_comes_without(
    slack: World,
) -> None:
    file_id = await slack.ana.upload("note.txt", b"hello")
    await slack.ana.say(seed.ORDERS, "", files=[file_id])
    event = (await slack.events.at_least(1))[0]["event"]
    assert (event["subtype"], event["text"]) == ("file_share", "")
    url = event["files"][0]["url_private"]
    assert (await fetch("GET", url)).type == "text/html"
    bearer = {"Authorization": "Bearer xoxb-sandbox"}
    assert (await fetch("GET", url, headers=bearer)).body == b"hello"


async def test_the_page_shows_files_without_a_token(slack: World) -> None:
    file_id = await slack.ana.upload("note.txt", b"hello")
    ts = await slack.ana.say(seed.ORDERS, "look", files=[file_id])
    shown = next(m for m in await slack.ben.history(seed.ORDERS) if m["ts"] == ts)
    answer = await fetch("GET", f"{slack.base}/{shown['files'][0]['url']}")
    assert answer.body == b"hello"


async def test_an_upload_of_another_length_is_refused(slack: World) -> None:
    start = await slack.client.files_getUploadURLExternal(filename="a.txt", length=3)
    assert (await fetch("POST", str(start["upload_url"]), data=b"four")).status != 200


async def test_an_upload_is_completed_once_and_only_with_its_bytes(slack: World) -> None:
    client = slack.client
    start = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    wanted: list[dict[str, str | None]] = [{"id": start["file_id"], "title": "A"}]
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_completeUploadExternal(files=wanted)
    assert (await fetch("POST", str(start["upload_url"]), data=b"abc")).body == b"OK - 3"
    await client.files_completeUploadExternal(files=wanted)
    assert (await client.files_info(file=start["file_id"]))["file"]["shares"] == {}
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_completeUploadExternal(files=wanted)


async def test_a_lost_answer_to_completing_leaves_the_file_shared(slack: World) -> None:
    slack.fault(kind="drop_response_after_store", methods=["files.completeUploadExternal"], count=1)
    with pytest.raises((aiohttp.ServerDisconnectedError, SlackRequestError)):
        await slack.client.files_upload_v2(channel=seed.ORDERS, content="abc", filename="a.txt")
    await slack.events.until(
        lambda items: any(item["event"]["type"] == "file_shared" for item in items)
    )
