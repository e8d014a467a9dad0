"""Lines in a thread about what did not arrive, on either side. Pure, and parts of `lines.py`."""

from __future__ import annotations

from adapters.slack import markdown, replies
from adapters.slack.blocks import Block, words
from adapters.slack.names import first_name
from bridge.carrying import OF_FETCH, OF_POST
from bridge.model import Message, Role, Visibility
from bridge.views import LinePost, View

MAX_EXCERPT, LEAK = 80, "leak:"


def excerpt(message: Message | None) -> list[Block]:
    """Which message is meant, in its first words; a secret is not written down once more."""
    open_ = message and LEAK not in message.held_for
    text = markdown.excerpt(message.text, MAX_EXCERPT) if message and open_ else ""
    return words(f"“{text}”", italic=True) if text else words("This message")


def failed(view: View, post: LinePost) -> list[Block]:
    reason = post.detail or (post.message.held_for if post.message else "")
    if post.message is None:
        return words(f"⚠️ What was said before is missing here: {replies.not_shown(reason)}.")
    if gone := _missing_files(post.message, reason):
        sent = f"⚠️ {gone} is missing here, which {first_name(view.contact)} sent: "
        return words(f"{sent}{_why_missing(reason)}.")
    if post.message.visibility is Visibility.INTERNAL:
        what = [*words("⚠️ The note "), *excerpt(post.message)]
        return [*what, *words(f" is missing here: {replies.not_shown(reason)}.")]
    if post.message.author.role is Role.USER:
        said = words(f"⚠️ {first_name(view.contact)} wrote ")
        missing = words(f", which is missing here: {replies.not_shown(reason)}.")
        return [*said, *excerpt(post.message), *missing]
    name = first_name(view.contact)
    told = f" did not reach {name}: {replies.failure(reason)}."
    if reason == replies.UNKNOWN:
        told = f" may or may not have reached {name}: the channel did not answer."
    return [*words("⚠️ "), *excerpt(post.message), *words(told)]


def _missing_files(message: Message, code: str) -> str:
    """The names of what is missing of what came with a user's message; see `bridge.carrying`."""
    kind, _, rest = code.partition(":")
    names = [file.name for file in message.attachments]
    if kind == OF_POST:
        places = [int(each) for each in rest.partition(":")[0].split("+")]
        names = [names[n] for n in places if n < len(names)]
    return ", ".join(names) if kind in (OF_POST, OF_FETCH) else ""


def _why_missing(code: str) -> str:
    kind, _, rest = code.partition(":")
    return replies.not_given(rest) if kind == OF_FETCH else replies.not_shown(rest.split(":")[-1])
