"""What figures are made of, from both databases, against plain SQL over a generated year."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC

import pytest
from sqlalchemy import text

from bridge.commands import DeleteConversation, Rate, Resolve, ToConversation, ToHandoff
from bridge.lists import Wanted
from bridge.model import DEFAULT_WORKSPACE, SECOND, HandoffId
from bridge.policy import Asks
from bridge.reporting import reported
from bridge.reports import By, Group, Period
from storage.database import Database, connect
from storage.lists import SqlLists
from storage.queries import SqlReads
from tests.bench.year import PERIOD, SINCE, Year, write
from tests.bridge.driver import ANA, BOT, CNV
from tests.storage.stored import API, stored

FIGURES = """
SELECT count(*),
       sum(CASE WHEN status = 'resolved' THEN 1 ELSE 0 END),
       sum(CASE WHEN rating LIKE '%score%' AND rating NOT LIKE '%score__0%' THEN 1 ELSE 0 END),
       sum(CASE WHEN rating LIKE '%question%' THEN 1 ELSE 0 END),
       sum((SELECT count(DISTINCT e.handoff_id) FROM event e
            WHERE e.handoff_id = h.id AND e.kind = 'handoff.goal_missed'))
FROM handoff h JOIN conversation c ON c.id = h.conversation_id
WHERE h.opened_at >= :since AND h.opened_at < :until AND {where}
"""
RANK = """
SELECT count(*), min(CASE WHEN place >= (50 * n + 99) / 100 THEN took END),
       min(CASE WHEN place >= (90 * n + 99) / 100 THEN took END),
       min(CASE WHEN place >= (95 * n + 99) / 100 THEN took END), max(took)
FROM (SELECT took, row_number() OVER (ORDER BY took) AS place, count(*) OVER () AS n
      FROM (SELECT (h.{until} - h.opened_at) / 1000000 AS took
            FROM handoff h JOIN conversation c ON c.id = h.conversation_id
            WHERE h.{until} > 0 AND h.opened_at >= :since AND h.opened_at < :until
              AND {where} AND {state}) AS one) AS two
"""
MEASURES = {
    "waiting": ("assigned_at", "1 = 1"),
    "first_response": ("first_reply_at", "1 = 1"),
    "resolution": ("closed_at", "h.status = 'resolved'"),
}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = connect(database_url)
    await write(made, Year(500))
    yield made
    await made.close()


async def plain(
    database: Database, statement: str, period: Period = PERIOD, **parts: str
) -> list[int]:
    given = {"since": period.since, "until": period.until}
    [row] = await database.read(
        lambda connection: connection.execute(text(statement.format(**parts)), given).all()
    )
    return [int(value or 0) for value in row]


async def agrees(database: Database, group: Group, where: str, replied: str = "") -> None:
    """`replied`: whose first response it is, where it may be another's."""
    counted = [group.opened, group.resolved, group.rated, group.asked, group.late]
    assert counted == await plain(database, FIGURES, where=where)
    for name, (until, state) in MEASURES.items():
        of = getattr(group, name)
        told = [of.number, of.p50, of.p90, of.p95, of.longest]
        whose = (replied if name == "first_response" else "") or where
        assert told == await plain(database, RANK, until=until, where=whose, state=state)


async def test_the_figures_are_those_of_plain_sql(database: Database) -> None:
    lists = SqlLists(database, SqlReads(database, lambda _: True))
    made = await reported(lists, Wanted(), PERIOD)
    assert made.total.opened == 500
    assert made.total.late > 10
    await agrees(database, made.total, "1 = 1")
    for by, where in {
        By.QUEUE: "h.queue = '{}'",
        By.AGENT: "h.assignee = '{}'",
        By.CHANNEL: "c.channel = '{}'",
        By.LABEL: "h.labels LIKE '%\"{}\"%'",
    }.items():
        assert len(made.by[by]) > 2
        replied = "h.first_reply_by = '{}'" * (by is By.AGENT)
        for group in made.by[by][:4]:
            await agrees(database, group, where.format(group.key), replied.format(group.key))


