"""What agents write in Slack, as CommonMark: pure, and careful that nothing internal gets out.

Slack gives a message twice: as `rich_text` blocks (what the composer made; exact) and as `text` in
Slack's own markup. The blocks are read when they are there and we know all that is in them.

People, groups, channels and addresses of the workspace become neutral words: their ids and names
are nobody's business outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.slack import mrkdwn, richtext
from adapters.slack.inside import Names, nobody, outward, scrub

_BROKEN = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """U+0000 and lone surrogates, which databases and encodings refuse, as U+FFFD."""
    return _BROKEN.sub("\ufffd", text)


# --- who is named --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """`users` are those named one by one; `anybody` is true for a group or everyone, too."""

    users: tuple[str, ...] = ()
    anybody: bool = False


_NOBODY = Named()
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_GROUP = re.compile(r"<!(?:subteam\^|here|channel|everyone)")


def named_in(text: str) -> Named:
    """Whom a message in Slack's markup names. Slack escapes what was only typed to look so."""
    if "<@" not in text and "<!" not in text:
        return _NOBODY
    users = tuple(dict.fromkeys(_USER.findall(text)))
    return Named(users, bool(users) or _GROUP.search(text) is not None)


# --- what is said --------------------------------------------------------------------------------


def from_markup(text: str, names: Names = nobody) -> str:
    """A message's `text` as CommonMark."""
    return clean(richtext.to_commonmark(outward(mrkdwn.read(clean(text)), names)))


def from_blocks(blocks: object, names: Names = nobody) -> str | None:
    """A message's `rich_text` blocks as CommonMark; None when it consists of anything else."""
    prose = richtext.prose_of(blocks)  # which costs a tenth of the rest
    if prose is not None:
        return scrub(prose)
    parts = richtext.parts_of(blocks)
    return None if parts is None else clean(richtext.to_commonmark(outward(parts, names)))


def as_id(user: str) -> str:
    """For commands, whose arguments name people by their ids."""
    return f"<@{user}>"


def as_channel(channel: str) -> str:
    """The same for channels."""
    return f"<#{channel}>"


def plain(blocks: object, text: str, names: Names = nobody, channels: Names = nobody) -> str:
    """A message without any markup, as commands are read."""
    parts = richtext.parts_of(blocks)
    found = mrkdwn.read(clean(text)) if parts is None else parts
    return clean(richtext.to_plain(outward(found, names, channels)))
