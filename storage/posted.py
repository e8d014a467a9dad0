"""Statements about where things stand on networks: the desk's posts, what users' channels have,
and questions that were put elsewhere."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, literal, or_, select

from bridge.model import OPEN
from storage.tables import metadata

ASKS, QUESTION = -1, -2
"""Parts of messages that are none: a line that asks what becomes of one, and one that stands in
another place as the head of a thread."""

_post, _message, _thread, _handoff = (
    metadata.tables[name].c for name in ("post", "message", "thread", "handoff")
)
_PLACE = (_post.team, _post.channel, _post.ts)
LINES_ABOUT = select(*_PLACE).where(_post.message_id == bindparam("about"), _post.part == ASKS)
"""That ask what becomes of it."""
POSTS_OF = (
    select(*_PLACE)
    .join(metadata.tables["message"], _message.id == _post.message_id)
    .join(
        metadata.tables["thread"],
        and_(
            _thread.handoff_id == _message.handoff_id,
            _thread.team == _post.team,
            _thread.channel == _post.channel,
        ),
    )
    .where(_post.message_id == bindparam("message"), _post.part == 0)
    .distinct()
)
"""Where the desk shows a message; where the user's channel has it is another place."""
QUESTIONS = (
    select(_handoff.id, literal(1), *_PLACE)
    .join(
        metadata.tables["message"],
        and_(
            _message.conversation_id == _handoff.conversation_id,
            _message.seq > _handoff.opened_seq,  # a few of them, by an index
        ),
    )
    .join(metadata.tables["post"], _post.message_id == _message.id)
    .where(_handoff.workspace_id == bindparam("workspace"), _message.handoff_id == _handoff.id)
    .where(or_(*(_handoff.status == status for status in sorted(map(str, OPEN)))))
    .where(_message.visibility == "internal", _message.author_role == "agent")
    .where(_post.part == QUESTION)
    .order_by(_post.ts)
)
"""Those whose answers are passed on, as `THREAD` reads them."""
POSTED = select(_post.ts).where(
    _post.team == bindparam("team"),
    _post.channel == bindparam("channel"),
    _post.ts.in_(bindparam("ids", expanding=True)),
)