APPROVALS = """
SELECT count(*), sum(CASE WHEN status = 'approved' THEN 1 ELSE 0 END),
       sum(CASE WHEN status IN ('approved', 'edited', 'responded', 'rejected') THEN 1 ELSE 0 END)
FROM approval WHERE created_at >= :since AND created_at < :until AND {where}
"""
DECIDING = """
SELECT count(*), min(CASE WHEN place >= (50 * n + 99) / 100 THEN took END),
       min(CASE WHEN place >= (90 * n + 99) / 100 THEN took END),
       min(CASE WHEN place >= (95 * n + 99) / 100 THEN took END), max(took)
FROM (SELECT took, row_number() OVER (ORDER BY took) AS place, count(*) OVER () AS n
      FROM (SELECT (decided_at - created_at) / 1000000 AS took FROM approval
            WHERE status IN ('approved', 'edited', 'responded', 'rejected')
              AND created_at >= :since AND created_at < :until AND {where}) AS one) AS two
"""
FIRED = """
SELECT count(*), sum(CASE WHEN f.body LIKE '%"handed_over": true%' THEN 1 ELSE 0 END),
       sum((SELECT count(*) FROM event a WHERE a.kind = 'trigger.false_alarm'
            AND a.body LIKE '%"' || f.name || '"%'))
FROM event f WHERE f.kind = 'trigger.fired' AND f.at >= :since AND f.at < :until
  AND f.body LIKE '%"rule": "{rule}"%'
"""
HALF = replace(PERIOD, until=(PERIOD.since + PERIOD.until) // 2)


async def test_figures_of_approvals_and_rules_are_those_of_plain_sql(database: Database) -> None:
    lists = SqlLists(database, SqlReads(database, lambda _: True))
    found = (await reported(lists, Wanted(), HALF)).oversight
    assert found is not None
    assert (len(found.bots), len(found.rules)) == (2, 3)
    wheres = ["1 = 1", *(f"bot_id = '{bot.bot}'" for bot in found.bots)]
    for of, where in zip((found.approvals, *found.bots), wheres, strict=True):
        approved = of.statuses["approved"]
        counted = [of.asked, approved, of.decided]
        assert counted == await plain(database, APPROVALS, HALF, where=where)
        assert of.acceptance == approved / of.decided
        took = of.deciding
        told = [took.number, took.p50, took.p90, took.p95, took.longest]
        assert told == await plain(database, DECIDING, HALF, where=where)
    for rule in found.rules:
        told = [rule.fired, rule.handed_over, rule.false_alarms]
        assert told == await plain(database, FIRED, HALF, rule=rule.name)
    assert sum(rule.false_alarms for rule in found.rules) > 2


async def test_a_report_is_of_what_is_wanted_and_of_its_time(database: Database) -> None:
    lists = SqlLists(database, SqlReads(database, lambda _: True))
    some = Wanted(queue="orders", channel="webchat", label="bug")
    found = await reported(lists, some, PERIOD)
    where = "h.queue = 'orders' AND c.channel = 'webchat' AND h.labels LIKE '%\"bug\"%'"
    await agrees(database, found.total, where)
    assert [group.key for group in found.by[By.QUEUE]] == ["orders"]
    before = Period(SINCE - SECOND, SINCE, UTC)
    assert (await reported(lists, Wanted(), before)).total.opened == 0


async def test_a_name_may_be_written_with_any_sign(database: Database) -> None:
    name = 'An\x1fa "A\\" Ä\n✅'
    odd = text("UPDATE handoff SET assignee_name = :name, first_reply_name = :name")
    await database.write(lambda to: to.execute(odd, {"name": name}).rowcount)
    lists = SqlLists(database, SqlReads(database, lambda _: True))
    made = await reported(lists, Wanted(), PERIOD)
    named = {group.name for group in made.by[By.AGENT]}
    assert name in named
    assert made.total.opened == 500


ASKING = replace(
    BOT, may_delete=True, channels={"webchat": replace(BOT.traits("webchat"), asks=Asks.ITSELF)}
)


async def test_a_handoff_has_its_channel_for_good_and_its_score_until_it_is_deleted(
    database_url: str,
) -> None:
    async with stored(database_url, ASKING) as desk:
        lists, wanted = SqlLists(desk.database, desk.reads), Wanted(channel="webchat")

        async def found() -> tuple[object, ...]:
            past = await lists.past(DEFAULT_WORKSPACE, wanted)
            return past.channel[0], past.asked[0], past.score[0]

        handoff = ToHandoff(HandoffId(await desk.hands_over()))
        await desk.do(desk.replies("m1", "Hello"))
        assert await found() == ("webchat", False, 0)
        await desk.do(Resolve("e1", desk.clock.now, handoff, ANA))
        assert await found() == ("webchat", True, 0)
        await desk.do(Rate("r1", desk.clock.now, ToConversation(CNV), 4))
        assert await found() == ("webchat", True, 4)
        await desk.do(DeleteConversation("d1", desk.clock.now, ToConversation(CNV), API))
        assert await found() == ("webchat", False, 0)
