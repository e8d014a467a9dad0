"""Lines in a thread about help that agents get from others: questions that were put elsewhere,
actions in other systems, and suggestions.
Pure, and parts of `lines.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.slack import forms, replies
from adapters.slack.blocks import MAX_POST, Block, button, channel, cut, row, units, words
from adapters.slack.ids import is_channel
from adapters.slack.markdown import plain
from adapters.slack.names import first_name, safe_name
from adapters.slack.targets import Target
from bridge.commands import Suggested
from bridge.effects import Line
from bridge.model import Message, Standing
from bridge.settling import SUGGESTION
from bridge.views import LinePost, View

USE, EDIT, DISMISS = "use_suggestion", "edit_suggestion", "dismiss_suggestion"
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


def _suggested(_view: View, post: LinePost) -> list[Block]:
    kind = post.message.held_for.removeprefix(SUGGESTION) if post.message else ""
    what = f" suggests {_KINDS.get(kind, 'something')}; only the team sees it:\n"
    text = plain(post.message.text) if post.message and not post.message.deleted else ""
    return [*words("💡 "), *words(_name(post), bold=True), *words(f"{what}{cut(text, ROOM)}")]


_KINDS = {"reply": "a reply", "summary": "a summary", "translation": "a translation"}


def offers(view: View, message: Message) -> list[Block]:
    """What can be done with a suggestion; a summary is nothing for customers."""
    if message.standing is not Standing.HELD or message.deleted:
        return []
    dismiss = button(DISMISS, "Dismiss", message.id, "Dismiss the suggestion")
    if message.held_for == f"{SUGGESTION}{Suggested.SUMMARY}":
        return [dismiss]
    name = cut(first_name(view.contact), 30)
    send = button(USE, f"Send to {name}", message.id, style="primary")
    return [send, button(EDIT, "Edit…", message.id, "Edit before it is sent"), dismiss]


def suggestion_form(message: Message, target: Target) -> forms.View:
    """Its words, to be edited and sent."""
    name = first_name(target.contact)
    if units(message.text) > forms.MAX_INPUT:
        return forms.shown(replies.plain("It is too long to be changed here."), "Suggestion")
    whom = row(words(target.called, bold=True))
    fields = [whom, forms.text(f"As {name} will read it", message.text)]
    return forms.suggestion(fields, message.id)


def _done(_view: View, post: LinePost) -> list[Block]:
    return words(f"{_name(post)} ran {post.detail}: done")


def _not_done(_view: View, post: LinePost) -> list[Block]:
    reason, _, label = post.detail.partition("\n")
    who = safe_name(post.name, "a colleague")
    return words(f"⚠️ {label} did not work for {who}: {replies.not_done(reason)}")


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
    Line.SUGGESTED: _suggested,
    Line.ACTION_DONE: _done,
    Line.ACTION_FAILED: _not_done,
}
