"""Threads that are gone, channels that are closed: what is found out, and what is done about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import adapters.slack
from adapters.slack.desk import SlackDesk
from adapters.slack.ids import source_of
from adapters.slack.sweep import Sweep
from bridge.commands import AgentSaid, ThreadLost, ToThread
from bridge.effects import Mark
from bridge.errors import Broken, DeliveryError, Refused, Scope
from bridge.model import HandoffId, Thread
from sandbox.slack import membership, posting, seed
from tests.adapters.slack.script import Script
from tests.adapters.slack.test_sweep import another, of
from tests.adapters.slack.things import assigned, ended, post, view
from tests.adapters.slack.world import Books, Stage, World, deps_for, now

OLD = Thread(HandoffId("hnd_1"), 1, "T1", "C0LD", "1763600000.000100")
ERRORS = {"is_archived", "not_in_channel", "missing_scope", "token_revoked", "restricted_action"}


def delete(slack: World, thread: Thread) -> None:
    channel = slack.box.workspace.channels[thread.channel]
    posting.delete(slack.box.workspace, channel.messages[thread.ts])


def purge(slack: World, thread: Thread) -> None:
    """As retention does it: nobody is told."""
    channel = slack.box.workspace.channels[thread.channel]
    posting.purge(slack.box.workspace, channel.messages[thread.ts])


def place(thread: Thread) -> ToThread:
    return ToThread(thread.team, thread.channel, thread.ts)


def aged(slack: World) -> None:
    """What was opened just now might be missing in a copy that Slack reads from."""
    slack.desk._deps = replace(slack.deps, clock=lambda: now() + 60_000_000)


# --- what events tell ----------------------------------------------------------------------------


@pytest.mark.parametrize("replies", [0, 1])
async def test_a_card_that_somebody_deletes_is_told_at_once(slack: World, replies: int) -> None:
    thread = await slack.opened()
    for _ in range(replies):
        await slack.ana.reply(thread.channel, thread.ts, "hello")
    delete(slack, thread)
    lost = await slack.bridge.next(ThreadLost)
    assert (lost.to, lost.reason) == (place(thread), "thread_deleted")


# --- what the catch-up finds ---------------------------------------------------------------------


@pytest.mark.parametrize("gone", [delete, purge])
@pytest.mark.parametrize("replies", [0, 1])
async def test_a_root_that_no_event_told_of_is_missed_and_told_once(
    slack: World, gone: Any, replies: int
) -> None:
    slack.box.faults.install({"rules": [{"kind": "lose_events"}]}, 0)
    thread, whole = await slack.opened(), await slack.opened(another(2))
    for _ in range(replies):
        await slack.ana.reply(thread.channel, thread.ts, "hello")
    gone(slack, thread)
    aged(slack)
    sweep = of(slack)
    await sweep.once()
    lost = await slack.bridge.next(ThreadLost)
    assert (lost.to, lost.reason) == (place(thread), "thread_deleted")
    await sweep.once()
    assert [each for each in slack.bridge.commands if isinstance(each, ThreadLost)] == []
    assert whole.ts in slack.box.workspace.channels[whole.channel].messages


async def test_a_root_that_is_only_hidden_from_the_history_is_left_alone(
    stages: tuple[Stage, Stage],
) -> None:
    """What the history does not show is asked for itself."""
    ts = f"{now() // 1_000_000 - 60}.000100"
    found, script = await swept(stages, ts, {"ok": True, "messages": [{"ts": ts}]})
    assert found == []
    assert len(script.of("conversations.replies")) == 2  # at each look


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": False, "error": "thread_not_found"},
        {"ok": True, "messages": [{"ts": "1763600009.000100"}]},
        {"ok": True, "messages": []},
    ],
)
async def test_a_root_that_cannot_be_found_itself_is_gone(
    stages: tuple[Stage, Stage], answer: dict[str, Any]
) -> None:
    found, _ = await swept(stages, f"{now() // 1_000_000 - 60}.000100", answer)
    assert [each.reason for each in found] == ["thread_deleted"]


@pytest.mark.parametrize("error", ["not_in_channel", "token_revoked"])
async def test_where_nothing_can_be_read_nothing_is_lost(
    stages: tuple[Stage, Stage], error: str
) -> None:
    ts = f"{now() // 1_000_000 - 60}.000100"
    found, _ = await swept(stages, ts, {"ok": False, "error": error})
    assert found == []


@pytest.mark.parametrize("age", [1, 40 * 86_400])
async def test_what_is_too_new_or_too_old_to_be_shown_is_not_asked_for(
    stages: tuple[Stage, Stage], age: int
) -> None:
    ts = f"{now() // 1_000_000 - age}.000100"
    _, script = await swept(stages, ts, {"ok": False, "error": "thread_not_found"})
    assert script.of("conversations.replies") == []


async def swept(
    stages: tuple[Stage, Stage], ts: str, replies: dict[str, Any]
) -> tuple[list[ThreadLost], Script]:
    """What a look tells of a thread whose root the channel's history does not show."""
    script = Script()
    stages[0].app = script.app
    script.on("conversations.history", {"ok": True, "messages": ["odd"]})
    script.on("conversations.replies", replies)
    thread = Thread(HandoffId("hnd_1"), 1, "T1", seed.ORDERS, ts)
    return await looked(stages, thread), script


