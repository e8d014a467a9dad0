"""What the desk sends to the workspace, and what it does when that goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.routing import Route
from structlog.testing import capture_logs

import adapters.slack
from adapters.slack import marks
from adapters.slack.blocks import Body
from adapters.slack.desk import SlackDesk
from adapters.slack.ids import source_of
from bridge.commands import Attend, Doing
from bridge.effects import Line, Mark
from bridge.errors import Broken, DeliveryError, Refused, Retry, Scope, Unknown
from bridge.model import AgentId, Thread
from bridge.ports import Desk, Reconciles, Runs
from bridge.ports import Marks as CanMark
from bridge.settings_sections import DEFAULT_QUEUE, QueueSettings
from bridge.texts import split
from bridge.views import CustomerPost, LinePost, PreviewPost, View
from sandbox.slack import seed
from tests.adapters.slack.checks import check_limits
from tests.adapters.slack.script import Script
from tests.adapters.slack.things import assigned, held, message, post, view
from tests.adapters.slack.world import Books, Stage, World, deps_for, now, world

THREAD = Thread(view().handoff.id, 1, "T1", "C1", "1763600000.000100")


async def calls(slack: World, method: str) -> list[dict[str, Any]]:
    return [each["args"] for each in slack.box.calls.entries() if each["method"] == method]


async def fault(slack: World, **rule: Any) -> None:
    slack.box.faults.install({"rules": [rule]}, 0)


async def test_a_root_carries_its_key_and_names_no_one(slack: World) -> None:
    thread = await slack.opened()
    [sent] = await calls(slack, "chat.postMessage")
    assert sent["metadata"] == {"event_type": "deskbridge", "event_payload": {"id": "eff_hnd_1"}}
    assert sent["blocks"][0]["block_id"] == "eff_hnd_1"
    assert (sent["unfurl_links"], sent["link_names"], sent["parse"]) == (False, False, "none")
    assert thread.channel == seed.ORDERS


BILLING = QueueSettings(name="billing", slack_channel=seed.BILLING)


async def test_a_queue_has_its_threads_in_its_channel(stages: tuple[Stage, Stage]) -> None:
    async with world(stages, queues=(*DEFAULT_QUEUE, BILLING)) as slack:
        here = await slack.opened()
        there = await slack.opened(billed())
        odd = await slack.opened(queued("nobody-knows-it"))
        assert [each.channel for each in (here, there, odd)] == [
            seed.ORDERS, seed.BILLING, seed.ORDERS,
        ]  # fmt: skip
        found = await slack.desk.find(None, billed(), "eff_hnd_1", 0)
        assert found is not None
        assert found.place == (there.team, there.channel, there.ts)


async def test_the_card_of_a_thread_that_was_left_says_where_it_goes_on(
    stages: tuple[Stage, Stage],
) -> None:
    async with world(stages, queues=(*DEFAULT_QUEUE, BILLING)) as slack:
        thread = await slack.opened()
        await slack.desk.refresh(thread, billed())  # whose queue only has another channel now
        newer = replace(thread, generation=2, channel=seed.BILLING)
        slack.books.threads[billed().handoff.id] = newer
        await slack.desk.refresh(thread, billed())
        whole, drawn = await calls(slack, "chat.update")
        assert whole["blocks"][-1]["type"] == "actions"
        check_limits(Body(drawn["text"], drawn["blocks"]))
        told = drawn["blocks"][-1]["elements"][0]["text"]
        assert told == f"Moved to billing in <#{seed.BILLING}>"
        assert [block["type"] for block in drawn["blocks"]] == ["rich_text", "context"]


def queued(name: str) -> View:
    return replace(view(), handoff=replace(view().handoff, queue=name))


def billed() -> View:
    return queued("billing")


async def test_a_long_text_arrives_whole_in_parts(slack: World) -> None:
    thread = await slack.opened()
    text = "Where is it? " * 769 + "end"
    assert len(text) == 10_000
    parts = split(text, slack.desk.max_text)
    for n, part in enumerate(parts):
        said = CustomerPost(message(text), part, n, len(parts))
        await slack.desk.post(thread, view(), said, f"eff_{n}")
    replies = (await slack.ana.thread(thread.channel, thread.ts))[1:]
    seen = [each["blocks"][0]["elements"][0]["elements"] for each in replies]
    assert "".join(element["text"] for each in seen for element in each) == text
    assert all(each["username"] == "Sam Rivera · customer" for each in replies)


async def test_what_customers_write_notifies_nobody(slack: World) -> None:
    thread = await slack.opened()
    await slack.desk.post(thread, view(), post("<!channel> @here <@U06ANAT0RR5> @Ana"), "eff_1")
    for person in (slack.ana, slack.ben):
        state = await person._get("state")
        assert all(channel["mentions"] == 0 for channel in state["channels"])


async def test_a_stray_post_is_taken_back_and_the_thread_called_broken(slack: World) -> None:
    gone = replace(await slack.opened(), ts="1763600000.000100")
    with pytest.raises(Broken) as failed:
        await slack.desk.post(gone, view(), post(), "eff_1")
    assert (failed.value.reason, failed.value.scope) == ("thread_gone", Scope.THREAD)
    assert len(await slack.ana.history(seed.ORDERS)) == 1


async def test_a_lost_answer_is_doubtful_and_found_again(slack: World) -> None:
    thread = await slack.opened()
    await fault(slack, kind="drop_response_after_store", methods=["chat.postMessage"], count=2)
    with pytest.raises(Unknown):
        await slack.desk.post(thread, view(), post("kept"), "eff_1")
    with pytest.raises(Unknown):
        await slack.desk.open(view(), "eff_root")
    found = await slack.desk.find(thread, view(), "eff_1", now())
    root = await slack.desk.find(None, view(), "eff_root", now())
    assert found is not None
    assert root is not None
    assert await slack.desk.find(thread, view(), "eff_2", now()) is None
    assert await slack.desk.find(None, view(), "eff_none", now()) is None
    [_, kept] = await slack.ana.thread(thread.channel, thread.ts)
    assert found.place == (thread.team, thread.channel, kept["ts"])


async def test_a_look_up_reads_every_page(slack: World) -> None:
    thread = await slack.opened()
    for n in range(230):
        await slack.desk.post(thread, view(), post(f"{n}"), f"eff_{n}")
    found = await slack.desk.find(thread, view(), "eff_229", now())
    assert found is not None
    assert len(await calls(slack, "conversations.replies")) == 2


async def test_refused_blocks_go_once_more_as_plain_text(slack: World) -> None:
    thread = await slack.opened()
    await fault(slack, kind="error", methods=["chat.postMessage"], error="invalid_blocks", count=1)
    await slack.desk.post(thread, view(), post("a & b"), "eff_1")
    [_, reply] = await slack.ana.thread(thread.channel, thread.ts)
    assert reply["text"] == "Sam: a &amp; b"
    assert (await calls(slack, "chat.postMessage"))[-1]["metadata"]["event_payload"][
        "id"
    ] == "eff_1"
    await fault(slack, kind="error", methods=["chat.postMessage"], error="invalid_blocks", count=2)
    with pytest.raises(Refused):
        await slack.desk.post(thread, view(), post("a & b"), "eff_2")


@pytest.mark.parametrize(
    ("error", "kind", "scope"),
    [
        ("channel_not_found", Broken, Scope.CHANNEL),
        ("is_archived", Broken, Scope.CHANNEL),
        ("token_revoked", Broken, Scope.TOKEN),
        ("thread_not_found", Broken, Scope.THREAD),
        ("no_text", Refused, Scope.MESSAGE),
    ],
)
async def test_a_refusal_says_how_far_it_reaches(
    slack: World, error: str, kind: type[DeliveryError], scope: Scope
) -> None:
    thread = await slack.opened()
    await fault(slack, kind="error", methods=["chat.postMessage"], error=error)
    with pytest.raises(kind) as failed:
        await slack.desk.post(thread, view(), post(), "eff_1")
    assert failed.value.scope is scope


async def test_a_card_that_is_gone_breaks_its_thread(slack: World) -> None:
    gone = replace(await slack.opened(), ts="1763600000.000100")
    with pytest.raises(Broken) as failed:
        await slack.desk.refresh(gone, assigned())
    assert failed.value.scope is Scope.THREAD


async def test_a_colleague_is_told_directly(slack: World) -> None:
    await slack.desk.tell(AgentId(seed.ANA), "Over <capacity>")
    [sent] = await calls(slack, "chat.postMessage")
    assert (sent["channel"], sent["text"]) == (seed.ANA, "Over &lt;capacity&gt;")


async def test_who_is_asked_whether_they_are_there_says_so_with_one_press(slack: World) -> None:
    await slack.desk.tell(AgentId(seed.ANA), "Are you still there?")
    direct = slack.box.workspace.im_with(seed.ANA).id
    [asked] = await slack.ana.history(direct)
    await slack.ana.click("online", channel=direct, ts=asked["ts"])
    assert (await slack.bridge.next(Attend)).doing is Doing.ONLINE
    await slack.desk.idle()
    [told] = await slack.ana.history(direct)
    assert told["text"] == "You are online: conversations may come to you."


async def test_a_line_carries_its_buttons(slack: World) -> None:
    thread = await slack.opened()
    said = LinePost(Line.HELD, held("foreign"), seed.BEN, "Ben", "foreign")
    await slack.desk.post(thread, assigned(), said, "line/1")
    [_, line] = await slack.ana.thread(thread.channel, thread.ts)
    actions = [each["action_id"] for each in line["blocks"][1]["elements"]]
    assert actions == ["send_held", "take_over_and_send", "join_and_send", "keep_as_note"]


async def test_starting_asks_slack_once_and_closing_leaves_nothing(slack: World) -> None:
    await slack.desk.start()
    await slack.desk.idle()
    assert len(await calls(slack, "auth.test")) == 1
    assert len(await calls(slack, "conversations.members")) == 1
    await slack.opened()
    assert len(await calls(slack, "auth.test")) == 1


def test_the_desk_can_all_that_the_core_asks_for(slack: World) -> None:
    desk: Desk = slack.desk
    assert desk.name == "slack"
    assert isinstance(desk, CanMark)
    assert isinstance(desk, Reconciles)
    assert isinstance(desk, Runs)


def test_without_settings_there_is_no_desk() -> None:
    assert adapters.slack.desk(deps_for("http://x", Books(), now, slack_bot_token=None)) is None


def test_without_a_signing_secret_there_is_no_door(slack: World) -> None:
    by_socket = {"slack_signing_secret": None, "slack_app_token": "xapp-1"}
    for changes, paths in ((by_socket, []), ({"slack_app_token": "xapp-1"}, ["/slack/events"])):
        desk = adapters.slack.desk(deps_for(slack.base, Books(), now, **changes))
        assert desk is not None
        routes = desk.routes(slack.bridge.receive)
        assert [route.path for route in routes if isinstance(route, Route)] == paths


async def test_only_who_listens_over_sockets_can_say_that_none_is_open(slack: World) -> None:
    assert await slack.desk.fault() == ""
    desk = adapters.slack.desk(deps_for(slack.base, Books(), now, slack_app_token="xapp-1"))
    assert desk is not None
    assert await desk.fault() == ""
    assert len(desk.fetchers(slack.bridge.receive)) == 2
    assert "no socket is connected" in await desk.fault()


@pytest.mark.parametrize(("every", "fetchers"), [(60.0, 1), (0.0, 0)])
def test_over_http_there_is_only_the_catch_up(slack: World, every: float, fetchers: int) -> None:
    desk = adapters.slack.desk(deps_for(slack.base, Books(), now, slack_sweep_every=every))
    assert desk is not None
    assert len(desk.fetchers(slack.bridge.receive)) == fetchers


async def test_private_alerts_keep_the_words_out_of_notifications(
    stages: tuple[Stage, Stage],
) -> None:
    script = Script()
    stages[0].app = script.app
    made = adapters.slack.desk(deps_for(stages[0].url, Books(), now, alerts_private=True))
    assert made is not None
    answer = {"ok": True, "channel": "C1", "ts": "1.2"}
    script.on("chat.postMessage", answer)
    await made.post(THREAD, view(), post("my secret"), "eff_1")
    await made.close()
    [sent] = script.of("chat.postMessage")
    assert "my secret" not in sent["text"] + str(sent["blocks"][0])


# --- while Slack is down -------------------------------------------------------------------------


@pytest.fixture
async def down(stages: tuple[Stage, Stage]) -> AsyncIterator[tuple[SlackDesk, Script]]:
    script = Script()
    stages[0].app = script.app
    made = adapters.slack.desk(deps_for(stages[0].url, Books(), now))
    assert made is not None
    yield made, script
    await made.close()


async def test_slack_may_be_down_at_the_start(down: tuple[SlackDesk, Script]) -> None:
    desk, script = down
    script.on("auth.test", {"ok": False, "error": "fatal_error"})
    with capture_logs() as said:
        await desk.start()
        await desk.idle()
    assert [(line["log_level"], line["reason"]) for line in said] == [("warning", "fatal_error")]
    assert "does not answer at SLACK_API_URL" in said[0]["meaning"]
    with pytest.raises(Retry):
        await desk.open(view(), "eff_1")
    script.on("auth.test", {"ok": True, "team_id": "T1"})
    script.on("chat.postMessage", {"ok": True, "channel": "C1", "ts": "1.2"})
    receipt = await desk.open(view(), "eff_1")
    assert receipt.place == ("T1", "C1", "1.2")


async def test_a_token_that_slack_refuses_is_told_at_the_start(
    down: tuple[SlackDesk, Script],
) -> None:
    desk, script = down
    script.on("auth.test", {"ok": False, "error": "invalid_auth"})
    with capture_logs() as said:
        await desk.start()
        await desk.idle()
    assert [line["reason"] for line in said] == ["invalid_auth"]
    assert "refuses SLACK_BOT_TOKEN" in said[0]["meaning"]


async def test_a_stray_post_that_cannot_be_taken_back_is_looked_for(
    down: tuple[SlackDesk, Script],
) -> None:
    desk, script = down
    script.on("chat.postMessage", {"ok": True, "channel": "C1", "ts": "1.2", "message": {}})
    script.on("chat.delete", {"ok": False, "error": "fatal_error"})
    with pytest.raises(Unknown, match="stray_post"):
        await desk.post(THREAD, view(), post(), "eff_1")


# --- marks ---------------------------------------------------------------------------------------


async def test_a_message_wears_one_mark(slack: World) -> None:
    thread = await slack.opened()
    ts = await slack.ana.reply(thread.channel, thread.ts, "hello")
    source = source_of(thread.team, thread.channel, ts)
    for mark in (Mark.HELD, Mark.TAKEN, Mark.TAKEN, Mark.FAILED, Mark.NOTE):
        await slack.desk.mark(source, mark)
        [_, reply] = await slack.ana.thread(thread.channel, thread.ts)
        assert [each["name"] for each in reply["reactions"]] == [marks.REACTIONS[mark]]


async def test_the_eye_stands_beside_the_mark_of_the_newest_message_that_was_read(
    slack: World,
) -> None:
    thread = await slack.opened()
    before = ""
    for text in ("first", "second"):
        ts = await slack.ana.reply(thread.channel, thread.ts, text)
        source = source_of(thread.team, thread.channel, ts)
        await slack.desk.mark(source, Mark.TAKEN)
        await slack.desk.seen(source, before)
        before = source
    [_, *said] = await slack.ana.thread(thread.channel, thread.ts)
    worn = [[each["name"] for each in reply["reactions"]] for reply in said]
    assert worn == [["white_check_mark"], ["white_check_mark", "eye"]]


async def test_an_old_message_loses_the_mark_that_nobody_remembers(
    down: tuple[SlackDesk, Script],
) -> None:
    desk, script = down
    script.on("reactions.remove", {"ok": False, "error": "no_reaction"})
    await desk.mark(source_of("T1", "C1", "1763600000.000100"), Mark.TAKEN)
    removed = [arguments["name"] for arguments in script.of("reactions.remove")]
    assert removed == ["hand", "warning", "hourglass_flowing_sand"]


async def test_a_young_message_is_only_marked(down: tuple[SlackDesk, Script]) -> None:
    desk, script = down
    young = f"{now() // 1_000_000}.000100"
    await desk.mark(source_of("T1", "C1", young), Mark.TAKEN)
    assert [name for name, _ in script.calls] == ["reactions.add"]


@pytest.mark.parametrize("error", ["already_reacted", "message_not_found", "no_item_specified"])
async def test_a_mark_that_is_there_or_has_no_place_is_done(
    down: tuple[SlackDesk, Script], error: str
) -> None:
    desk, script = down
    script.on("reactions.add", {"ok": False, "error": error})
    await desk.mark(source_of("T1", "C1", f"{now() // 1_000_000}.000100"), Mark.TAKEN)


async def test_marks_that_matter_are_tried_again(down: tuple[SlackDesk, Script]) -> None:
    desk, script = down
    source = source_of("T1", seed.ORDERS, f"{now() // 1_000_000}.000100")
    script.on("reactions.add", {"ok": False, "error": "fatal_error"}, {"ok": True})
    with pytest.raises(Retry):
        await desk.mark(source, Mark.HELD)
    await desk.mark(source, Mark.HELD)
    script.on("reactions.remove", {"ok": False, "error": "fatal_error"})
    with pytest.raises(Retry):
        await desk.mark(source, Mark.TAKEN)
    script.on("reactions.add", {"ok": False, "error": "is_archived"})
    with pytest.raises(Broken):
        await desk.mark(source, Mark.FAILED)


async def test_a_guess_is_not_worth_waiting_for(down: tuple[SlackDesk, Script]) -> None:
    desk, script = down
    script.on("reactions.remove", {"ok": False, "error": "ratelimited"})
    await desk.mark(source_of("T1", "C1", "1763600000.000100"), Mark.TAKEN)


async def test_what_was_not_said_in_slack_cannot_be_marked(
    down: tuple[SlackDesk, Script],
) -> None:
    with pytest.raises(Refused):
        await down[0].mark("messenger:1", Mark.TAKEN)


async def test_the_preview_is_one_reply(slack: World) -> None:
    thread = await slack.opened()
    said = PreviewPost((message("one"), message("two")), more=3)
    body = slack.desk._threads._body(view(), said, "hnd_1/preview")
    check_limits(body)
    await slack.desk.post(thread, view(), said, "hnd_1/preview")
    assert len(await slack.ana.thread(thread.channel, thread.ts)) == 2
