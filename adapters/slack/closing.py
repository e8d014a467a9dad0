"""Lines about closing: who is not heard any more, what a queue wants to be told before a handoff is
resolved, and what ends with it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.slack import menus, replies
from adapters.slack.arguments import with_flag
from adapters.slack.blocks import Block, button, cut, words
from adapters.slack.names import first_name, number_of, safe_name
from adapters.slack.targets import of_view
from bridge.effects import Line
from bridge.endings import WRAP_UP
from bridge.views import LinePost, View

MAX_REASON = 80


def _blocked(view: View, post: LinePost) -> list[Block]:
    why = f": {cut(post.detail, MAX_REASON)}" if post.detail else ""
    name = first_name(view.contact)
    return words(f"{_who(post)} blocked {name}{why}. What {name} writes goes nowhere")


def _unblocked(view: View, post: LinePost) -> list[Block]:
    return words(f"{_who(post)} unblocked {first_name(view.contact)}")


def _resolve_first(view: View, _: LinePost) -> list[Block]:
    name = first_name(view.contact)
    return words(f"{name} is with a person. Resolve the conversation to give {name} to the bot?")


def _wrap_up(_: View, post: LinePost) -> list[Block]:
    return words(f"⚠️ {_who(post)}: {replies.refusal(WRAP_UP)}")


def _who(post: LinePost) -> str:
    return safe_name(post.name, "A colleague")


MAKERS: Mapping[Line, Callable[[View, LinePost], list[Block]]] = {
    Line.BLOCKED: _blocked,
    Line.UNBLOCKED: _unblocked,
    Line.RESOLVE_FIRST: _resolve_first,
    Line.WRAP_UP: _wrap_up,
}


def offers(view: View, post: LinePost) -> list[Block]:
    """What can be done about it."""
    handoff = view.handoff
    if post.line is Line.RESOLVE_FIRST and handoff.is_open:
        about = f"Resolve {number_of(handoff)}".strip()
        return [button("resolve", "Resolve", handoff.id, about)]
    if post.line is Line.WRAP_UP and handoff.is_open:
        silent, _, reason = post.detail.partition("\n")
        return [menus.wrap_up(of_view(view), with_flag(silent, reason) if silent else reason)]
    if post.line is Line.BLOCKED:
        return [button("unblock", "Unblock", handoff.id, f"Unblock {first_name(view.contact)}")]
    return []
