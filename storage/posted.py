"""Statements about where things stand on networks: the desk's posts, and what users' channels
have."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, select

from storage.tables import metadata

_post, _message, _thread = (metadata.tables[name].c for name in ("post", "message", "thread"))
_PLACE = (_post.team, _post.channel, _post.ts)
LINES_ABOUT = select(*_PLACE).where(_post.message_id == bindparam("about"), _post.part < 0)
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
POSTED = select(_post.ts).where(
    _post.team == bindparam("team"),
    _post.channel == bindparam("channel"),
    _post.ts.in_(bindparam("ids", expanding=True)),
)
