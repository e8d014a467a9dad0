"""Questions about the desk as a whole: who is live, who is called so, what is stuck, how many."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from bridge.model import OPEN, Micros
from bridge.views import Figures
from storage.dialects import dump
from storage.mapping import CONTACT, CONVERSATION, MESSAGE
from storage.persons import conversations
from storage.tables import metadata

T = metadata.tables
_conversation, _contact, _handoff, _message, _pause = (
    T[name].c for name in ("conversation", "contact", "handoff", "message", "bot_pause")
)
_OPEN = _handoff.status.in_(sorted(str(status) for status in OPEN))
RECENT = 200
"""Words are looked for in so many conversations, the newest: there is no index over words."""
MOST = 10_000


def people() -> Select[Any]:
    return (
        select(*CONVERSATION.columns(T["conversation"]), *CONTACT.columns(T["contact"]))
        .join(T["contact"], _contact.id == _conversation.contact_id)
        .order_by(_conversation.user_at.desc())
    )


def live(workspace: str, since: Micros, limit: int) -> Select[Any]:
    with_nobody = or_(_conversation.mode == "bot", _conversation.paused_by != "")
    here = and_(_conversation.workspace_id == workspace, _conversation.user_at >= since)
    return people().where(here, with_nobody).limit(limit)


def about(workspace: str, text: str) -> ColumnElement[bool]:
    """A conversation whose user is called so, or has an attribute that begins so, or that has the
    text in a handoff, or in what was said in one of the newest."""
    fields = (_contact.name, _contact.email, _conversation.id, _conversation.address)
    titled = select(_handoff.conversation_id).where(
        or_(contains(_handoff.title, text), contains(_handoff.description, text))
    )
    newest = (
        select(_conversation.id)
        .where(_conversation.workspace_id == workspace)
        .order_by(_conversation.user_at.desc())
        .limit(RECENT)
    )
    said = select(_message.conversation_id).where(
        _message.conversation_id.in_(newest), contains(_message.text, text)
    )
    return or_(
        *(contains(field, text) for field in fields),
        *(contains(_contact.attributes, value) for value in _as_value(text)),
        _conversation.id.in_(titled),
        _conversation.id.in_(said),
    )


def _as_value(text: str) -> tuple[str, str]:
    """How it would stand in JSON behind a name, as a text and as a number: names themselves are
    the same for everybody."""
    quoted = dump(text)[:-1]
    return f":{quoted}", f":{quoted[1:]}"


def contains(field: Any, text: str) -> ColumnElement[bool]:
    matches: ColumnElement[bool] = func.lower(field).like(
        f"%{_escaped(text.lower())}%", escape="\\"
    )
    return matches


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def history(conversation: str, before_seq: int, limit: int) -> Select[Any]:
    return (
        select(*MESSAGE.columns(T["message"]))
        .where(_message.conversation_id == conversation, _message.seq < before_seq)
        .order_by(_message.seq.desc())
        .limit(limit)
    )


def notes(conversation: str, before_seq: int, limit: int) -> Select[Any]:
    """Of agents, about the person: in this conversation before that place, and in their others."""
    of_agents = and_(
        _message.visibility == "internal",
        _message.author_role == "agent",
        _message.deleted.is_(False),
    )
    return (
        select(*MESSAGE.columns(T["message"]))
        .where(
            _message.conversation_id.in_(conversations(conversation)),
            or_(_message.conversation_id != conversation, _message.seq < before_seq),
            of_agents,
        )
        .order_by(_message.sent_at.desc(), _message.seq.desc())
        .limit(limit)
    )


def stuck(workspace: str, agent: str) -> Select[Any]:
    is_open = select(_handoff.id).where(_handoff.workspace_id == workspace, _OPEN)
    in_open = select(_handoff.conversation_id).where(_handoff.workspace_id == workspace, _OPEN)
    return (
        select(*MESSAGE.columns(T["message"]))
        .where(
            _message.conversation_id.in_(in_open),
            _message.handoff_id.in_(is_open),
            _message.standing.in_(("held", "failed")),
            _message.author_id == agent,
            _message.deleted.is_(False),
        )
        .order_by(_message.sent_at)
        .limit(20)
    )


def _of(workspace: str, agent: str | None) -> ColumnElement[bool]:
    here = _handoff.workspace_id == workspace
    return and_(here, _handoff.assignee == agent) if agent else and_(here)


def counts(workspace: str, since: Micros, agent: str | None) -> Select[Any]:
    """waiting, open, opened, resolved, in the order of `Figures`."""

    def number(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    late = _handoff.closed_at >= since
    return select(
        number(_handoff.status == "queued"),
        number(_OPEN),
        number(_handoff.opened_at >= since),
        number(and_(_handoff.status == "resolved", late)),
    ).where(_of(workspace, agent), or_(_OPEN, late, _handoff.opened_at >= since))


def first_replies(workspace: str, since: Micros, agent: str | None) -> Select[Any]:
    """Of handoffs that were opened since then; `agent`: who gave them, whoever has it now."""
    theirs = [_handoff.first_reply_by == agent] if agent else []
    recent = _handoff.opened_at >= since, _handoff.first_reply_at > 0
    return (
        select(_handoff.first_reply_at - _handoff.opened_at)
        .where(_of(workspace, None), *theirs, *recent)
        .limit(MOST)
    )


def scores(workspace: str, since: Micros, agent: str | None) -> Select[Any]:
    return (
        select(_handoff.score)
        .where(_of(workspace, agent), _handoff.closed_at >= since, _handoff.score > 0)
        .limit(MOST)
    )


async def figures(
    rows: Callable[[Select[Any]], Awaitable[Sequence[Sequence[Any]]]],
    workspace: str,
    since: Micros,
    agent: str | None,
) -> Figures:
    [counted] = await rows(counts(workspace, since, agent))
    waits = await rows(first_replies(workspace, since, agent))
    given = [row[0] for row in await rows(scores(workspace, since, agent))]
    waiting, still_open, opened, resolved = (int(number or 0) for number in counted)
    first_reply = int(statistics.median(row[0] for row in waits)) if waits else None
    rating = statistics.fmean(given) if given else None
    return Figures(waiting, still_open, opened, resolved, first_reply, rating, len(given))


def silent(workspace: str) -> Select[Any]:
    return select(_pause.bot_id, _pause.paused_by).where(_pause.workspace_id == workspace)
