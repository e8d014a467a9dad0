"""Alerts from end to end: what happens is told elsewhere, once, whatever stops between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs

from bridge.alerts import Alert
from bridge.commands import Accepted, Attend, Doing, OpenHandoff, ToAgent
from bridge.commands import Escalation as Wish
from bridge.errors import Retry, Scope, StoreUnavailable, Unknown
from bridge.model import DEFAULT_WORKSPACE, SECOND, Agent, AgentId, HandoffId
from bridge.perform import _untold
from bridge.policy import Alerts
from bridge.posting import Outcome
from bridge.queues import Goals, Queue
from bridge.settings_hours import HoursSettings
from bridge.stores import Outage
from bridge.turn import DESKBRIDGE
from storage.feed import SqlFeed
from storage.tables import metadata
from tests.bridge.alarm import HOOK, MAIL, SLACK, Alarm, alarm, alerts
from tests.bridge.driver import ANA
from tests.bridge.house import API, POLICY, HandClock
from tests.bridge.running import in_file
from tests.bridge.tools import the_librarys_clock
from tests.storage.stored import CHAIN, user
from tests.waiting import until

__all__ = ["the_librarys_clock"]
EVERYTHING = [str(kind) for kind in Alert]
GOALS = Goals(first_reply=200 * SECOND, next_reply=200 * SECOND, resolution=400 * SECOND)
DESK = replace(
    POLICY,
    bots=(),
    alerts=Alerts(overdue_after=300 * SECOND),
    queues=(Queue(goals=GOALS), Queue("billing")),
)


async def opens(it: Alarm, name: str = "sam", queue: str = "", title: str = "My parcel") -> str:
    house = it.house
    wish = Wish(title, queue=queue)
    answer = await house.do(OpenHandoff(house.key(), house.clock.now, user(name), API, wish))
    assert isinstance(answer, Accepted), answer
    await house.quiet()
    return str(answer.data["id"])


PLACES = (
    {**SLACK, "kinds": EVERYTHING},
    {**MAIL, "kinds": EVERYTHING},
    {**HOOK, "kinds": EVERYTHING, "queues": ["billing"]},
)


@pytest.fixture
async def everywhere(
    database_url: str, the_librarys_clock: Callable[[HandClock], None]
) -> AsyncIterator[Alarm]:
    async with alarm(database_url, alerts(*PLACES), policy=DESK) as made:
        the_librarys_clock(made.house.clock)
        yield made


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Alarm]:
    async with alarm(in_file(tmp_path), alerts(PLACES[0]), policy=DESK) as made:
        yield made


async def test_a_storm_of_handoffs_is_one_message_at_each_place_in_its_own_form(
    everywhere: Alarm,
) -> None:
    it = everywhere
    await it.look()
    for n in range(3):
        await opens(it, f"sam{n}", title=f"Parcel {n}")
    await opens(it, "bob", "billing", "My bill")
    await it.look()
    assert it.board.shown == []
    await it.look(65)
    assert await it.look(1) == ()
    said = [text for text in it.board.texts if "new handoff" in text]
    assert "".join(said) == (
        "4 new handoffs; 4 handoffs wait, the oldest for 1 min\n\n"
        "- #1 · Sam0, Parcel 0 · default · 1 min ago\n"
        "- #2 · Sam1, Parcel 1 · default · 1 min ago\n"
        "- #3 · Sam2, Parcel 2 · default · 1 min ago\n"
        "- #4 · Bob, My bill · billing · 1 min ago\n"
    )
    assert {place for place, _ in it.board.shown} == {"C0ALERTS"}
    [mail] = [text for _, subject, text, _ in it.postbox.taken if "new handoff" in subject]
    assert "Parcel" not in mail
    assert "Bob" not in mail
    assert "- #4 · billing · 1 min ago\n" in mail
    [body] = [body for _, _, body in it.tool.taken if body["type"] == "alert.new_handoff"]
    [thing] = body["data"].pop("things")
    assert (thing["number"], thing["queue"], "title" in thing) == (4, "billing", False)
    assert body["data"] == {
        "to": "ops",
        "text": "1 new handoff; 1 handoff waits, the oldest for 1 min",
        "over": False,
        "count": 1,
        "standing": 1,
        "since": thing["since"],
    }


async def test_what_waits_is_told_when_it_is_late_and_the_empty_desk_until_somebody_is_there(
    it: Alarm,
) -> None:
    house = it.house
    await opens(it)
    await it.look(151)
    assert "1 goal at risk, the oldest for 2 min" in "".join(it.board.texts)
    await it.look(150)
    assert "1 handoff that nobody takes, the oldest for 5 min" in "".join(it.board.texts)
    assert "Nobody is online\n\n- default" in "".join(it.board.texts)
    to = ToAgent(DEFAULT_WORKSPACE, ANA.id)
    await house.do(Attend(house.key(), house.clock.now, to, DESKBRIDGE, Doing.ONLINE))
    await it.look(1)
    assert "Somebody is online again, after 2 min" in it.board.texts[-1]
    await it.look(200)
    assert "2 goals at risk, 1 of them new, the oldest for 8 min" in it.board.texts[-1]


async def test_nobody_is_told_what_happened_before_there_was_anybody_to_tell(
    tmp_path: Path,
) -> None:
    async with alarm(in_file(tmp_path), alerts(SLACK), policy=DESK) as it:
        await opens(it)
        await it.look(10)
        assert it.board.shown == []
        await opens(it, "bob")
        await it.look(10)
        assert [n.headline for _, n in it.board.shown] == [
            "1 new handoff; 2 handoffs wait, the oldest for 20 s"
        ]
        quiet = it.watched_by("p2", ())
        await quiet.start()
        await quiet.close()
        await opens(it, "cyd")
        await it.look(600)
        assert len([n for _, n in it.board.shown if "new handoff" in n.headline]) == 1
        await quiet.start()  # again, where nothing is kept
        await quiet.start()


async def test_what_fired_is_told_by_its_rule_and_a_word_to_a_bot_is_not_told(
    it: Alarm,
) -> None:
    await it.look()
    about = ("conversation_id", "actor_role", "actor_id", "actor_name", "epoch")
    nobodys = dict.fromkeys(about, "") | {"actor_role": "user", "epoch": 0}
    for kind, body in (
        ("trigger.fired", '{"rule": "refund", "why": "money back"}'),
        ("message.user", "{}"),
    ):
        row = {"workspace_id": "default", "kind": kind, "at": it.house.clock.now, "body": body}
        event = metadata.tables["event"].insert().values(**row, **nobodys, name=f"evt_{kind}")
        await it.house.database.write(partial(put, event))
    await it.look(5)
    assert it.board.texts == ["1 trigger fired\n\n- refund · 5 s ago\n"]


async def test_what_fired_is_told_with_the_handoff_that_came_of_it_and_the_way_to_it(
    everywhere: Alarm,
) -> None:
    """It fires before the handoff opens. By mail and to tools go no words of a customer."""
    it = everywhere
    await it.look()
    before = it.house.clock.now
    handoff = HandoffId(await opens(it, "bob", "billing", "My bill"))
    conversation = {"conversation_id": user("bob").conversation_id, "actor_role": "user"}
    about = {**dict.fromkeys(("actor_id", "actor_name"), ""), **conversation, "epoch": 0}
    told = {"workspace_id": "default", "kind": "trigger.fired", "body": '{"rule": "refund"}'}
    event = metadata.tables["event"].insert()
    row = {**about, **told, "at": before, "name": "evt_1"}
    await it.house.database.write(partial(put, event.values(**row)))
    await it.look(5)
    thread = await it.house.reads.thread(handoff)
    assert thread is not None
    way = f"https://acme.slack.com/{thread.team}/{thread.channel}/{thread.ts}"
    head = "1 trigger fired\n\n- #1 · "
    assert f"{head}Bob, My bill · billing · refund · 5 s ago · {way}\n" in it.board.texts
    assert f"{head}billing · refund · 5 s ago · {way}\n" in [mail[2] for mail in it.postbox.taken]
    [body] = [body for _, _, body in it.tool.taken if body["type"] == "alert.trigger_fired"]
    [thing] = body["data"]["things"]
    assert (thing["handoff_id"], thing["number"], thing["detail"]) == (handoff, 1, "refund")
    assert (thing["link"], "title" in thing) == (way, False)


def put(event: Any, connection: Connection) -> None:
    connection.execute(event).close()


async def test_what_a_stopped_process_has_not_told_another_one_tells_and_only_one_looks(
    everywhere: Alarm,
) -> None:
    it = everywhere
    rules = alerts({**SLACK, "kinds": EVERYTHING}).rules(HoursSettings())
    other = it.watched_by("p2", rules)
    await it.look()
    await opens(it)
    await it.look()
    it.house.clock.move(20)
    assert await other.look() == ()  # the first one looks
    it.house.clock.move(11)
    told = await other.look()
    assert Alert.NEW_HANDOFF in {message.kind for message in told}
    assert await it.look() == ()
    await it.house.quiet()
    assert len([t for t in it.board.texts if "new handoff" in t]) == 1
    kept = await it.store.take("p2", 30 * SECOND)
    assert kept is not None
    assert not await it.store.keep("p1", kept, told)
    assert not await it.store.keep("p2", replace(kept, version=kept.version - 1), told)
    await it.house.quiet()
    assert len([t for t in it.board.texts if "new handoff" in t]) == 1


async def test_faults_are_told_by_what_works_and_in_the_log_and_so_is_their_end(
    tmp_path: Path,
) -> None:
    kinds = ["disconnected", "delivery_parked"]
    given = alerts({**SLACK, "slack": "U0LEAD", "kinds": kinds}, {**MAIL, "kinds": kinds})
    async with alarm(in_file(tmp_path), given, sources={"desk": "slack"}, policy=DESK) as it:
        for outage in (
            Outage(Scope.CHANNEL, "C1", "is_archived"),
            Outage(Scope.TOKEN, "", "token_revoked"),
        ):
            it.trouble.parked, it.trouble.faults = [outage], {"slack": outage.reason}
            with capture_logs() as logs:
                await it.look()
                await it.look(65)
                it.trouble.parked, it.trouble.faults = [], {}
                await it.look(65)
            said = [line["event"] for line in logs if line["event"] != "alert"]
            both = ["disconnected", "connected_again"]
            assert said == (both if outage.scope is Scope.TOKEN else [])
            await it.look(600)
        parked, over = (
            "Deliveries wait until somebody mends it",
            "Deliveries go on again, after 2 min",
        )
        assert [notice.headline for _, notice in it.board.shown] == [parked, over]
        assert sorted(subject for _, subject, _, _ in it.postbox.taken) == sorted(
            [parked, over, parked, over, "Disconnected", "Connected again, after 2 min"]
        )
        texts = "".join(text for _, _, text, _ in it.postbox.taken)
        assert "- C1: is_archived · for 1 min" in texts
        assert "- slack: token_revoked · for 1 min\n" in texts
        assert "- slack: token_revoked · for 2 min, and is over" in texts


async def test_who_is_online_serves_their_queues_and_who_cannot_be_asked_for_changes_nothing(
    tmp_path: Path,
) -> None:
    staff = Staff()
    given = alerts({**SLACK, "kinds": ["nobody_online"]})
    async with alarm(in_file(tmp_path), given, sources={"staff": staff}, policy=DESK) as it:
        house, to = it.house, ToAgent(DEFAULT_WORKSPACE, ANA.id)
        await house.do(Attend(house.key(), house.clock.now, to, DESKBRIDGE, Doing.ONLINE))
        await it.look()
        staff.error = Retry("http_503")
        await it.look(60)
        assert await it.look(65) == ()
        staff.error = None
        await it.look(1)
        assert it.board.texts == ["Nobody is online\n\n- billing · for 2 min\n"]


class Staff:
    """Knows Ana, who serves `default`."""

    error: Retry | None = None

    async def agent(self, id: AgentId) -> Agent:
        if self.error:
            raise self.error
        return Agent(id, "Ana", queues=("default",))

    async def agents(self) -> list[Agent]:
        return []


async def test_an_answer_in_time_and_one_that_does_not_come(tmp_path: Path) -> None:
    given = alerts({**SLACK, "kinds": ["unanswered", "new_message"], "words": False})
    async with alarm(in_file(tmp_path), given, policy=DESK) as it:
        await it.house.hands_over()
        await it.look()
        await it.house.hears("Where is it?")
        await it.house.hears("Hello?")
        await it.look(5)
        assert "".join(it.board.texts) == (
            "2 new messages of customers; 1 customer waits, the oldest for 5 s\n\n"
            "- #1 · default · 5 s ago\n- #1 · default · 5 s ago\n"
        )
        await it.look(300)
        assert it.board.texts[1:] == [
            "1 customer without an answer, the oldest for 5 min\n\n- #1 · default · for 5 min\n"
        ]
        await it.house.replies("On its way")
        await it.look(300)
        assert len(it.board.texts) == 2


# --- how it goes ---------------------------------------------------------------------------------


async def test_what_no_place_takes_just_now_is_summed_and_told_when_it_does(
    tmp_path: Path, the_librarys_clock: Callable[[HandClock], None]
) -> None:
    kinds = {"kinds": ["new_handoff"]}
    given = alerts({**SLACK, **kinds}, {**HOOK, **kinds}, {**MAIL, **kinds})
    async with alarm(in_file(tmp_path), given, policy=DESK) as it:
        the_librarys_clock(it.house.clock)
        it.tool.mood = lambda _body: Outcome(503)
        it.postbox.error = Retry("smtp_450")
        it.board.moods.say(Retry("http_503"))
        await it.look()
        for n in range(5):
            await opens(it, f"sam{n}")
            await it.look(400)
            it.board.moods.say(Retry("http_503"))
        assert (it.tool.taken, it.postbox.taken) == ([], [])
        it.tool.mood, it.postbox.error = lambda _body: None, None
        it.board.moods.errors.clear()
        await it.look(300)
        await it.look(1)
        assert [body["data"]["count"] for _, _, body in it.tool.taken] == [1, 4]
        assert [subject[0] for _, subject, _, _ in it.postbox.taken] == ["1", "4"]
        assert sum(len(notice.items) for _, notice in it.board.shown) == 5


@pytest.mark.parametrize("blind", [False, True])
async def test_a_lost_answer_is_looked_for_where_one_can_look(tmp_path: Path, blind: bool) -> None:
    async with alarm(in_file(tmp_path), alerts(SLACK), policy=DESK) as it:
        it.board.blind = blind
        it.board.moods.say(Unknown("no_answer"), lost=True)
        await it.look()
        await opens(it)
        await it.look(5)
        await it.look(60)
        assert len({notice.key for _, notice in it.board.shown}) == 1
        assert len(it.board.shown) == (2 if blind else 1)


async def test_what_never_arrived_is_sent_when_that_is_sure(tmp_path: Path) -> None:
    async with alarm(in_file(tmp_path), alerts(SLACK), policy=DESK) as it:
        it.board.moods.say(Unknown("no_answer"))
        await it.look()
        await opens(it)
        await it.look(5)
        await it.house.later(60)
        await it.house.later(60)
        assert len(it.board.shown) == 1


@pytest.mark.parametrize(
    "refused", [Outcome(410), Outcome(error="private_address")], ids=["gone", "private"]
)
async def test_what_will_never_be_taken_is_given_up(
    tmp_path: Path, refused: Outcome, the_librarys_clock: Callable[[HandClock], None]
) -> None:
    given = alerts({**HOOK, "kinds": ["new_handoff"]})
    async with alarm(in_file(tmp_path), given, policy=DESK) as it:
        the_librarys_clock(it.house.clock)
        it.tool.mood = lambda _body: refused
        await it.look()
        await opens(it)
        with capture_logs() as logs:
            await it.look(5)
        assert [log["reason"] for log in logs if log["event"] == "given up"] == [refused.reason]
        await it.house.later(600)
        assert it.tool.tried == 1


async def test_without_the_place_the_desk_or_a_mail_server_it_is_given_up(tmp_path: Path) -> None:
    given = alerts({**SLACK, "kinds": ["new_handoff"]}, {**MAIL, "kinds": ["new_handoff"]})
    async with alarm(in_file(tmp_path), given, policy=DESK) as it:
        teller: Any = it.house.performer.alert.__self__  # type: ignore[attr-defined]
        await it.look()
        lacks: list[dict[str, Any]] = [{"desk": None, "mailer": None}, {"addressees": {}}]
        for without in lacks:
            it.house.performer.alert = replace(teller, **without).tell
            await opens(it, str(without))
            with capture_logs() as logs:
                await it.look(600)
            reasons = sorted(log["reason"] for log in logs if log["event"] == "given up")
            wanted = ["mail_off", "no_desk"] if "desk" in without else ["no_such_place"] * 2
            assert reasons == wanted
        it.house.performer.alert = _untold
        await opens(it, "eve")
        assert len(await it.look(600)) == 2
        kept = await it.store.take("p1", 30 * SECOND)
        assert kept
        assert kept.busy == frozenset()


# --- the looker ----------------------------------------------------------------------------------


async def test_it_looks_by_itself_and_outlives_what_fails(tmp_path: Path) -> None:
    async with alarm(in_file(tmp_path), alerts(SLACK), policy=DESK) as it:
        failing, errors = it.store, [StoreUnavailable("away")] * 2 + [ValueError("a mistake")]
        take, looks = failing.take, []

        async def taking(owner: str, lease: int) -> Any:
            looks.append(owner)
            if errors:
                raise errors.pop(0)
            return await take(owner, lease)

        failing.take = taking  # type: ignore[method-assign]
        with capture_logs() as logs:
            await it.watch.start()
            await until(lambda: len(looks) > 4)
            await it.watch.close()
        assert [log["event"] for log in logs] == ["cannot look", "cannot look"]
        other = it.watched_by("p2", alerts(SLACK).rules(HoursSettings()))
        await opens(it)
        it.house.clock.move(5)
        await SqlFeed(it.house.database, CHAIN).seal(9)
        assert await other.look()  # the lease was given back
