"""The read side: what adapters and the outbox look up. Nothing here changes or locks anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, Table, and_, bindparam, func, or_, select

from bridge.attending import Seat
from bridge.model import (
    OPEN,
    AgentId,
    Contact,
    Conversation,
    ConversationId,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Micros,
    Thread,
    WorkspaceId,
)
from bridge.policy import Traits
from bridge.stores import LATEST
from bridge.views import Figures, News, View
from storage import overview
from storage.database import Database
from storage.dialects import ids as among_ids
from storage.lining import AHEAD, WAITS, in_queue
from storage.mapping import CONTACT, CONVERSATION, HANDOFF, MESSAGE, THREAD, read_message
from storage.newest import newest_threads
from storage.paging import every
from storage.persons import handoffs_elsewhere
from storage.posted import LINES_ABOUT, POSTED, POSTS_OF, QUESTIONS
from storage.roster import SqlRoster
from storage.statements import select_among
from storage.tables import metadata
from storage.together import Together

T: Mapping[str, Table] = metadata.tables
X = TypeVar("X")
_conversation, _contact, _handoff, _message, _thread, _receipt = (
    T[name].c for name in ("conversation", "contact", "handoff", "message", "thread", "receipt")
)
# A list would be put in only when the statement is run.
_IS_OPEN = or_(*(_handoff.status == status for status in sorted(map(str, OPEN))))
SHOWN = (
    _message.visibility == "public",
    or_(_message.standing == "pending", _message.standing == "sent"),
)


_COLUMNS: Mapping[str, list[Any]] = {
    "contact": CONTACT.columns(T["contact"]),
    "conversation": CONVERSATION.columns(T["conversation"]),
    "handoff": HANDOFF.columns(T["handoff"]),
    "message": MESSAGE.columns(T["message"]),
    "thread": THREAD.columns(T["thread"]),
}


def columns(table: str) -> list[Any]:
    """In the order in which the table's mapper reads them."""
    return _COLUMNS[table]


def _by(table: str, column: Any) -> Select[Any]:
    return select(*_COLUMNS[table]).where(column == bindparam("value"))


_CONVERSATION = _by("conversation", _conversation.id)
_CONTACT = (
    select(*_COLUMNS["contact"])
    .join(T["conversation"], _conversation.contact_id == _contact.id)
    .where(_conversation.id == bindparam("value"))
)
_MESSAGE_OF = _by("message", _message.source)


def _read_news(rows: Sequence[Sequence[Any]]) -> News:
    """Each row has a message, if there is one, beside the conversation and its handoff."""
    first, at = rows[0], len(CONVERSATION.names)
    after = at + len(HANDOFF.names)
    handoff = HANDOFF.read(first, at) if first[at] else None
    messages = [read_message(row, after) for row in rows if row[after]]
    return News(CONVERSATION.read(first), handoff, messages)


