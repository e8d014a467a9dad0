"""Lists by the page: handoffs, conversations and messages, each after the last row of the page
before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from bridge.gates import Approval
from bridge.introducing import Profile
from bridge.lists import NOBODY, RANKS, Drafts, Place, Sort, Wanted
from bridge.model import (
    AgentId,
    Awaiting,
    Contact,
    Conversation,
    ConversationId,
    HandoffId,
    Message,
    Micros,
    Mode,
    Role,
    WorkspaceId,
    given,
)
from bridge.oversight import PastDrafts, PastFirings
from bridge.reports import Missed, Past
from bridge.sight import Sight
from bridge.views import View
from storage import approvals, oversight, overview, reports
from storage.database import Database
from storage.dialects import holds
from storage.mapping import CONTACT, CONVERSATION, Row, read_message
from storage.persons import conversations
from storage.queries import SHOWN, VIEWS, SqlReads, columns
from storage.sight import seen
from storage.tables import metadata
from storage.tables_profiles import ProfileRow

T = TypeVar("T")
TABLES = metadata.tables
_handoff, _contact, _conversation, _message = (
    TABLES[name].c for name in ("handoff", "contact", "conversation", "message")
)
_profile = TABLES[str(ProfileRow.__tablename__)].c
_RANK = case(RANKS, value=_handoff.priority, else_=len(RANKS))
_NOT_WAITING = case((_conversation.awaiting == str(Awaiting.AGENT), 0), else_=1)
_ORDERS: Mapping[Sort, tuple[tuple[ColumnElement[Any], ...], bool]] = {
    Sort.NEWEST: ((_handoff.number,), False),
    Sort.OLDEST: ((_handoff.number,), True),
    Sort.PRIORITY: ((_RANK, _handoff.number), True),
    Sort.WAITING: ((_NOT_WAITING, _conversation.awaiting_since, _handoff.number), True),
}
"""By what, and whether it goes up. Numbers count in the order of opening."""
_OPEN = ("queued", "assigned", "snoozed")


class SqlLists:
    """Implements `bridge.lists.Lists`."""

    def __init__(self, database: Database, reads: SqlReads) -> None:
        self._database = database
        self._reads = reads

    async def _rows(self, statement: Select[Any]) -> Sequence[Sequence[Any]]:
        def read(connection: Connection) -> Sequence[Sequence[Any]]:
            return connection.execute(statement).all()

        return await self._database.read(read)

    async def handoffs(
        self, workspace: WorkspaceId, wanted: Wanted, after: Place, limit: int
    ) -> list[View]:
        order, up = _ORDERS[wanted.sort]
        conditions = [_handoff.workspace_id == workspace, *_fits(wanted, self._database.dialect)]
        statement = VIEWS.where(*conditions, *_beyond(order, after, up=up)).order_by(None)
        return await self._reads.views(_sorted(statement, order, up=up).limit(limit))

    async def sees(self, sight: Sight, conversation: ConversationId) -> bool:
        statement = select(_conversation.id).where(_conversation.id == conversation, seen(sight))
        return bool(await self._rows(statement))

    async def ahead(self, handoffs: Sequence[HandoffId]) -> Mapping[HandoffId, int]:
        it = TABLES["handoff"].alias("it")
        before = and_(
            _handoff.workspace_id == it.c.workspace_id,
            _handoff.status == "queued",
            _handoff.queue == it.c.queue,
            _handoff.number < it.c.number,
        )
        count = select(func.count()).select_from(TABLES["handoff"]).where(before).scalar_subquery()
        statement = select(it.c.id, count).where(it.c.id.in_(handoffs), it.c.status == "queued")
        return {row[0]: row[1] for row in await self._rows(statement)}

    async def waiting(self, workspace: WorkspaceId, queue: str) -> int:
        here = (_handoff.workspace_id == workspace) & (_handoff.queue == queue)
        statement = select(func.count()).where(here, _handoff.status == "queued")
        return int((await self._rows(statement))[0][0])

    async def conversations(
        self,
        workspace: WorkspaceId,
        text: str,
        after: Place,
        limit: int,
        *,
        paused: bool | None = None,
        mode: Mode | None = None,
        sight: Sight | None = None,
    ) -> list[tuple[Conversation, Contact]]:
        order = (_conversation.user_at, _conversation.id)
        conditions = [
            _conversation.workspace_id == workspace,
            _conversation.created_at > 0,
            *_beyond(order, after, up=False),
        ]
        if text:
            conditions.append(overview.about(workspace, text))
        if paused is not None:
            conditions.append((_conversation.paused_by != "") == literal(paused))
        if mode is not None:
            conditions.append(_conversation.mode == str(mode))
        if sight is not None:
            conditions.append(seen(sight))
        statement = overview.people().where(*conditions).order_by(None)
        return await self._people(_sorted(statement, order, up=False).limit(limit))

    async def person(self, conversation: ConversationId) -> list[tuple[Conversation, Contact]]:
        theirs = _conversation.id.in_(conversations(conversation))
        return await self._people(overview.people().where(theirs, _conversation.created_at > 0))

    async def blocked(
        self, workspace: WorkspaceId, after: Place, limit: int
    ) -> list[tuple[Conversation, Contact]]:
        order = (_contact.blocked_at, _contact.id)
        here = (_contact.workspace_id == workspace, _contact.blocked_at > 0)
        statement = overview.people().where(*here, *_beyond(order, after, up=False)).order_by(None)
        return await self._people(_sorted(statement, order, up=False).limit(limit))

    async def _people(self, statement: Select[Any]) -> list[tuple[Conversation, Contact]]:
        return [
            (CONVERSATION.read(row), CONTACT.read(row, len(CONVERSATION.names)))
            for row in await self._rows(statement)
        ]

    async def said(self, conversation: ConversationId, after_seq: int, limit: int) -> list[Message]:
        statement = (
            select(*columns("message"))
            .where(
                _message.conversation_id == conversation,
                _message.seq > after_seq,
                _message.deleted.is_(False),
                *SHOWN,
            )
            .order_by(_message.seq)
            .limit(limit)
        )
        return [read_message(row) for row in await self._rows(statement)]

    async def latest(
        self, conversations: Sequence[ConversationId], role: Role | None = None
    ) -> Mapping[ConversationId, Message]:
        found = await self._rows(_latest(conversations, role)) if conversations else ()
        return {message.conversation_id: message for message in map(read_message, found)}

    async def notes(self, conversations: Sequence[ConversationId]) -> list[Message]:
        statement = (
            select(*columns("message"))
            .where(
                _message.conversation_id.in_(conversations),
                _message.visibility == "internal",
                _message.deleted.is_(False),
            )
            .order_by(_message.conversation_id, _message.seq)
        )
        return [read_message(row) for row in await self._rows(statement)]

    async def approval(self, id: str) -> Approval | None:
        rows = await self._rows(approvals.one(id))
        return approvals.APPROVAL.read(rows[0]) if rows else None

    async def approvals(
        self, workspace: WorkspaceId, wanted: Drafts, after: Place, limit: int
    ) -> list[Approval]:
        order, up = approvals.ORDER, wanted.oldest
        listed = approvals.listed(workspace, wanted, self._database.dialect)
        statement = listed.where(*_beyond(order, after, up=up))
        rows = await self._rows(_sorted(statement, order, up=up).limit(limit))
        return [approvals.APPROVAL.read(row) for row in rows]

    async def profile(self, workspace: WorkspaceId, agent: AgentId) -> Profile | None:
        one = (_profile.workspace_id == workspace) & (_profile.id == agent)
        found = await self._rows(select(*_profile).where(one))
        return next((_read_profile(row) for row in found), None)

    async def loads(self, workspace: WorkspaceId) -> Mapping[AgentId, int]:
        statement = (
            select(_handoff.assignee, func.count())
            .where(
                _handoff.workspace_id == workspace,
                _handoff.status.in_(_OPEN),
                _handoff.assignee.is_not(None),
            )
            .group_by(_handoff.assignee)
        )
        return {AgentId(row[0]): row[1] for row in await self._rows(statement)}

    async def past(self, workspace: WorkspaceId, wanted: Wanted) -> Past:
        here = _handoff.workspace_id == workspace, *_fits(wanted, self._database.dialect)
        statement = reports.past(self._database.dialect).where(*here)
        return await self._columns(statement, reports.read)

    async def missed(self, workspace: WorkspaceId, since: Micros) -> Missed:
        statement = reports.missed(self._database.dialect, workspace, since)
        return await self._columns(statement, reports.read_missed)

    async def drafts(self, workspace: WorkspaceId, since: Micros, until: Micros) -> PastDrafts:
        statement = oversight.drafts(self._database.dialect, workspace, since, until)
        return await self._columns(statement, oversight.read_drafts)

    async def firings(self, workspace: WorkspaceId, since: Micros, until: Micros) -> PastFirings:
        statement = oversight.firings(self._database.dialect, workspace, since, until)
        return await self._columns(statement, oversight.read_firings)

    async def false_alarms(self, workspace: WorkspaceId, since: Micros) -> AbstractSet[str]:
        statement = oversight.false_alarms(self._database.dialect, workspace, since)
        return await self._columns(statement, oversight.read_false_alarms)

    async def _columns(self, statement: Select[Any], read: Callable[[Row], T]) -> T:
        """The one row of a statement that gathers columns, read beside the event loop."""
        row = await self._database.read(lambda it: it.execute(statement).one(), apart=True)
        return await asyncio.to_thread(read, row)


def _read_profile(row: Sequence[Any]) -> Profile:
    workspace, agent, name, avatar_url, languages = row
    return Profile(workspace, agent, name, avatar_url, tuple(languages.split()))


def _latest(conversations: Sequence[ConversationId], role: Role | None) -> Select[Any]:
    """Each is found from the end of its conversation, however long that is."""
    other = TABLES["message"].alias("other")
    seen = [
        other.c.conversation_id == _conversation.id,
        other.c.deleted.is_(False),
        other.c.visibility == "public",
        other.c.standing.in_(("pending", "sent")),
    ]
    if role is not None:
        seen.append(other.c.author_role == str(role))
    last = select(other.c.seq).where(*seen).order_by(other.c.seq.desc()).limit(1)
    here = (_message.conversation_id == _conversation.id) & (
        _message.seq == last.scalar_subquery().correlate(TABLES["conversation"])
    )
    return (
        select(*columns("message"))
        .select_from(TABLES["conversation"].join(TABLES["message"], here))
        .where(_conversation.id.in_(conversations))
    )


def _sorted(
    statement: Select[Any], order: Sequence[ColumnElement[Any]], *, up: bool
) -> Select[Any]:
    return statement.order_by(*(column.asc() if up else column.desc() for column in order))


def _beyond(
    order: Sequence[ColumnElement[Any]], after: Place, *, up: bool
) -> list[ColumnElement[bool]]:
    if not after:
        return []
    here, there = tuple_(*order), tuple_(*(literal(value) for value in after))
    return [here > there if up else here < there]


def _fits(wanted: Wanted, dialect: str) -> list[ColumnElement[bool]]:
    names = sorted(str(status) for status in wanted.statuses)
    nobody = wanted.agent == NOBODY
    by_field: tuple[tuple[object, Callable[[], ColumnElement[bool]]], ...] = (
        (wanted.statuses, lambda: _handoff.status.in_(names)),
        (wanted.queue, lambda: _handoff.queue == wanted.queue),
        (nobody, lambda: _handoff.assignee.is_(None)),
        (wanted.agent and not nobody, lambda: _handoff.assignee == wanted.agent),
        (wanted.channel, lambda: _handoff.channel == wanted.channel),
        (wanted.other_than, lambda: _handoff.assignee != wanted.other_than),
        (wanted.conversation, lambda: _handoff.conversation_id == wanted.conversation),
        (wanted.person, lambda: _handoff.conversation_id.in_(conversations(wanted.person))),
        (wanted.since, lambda: _handoff.opened_at >= wanted.since),
        (wanted.until, lambda: _handoff.opened_at < wanted.until),
        (wanted.label, lambda: holds(dialect, _handoff.labels, wanted.label)),
        (wanted.text, lambda: _mentions(wanted.text)),
        (wanted.sight, lambda: seen(given(wanted.sight))),
    )
    return [condition() for asked, condition in by_field if asked]


def _mentions(text: str) -> ColumnElement[bool]:
    fields = (_handoff.title, _handoff.description, _contact.name, _contact.email)
    number = text.removeprefix("#")
    numbered = number.isascii() and number.isdigit() and len(number) < 19  # noqa: PLR2004 - 64 bits
    named = _handoff.number == int(number) if numbered else false()
    return or_(*(overview.contains(field, text) for field in fields), named)
