"""Lines in a thread about help that agents get from others: questions that were put elsewhere,
and actions in other systems.
Pure, and parts of `lines.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.slack import replies
from adapters.slack.blocks import MAX_POST, Block, channel, cut, words
from adapters.slack.ids import is_channel
from adapters.slack.names import safe_name
from bridge.effects import Line
from bridge.views import LinePost, View

ROOM = MAX_POST - 300
"""Characters of somebody's text in a line of ours."""


def _asked(_view: View, post: LinePost) -> list[Block]:
    """Whoever may not know a private channel is not told its name by Slack."""
    what = [*words(f"❓ {_name(post)} asked in "), *_where(post.detail), *words(": ")]
    return [*what, *_words_of(post), *words(" · answers there come here as notes")]


def _not_asked(_view: View, post: LinePost) -> list[Block]:
    reason, _, place = post.detail.partition("\n")
    what = [*words(f"⚠️ {_name(post)}'s question was not put in "), *_where(place)]
    return [*what, *words(f": {replies.not_asked(reason)} It was: "), *_words_of(post)]


def _done(_view: View, post: LinePost) -> list[Block]:
    return words(f"{_name(post)} ran {post.detail}: done")


def _not_done(_view: View, post: LinePost) -> list[Block]:
    reason, _, label = post.detail.partition("\n")
    return words(f"⚠️ {label} did not work for {_name(post)}: {replies.not_done(reason)}")


def _where(place: str) -> list[Block]:
    return [channel(place)] if is_channel(place) else words("another channel")


def _name(post: LinePost) -> str:
    return safe_name(post.name, "A colleague")


def _words_of(post: LinePost) -> list[Block]:
    """Whole: what was asked for in a form stands nowhere else in the thread."""
    text = post.message.text if post.message and not post.message.deleted else ""
    return words(cut(text, ROOM), italic=True)


MAKERS: Mapping[Line, Callable[[View, LinePost], list[Block]]] = {
    Line.ASKED: _asked,
    Line.NOT_ASKED: _not_asked,
    Line.ACTION_DONE: _done,
    Line.ACTION_FAILED: _not_done,
}