class SqlReads:
    """Implements `bridge.stores.Reads`. By channel, `has_bot`: whether there is a bot that gets a
    conversation back, `traits`: what the channel can."""

    def __init__(
        self,
        database: Database,
        has_bot: Callable[[str], bool],
        traits: Callable[[str], Traits] = lambda _: Traits(),
    ) -> None:
        self._database = database
        self._has_bot = has_bot
        self._traits = traits
        self._message = Together(self.messages)
        self._thread = Together(self._newest_threads)

    async def _rows(self, statement: Any, **values: Any) -> Sequence[Sequence[Any]]:
        """Of a statement that is made once."""
        return await self._database.rows(statement, values)

    async def _made(self, statement: Any, **values: Any) -> Sequence[Sequence[Any]]:
        """Of a statement that is put together for this question."""
        return await self._database.read(lambda to: to.execute(statement, values).all())

    async def _one(self, statement: Any, make: Callable[..., X], **values: Any) -> X | None:
        rows = await self._rows(statement, **values)
        return make(rows[0]) if rows else None

    # --- one thing -------------------------------------------------------------------------------

    async def conversation(self, id: ConversationId) -> Conversation | None:
        return await self._one(_CONVERSATION, CONVERSATION.read, value=id)

    async def contact(self, conversation: ConversationId) -> Contact | None:
        return await self._one(_CONTACT, CONTACT.read, value=conversation)

    async def message(self, id: str) -> Message | None:
        return await self._message.one(MessageId(id))

    async def messages(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        """Those that there are, by id."""
        if not ids:
            return {}
        dialect = self._database.dialect
        rows = await self._rows(select_among(dialect, "message"), ids=among_ids(dialect, ids))
        return {message.id: message for message in map(read_message, rows)}

    async def lines_about(self, id: MessageId | HandoffId) -> list[tuple[str, str, str]]:
        rows = await self._rows(LINES_ABOUT, about=id)
        return [(row[0], row[1], row[2]) for row in rows]

    async def posts_of(self, id: MessageId) -> list[tuple[str, str, str]]:
        return [(row[0], row[1], row[2]) for row in await self._rows(POSTS_OF, message=id)]

    async def by_message(self, source: str) -> Message | None:
        return await self._one(_MESSAGE_OF, read_message, value=source)

    async def news(
        self, id: ConversationId, after_rev: int = LATEST, limit: int = 200
    ) -> News | None:
        rows = await self._rows(_NEWS, conversation=id, after=after_rev, most=limit)
        return _read_news(rows) if rows else None

    async def thread(self, handoff: HandoffId) -> Thread | None:
        return await self._thread.one(handoff)

    async def _newest_threads(self, handoffs: Sequence[HandoffId]) -> dict[HandoffId, Thread]:
        dialect = self._database.dialect
        rows = await self._rows(newest_threads(dialect), ids=among_ids(dialect, handoffs))
        return {thread.handoff_id: thread for thread in map(THREAD.read, rows)}

    # --- what the desk's own history is compared with --------------------------------------------

    async def threads_since(self, workspace: WorkspaceId, closed_after: Micros) -> list[Thread]:
        opened = await self._rows(_THREADS_OPEN, workspace=workspace)
        ended = await self._rows(_THREADS_ENDED, workspace=workspace, closed_after=closed_after)
        newest: dict[HandoffId, Thread] = {}
        for thread in map(THREAD.read, [*opened, *ended]):
            newest.setdefault(thread.handoff_id, thread)
        return list(newest.values())

    async def questions(self, workspace: WorkspaceId) -> list[Thread]:
        return [THREAD.read(row) for row in await self._rows(QUESTIONS, workspace=workspace)]

    async def said_in(self, handoff: HandoffId) -> list[Message]:
        return [read_message(row) for row in await self._rows(_SAID_IN, handoff=handoff)]

    async def taken(self, keys: Sequence[str]) -> set[str]:
        if not keys:
            return set()
        return {row[0] for row in await self._made(_TAKEN, keys=list(keys))}

    # --- what a user's channel tells of us -------------------------------------------------------

    async def seq_at(self, conversation: ConversationId, at: Micros) -> int:
        rows = await self._rows(_SEQ_AT, conversation=conversation, at=at)
        return int(rows[0][0] or 0)

    async def posted(self, team: str, channel: str, ids: Sequence[str]) -> set[str]:
        if not ids:
            return set()
        rows = await self._made(POSTED, team=team, channel=channel, ids=list(ids))
        return {row[0] for row in rows}

    # --- views of handoffs -----------------------------------------------------------------------

    async def view(self, handoff: HandoffId) -> View | None:
        return await self._one(_VIEW, self._read_view, value=handoff)

    async def view_of(self, conversation: ConversationId) -> View | None:
        return await self._one(_VIEW_OF, self._read_view, value=conversation)

    async def by_number(self, workspace: WorkspaceId, number: int) -> View | None:
        return await self._view((_handoff.workspace_id == workspace) & (_handoff.number == number))

    async def by_thread(self, team: str, channel: str, ts: str) -> View | None:
        place = (_thread.team == team) & (_thread.channel == channel) & (_thread.ts == ts)
        return await self._view(_handoff.id.in_(select(_thread.handoff_id).where(place)))

    async def open_of(self, workspace: WorkspaceId, agent: AgentId) -> list[View]:
        mine = (_handoff.workspace_id == workspace) & (_handoff.assignee == agent)
        return await every(self.views, VIEWS.where(mine & _IS_OPEN))

    async def open_all(self, workspace: WorkspaceId) -> list[View]:
        here = _handoff.workspace_id == workspace
        return await every(self.views, VIEWS.where(here & _IS_OPEN))

    async def ahead(self, handoff: Handoff) -> int:
        return int((await self._rows(AHEAD, **in_queue(handoff)))[0][0])

    async def _view(self, condition: Any) -> View | None:
        views = await self._views(condition, 1)
        return views[0] if views else None

    async def _views(self, condition: Any, limit: int) -> list[View]:
        return await self.views(VIEWS.where(condition).limit(limit))

    async def views(self, statement: Select[Any]) -> list[View]:
        """Of a statement that was made of `VIEWS`."""
        return [self._read_view(row) for row in await self._made(statement)]

    def _read_view(self, row: Sequence[Any]) -> View:
        first, second = len(HANDOFF.names), len(HANDOFF.names) + len(CONVERSATION.names)
        conversation = CONVERSATION.read(row, first)
        return View(
            handoff=HANDOFF.read(row),
            conversation=conversation,
            contact=CONTACT.read(row, second),
            bot=self._has_bot(conversation.channel),
            earlier=row[-1],
            answer_until=self._traits(conversation.channel).answer_until(conversation.user_at),
        )

    # --- messages --------------------------------------------------------------------------------

    async def shown(
        self, conversation: ConversationId, after_rev: int, limit: int = 200
    ) -> list[Message]:
        """What a user may see with a rev greater than `after_rev`, by rev."""
        news = await self.news(conversation, after_rev, limit)
        return list(news.messages) if news else []

    async def before(self, conversation: ConversationId, seq: int, limit: int) -> list[Message]:
        rows = await self._rows(_BEFORE, conversation=conversation, seq=seq, most=limit)
        return [read_message(row) for row in reversed(rows)]

    async def between(
        self, conversation: ConversationId, after_seq: int, to_seq: int
    ) -> list[Message]:
        rows = await self._rows(_BETWEEN, conversation=conversation, after=after_seq, to=to_seq)
        return [read_message(row) for row in rows]

    async def history(
        self, conversation: ConversationId, before_seq: int, limit: int, *, notes: bool = False
    ) -> list[Message]:
        made = overview.notes if notes else overview.history
        rows = await self._made(made(conversation, before_seq, limit))
        return [read_message(row) for row in reversed(rows)]

    async def live(
        self, workspace: WorkspaceId, since: Micros, limit: int = 50
    ) -> list[tuple[Conversation, Contact]]:
        return await self._people(overview.live(workspace, since, limit))

    async def _people(self, statement: Any) -> list[tuple[Conversation, Contact]]:
        return [
            (CONVERSATION.read(row), CONTACT.read(row, len(CONVERSATION.names)))
            for row in await self._made(statement)
        ]

    # --- the desk as a whole ---------------------------------------------------------------------

    async def stuck(self, workspace: WorkspaceId, agent: AgentId) -> list[Message]:
        return [read_message(row) for row in await self._made(overview.stuck(workspace, agent))]

    async def figures(
        self, workspace: WorkspaceId, since: Micros, agent: AgentId | None = None
    ) -> Figures:
        return await overview.figures(self._made, workspace, since, agent)

    async def waits(self, workspace: WorkspaceId, queue: str, since: Micros) -> Sequence[Micros]:
        given = {"workspace": workspace, "queue": queue, "since": since}
        return [int(row[0]) for row in await self._made(WAITS.params(given))]

    async def seats(self, workspace: WorkspaceId) -> Sequence[Seat]:
        return await SqlRoster(self._database).seats(workspace)

    async def silent_bots(self, workspace: WorkspaceId) -> dict[str, str]:
        return {row[0]: row[1] for row in await self._made(overview.silent(workspace))}


_earlier = T["handoff"].alias("earlier")
VIEWS = (
    select(
        *_COLUMNS["handoff"],
        *_COLUMNS["conversation"],
        *_COLUMNS["contact"],
        (
            select(func.count())
            .where(
                _earlier.c.conversation_id == _handoff.conversation_id,
                _earlier.c.opened_at < _handoff.opened_at,
            )
            .scalar_subquery()
            + handoffs_elsewhere()
        ).label("earlier"),
    )
    .join(T["conversation"], _conversation.id == _handoff.conversation_id)
    .join(T["contact"], _contact.id == _conversation.contact_id)
    .order_by(_handoff.opened_at)
)
_VIEW = VIEWS.where(_handoff.id == bindparam("value"))
_VIEW_OF = VIEWS.where(
    _handoff.conversation_id == bindparam("value"), _conversation.handoff_id == _handoff.id
)
_NEWS = (
    select(*_COLUMNS["conversation"], *_COLUMNS["handoff"], *_COLUMNS["message"])
    .select_from(
        T["conversation"]
        .outerjoin(T["handoff"], _conversation.handoff_id == _handoff.id)
        .outerjoin(
            T["message"],
            and_(
                _message.conversation_id == _conversation.id,
                _message.rev > bindparam("after"),
                *SHOWN,
            ),
        )
    )
    .where(_conversation.id == bindparam("conversation"))
    .order_by(_message.rev)
    .limit(bindparam("most"))
)
_BEFORE = (
    select(*_COLUMNS["message"])
    .where(
        _message.conversation_id == bindparam("conversation"),
        _message.seq <= bindparam("seq"),
        _message.deleted.is_(False),
        *SHOWN,
    )
    .order_by(_message.seq.desc())
    .limit(bindparam("most"))
)
_BETWEEN = (
    select(*_COLUMNS["message"])
    .where(
        _message.conversation_id == bindparam("conversation"),
        _message.seq > bindparam("after"),
        _message.seq <= bindparam("to"),
        _message.deleted.is_(False),
        *SHOWN,
    )
    .order_by(_message.seq)
)
# Two, since each has an index of its own.
_THREADS_OF = (
    select(*_COLUMNS["thread"])
    .join(T["handoff"], _handoff.id == _thread.handoff_id)
    .where(_handoff.workspace_id == bindparam("workspace"))
)
_THREADS_OPEN = _THREADS_OF.where(_IS_OPEN).order_by(
    _handoff.opened_at.desc(), _thread.generation.desc()
)
_THREADS_ENDED = _THREADS_OF.where(_handoff.closed_at > bindparam("closed_after")).order_by(
    _handoff.closed_at.desc(), _thread.generation.desc()
)
_SAID_IN = (
    select(*_COLUMNS["message"])
    .where(
        _message.conversation_id
        == select(_handoff.conversation_id)
        .where(_handoff.id == bindparam("handoff"))
        .scalar_subquery(),
        _message.handoff_id == bindparam("handoff"),
        _message.source.is_not(None),
    )
    .order_by(_message.order, _message.seq)
)
_SEQ_AT = select(func.max(_message.seq)).where(
    _message.conversation_id == bindparam("conversation"),
    _message.sent_at <= bindparam("at"),
    _message.standing == "sent",  # what is on its way yet was not read
    *SHOWN,
)
_TAKEN = select(_receipt.key).where(_receipt.key.in_(bindparam("keys", expanding=True)))