async def looked(stages: tuple[Stage, Stage], thread: Thread) -> list[ThreadLost]:
    books = Books(threads={"hnd_1": thread})
    desk = adapters.slack.desk(deps_for(stages[0].url, books, now))
    assert desk is not None
    told: list[Any] = []

    async def receive(command: Any) -> Any:
        told.append(command)

    [sweep] = desk.fetchers(receive)
    assert isinstance(sweep, Sweep)
    await sweep.once()
    await sweep.once()
    await desk.close()
    return told


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"ok": True, "channel": {"is_archived": True}}, "is_archived"),
        ({"ok": True, "channel": {"is_member": False}}, "not_in_channel"),
        ({"ok": False, "error": "channel_not_found"}, "channel_not_found"),
        ({"ok": True, "channel": {"is_member": True}}, ""),
        ({"ok": True}, ""),
        ({"ok": False, "error": "token_revoked"}, ""),
    ],
)
async def test_threads_of_a_channel_that_the_desk_has_left_go_on_in_its_own_once_that_is_closed(
    stages: tuple[Stage, Stage], answer: dict[str, Any], reason: str
) -> None:
    script = Script()
    stages[0].app = script.app
    script.on("conversations.info", answer)
    script.on("conversations.history", {"ok": False, "error": "channel_not_found"})
    found = await looked(stages, OLD)
    assert [each.reason for each in found] == ([reason] if reason else [])


async def test_what_was_said_in_the_thread_before_is_not_taken_for_deleted(slack: World) -> None:
    thread = await slack.opened()
    first = await slack.ana.reply(thread.channel, thread.ts, "hello")
    await slack.bridge.next(AgentSaid)
    from tests.adapters.slack.test_sweep import known  # noqa: PLC0415

    known(slack, thread, first)
    renewed = await slack.opened()
    slack.books.threads["hnd_1"] = replace(renewed, generation=2)
    await slack.ana.reply(thread.channel, renewed.ts, "here again")
    aged(slack)
    await of(slack).once()
    assert {type(each) for each in slack.bridge.commands} == {AgentSaid}


# --- what is done --------------------------------------------------------------------------------


@pytest.fixture
async def scripted(stages: tuple[Stage, Stage]) -> Any:
    script = Script()
    stages[0].app = script.app
    script.on("auth.test", {"ok": True, "team_id": "T1"})
    desk = adapters.slack.desk(deps_for(stages[0].url, Books(), now))
    assert desk is not None
    yield desk, script
    await desk.close()


async def refused(desk: SlackDesk, thread: Thread) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await desk.post(thread, view(), post("hello"), "key_1")
    return caught.value


async def test_a_closed_channel_loses_its_threads_only_when_the_desk_is_elsewhere(
    scripted: tuple[SlackDesk, Script],
) -> None:
    desk, script = scripted
    script.on("chat.postMessage", {"ok": False, "error": "is_archived"})
    script.on("chat.update", {"ok": False, "error": "is_archived"})
    here = await refused(desk, replace(OLD, channel=seed.ORDERS))
    assert isinstance(here, Broken)
    assert (here.scope, here.about) == (Scope.CHANNEL, seed.ORDERS)
    assert (await refused(desk, OLD)).scope is Scope.THREAD
    with pytest.raises(Broken) as caught:
        await desk.refresh(OLD, view())
    assert caught.value.scope is Scope.THREAD
    script.on("chat.postMessage", {"ok": False, "error": "token_revoked"})
    assert (await refused(desk, OLD)).scope is Scope.TOKEN


async def test_marks_in_a_channel_that_the_desk_has_left_are_no_reason_to_wait(
    scripted: tuple[SlackDesk, Script],
) -> None:
    desk, script = scripted
    script.on("reactions.add", {"ok": False, "error": "is_archived"})
    young = f"{now() // 1_000_000}.000100"
    with pytest.raises(Refused):
        await desk.mark(source_of("T1", "C0LD", young), Mark.HELD)
    with pytest.raises(Refused):
        await desk.react(source_of("T1", "C0LD", young), "🎉", on=True)


async def test_whether_it_works_again_is_found_out_without_a_post(slack: World) -> None:
    workspace = slack.box.workspace
    channel = workspace.channels[seed.ORDERS]
    for change, back in (
        (lambda: membership.archive(workspace, channel, seed.ANA, on=True),
         lambda: membership.archive(workspace, channel, seed.ANA, on=False)),
        (lambda: membership.leave(workspace, channel, workspace.app.bot_user),
         lambda: membership.join(workspace, channel, workspace.app.bot_user)),
    ):  # fmt: skip
        change()
        with pytest.raises(Broken):
            await slack.desk.open(view(), "eff_1")
        with pytest.raises(Broken):
            await slack.desk.probe(Scope.CHANNEL, seed.ORDERS)
        assert await slack.desk.fault() in ERRORS
        back()
        await slack.desk.probe(Scope.CHANNEL, seed.ORDERS)
        assert await slack.desk.fault() == ""
    slack.box.revoked.add(slack.box.config.bot_token)
    with pytest.raises(Broken):
        await slack.desk.probe(Scope.TOKEN, "")
    slack.box.revoked.clear()
    await slack.desk.probe(Scope.TOKEN, "")
    await slack.desk.probe(Scope.CHANNEL, "C0LD")  # its handoffs go on in the desk's own


async def test_a_channel_that_is_archived_stays_a_fault_however_well_it_can_be_read(
    slack: World,
) -> None:
    workspace = slack.box.workspace
    thread = await slack.opened()
    membership.archive(workspace, workspace.channels[seed.ORDERS], seed.ANA, on=True)
    with pytest.raises(Broken):
        await slack.desk.post(thread, view(), post("hello"), "key_1")
    await of(slack).once()
    assert await slack.desk.fault() == "is_archived"


@pytest.mark.parametrize("reason", sorted(ERRORS))
def test_for_every_trouble_there_is_something_to_do(reason: str) -> None:
    assert "\n" not in adapters.slack.mending.remedy(reason, Scope.CHANNEL)
    assert "SLACK_BOT_TOKEN" in adapters.slack.mending.remedy("invalid_auth", Scope.TOKEN)


async def test_a_root_that_was_opened_twice_is_taken_back(slack: World) -> None:
    thread = await slack.opened()
    taken = (thread.team, thread.channel, thread.ts)
    await slack.desk.withdraw(taken)
    assert thread.ts not in slack.box.workspace.channels[thread.channel].messages
    await slack.desk.withdraw(taken)  # done already


async def test_a_line_that_asked_says_what_was_chosen(slack: World) -> None:
    thread = await slack.opened()
    place_of = (thread.team, thread.channel, thread.ts)
    await slack.desk.settle(place_of, view(), "sent", "Ana")
    assert slack.message(thread.ts).text == "✋ Held at first, then sent by Ana"
    for shown_, how, says in (
        (assigned(), "taken", "Ana took it"),
        (view(), "ended", "Ana took it"),  # it goes on meanwhile
        (ended(), "taken", "Resolved by Ana Torres · 12 min · refund"),
    ):
        await slack.desk.settle(place_of, shown_, how, "Ana")
        told = slack.message(thread.ts).text
        assert told.startswith("#42, Sam Rivera, ")
        assert told.endswith(f" · {says}")
    await slack.desk.settle((*place_of[:2], "1763600000.000100"), view(), "note", "")


async def test_a_line_is_changed_another_time_when_slack_is_down(
    scripted: tuple[SlackDesk, Script],
) -> None:
    desk, script = scripted
    script.on("chat.update", {"ok": False, "error": "fatal_error"})
    with pytest.raises(DeliveryError):
        await desk.settle(("T1", seed.ORDERS, "1.1"), view(), "deleted", "")
    await desk.settle(("T1", "C0LD", "1.1"), view(), "note", "Ana")
