"""What is said, as posts in the handoff's thread: the user's words, the bot's, what colleagues said
elsewhere (a note from a form, a word in the desk's name), and the preview. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from adapters.slack import markdown, mrkdwn, richtext
from adapters.slack.blocks import (
    MAX_POST,
    Block,
    Body,
    Sender,
    called,
    chunks,
    cut,
    escape,
    fallback,
    moment,
    rich,
    row,
    section,
    small,
    units,
    words,
)
from adapters.slack.card import QUOTE, trouble, utc
from adapters.slack.names import (
    bot_sender,
    customer_sender,
    first_of,
    isolated,
    safe_name,
    speaker,
)
from bridge.mailing import by_email
from bridge.model import SECOND, Attachment, Author, Contact, Message, Role, Visibility
from bridge.texts import split
from bridge.views import CustomerPost, PreviewPost, View

NOTES, NOTES_SO_FAR = "Noted at earlier handoffs", "Noted so far"
PREVIEW = 9_000
"""Units of all words in a preview: Slack refuses messages whose blocks are much longer."""


def said(view: View, post: CustomerPost, key: str, *, private: bool = False) -> Body:
    """What somebody said. Notifications show `Sam: <words>`."""
    author = post.message.author
    name = _name(view, author)
    every = [post, *(CustomerPost(message, message.text) for message in post.also)]
    parts = [_parts(each) for each in every]
    keys = ["" if private else key, *("" for _ in post.also)]
    blocks = [_spread(each, own) for each, own in zip(parts, keys, strict=True)]
    if private:
        blocks = [small("New message", key), *blocks]
    label = escape(name)
    if mention := called(post.mention):  # below the words, which notifications show
        blocks.append(row([mention]))
    plain = "\n".join(richtext.to_plain(each) for each in parts)
    notice = f"{label} wrote" if private else fallback(f"{name}: {plain}")
    whole = "\n".join(mrkdwn.write(each) for each in parts)
    return Body(notice, blocks, plain=f"{label}: {whole}", sender=_sender(view, author))


def _name(view: View, author: Author) -> str:
    if author.role is Role.BOT:
        return "Assistant"
    who = speaker(author, view.contact)
    return first_of(who) if author.role is Role.USER else who


def _sender(view: View, author: Author) -> Sender | None:
    """None: we ourselves, for what stands there in a colleague's name."""
    if author.role is Role.BOT:
        return bot_sender(author)
    return customer_sender(view.contact) if author.role is Role.USER else None


def _parts(post: CustomerPost) -> list[Block]:
    """What one message says, and what came with it."""
    if post.message.deleted:
        return _plainly("(removed)")
    user = post.message.author.role is Role.USER
    parts = [*(_plainly(post.text) if user else _marked_up(post)), *_plainly(_extras(post))]
    return [*_head(post), *parts] or [section(words(" "))]


def _head(post: CustomerPost) -> list[Block]:
    """Who of the team it was, since we post it: `🔒 Ana` above a note; and what was said by another
    way than the conversation's own."""
    message = post.message
    if by_email(message) and not post.part:
        return [section(words("✉️ by e-mail", italic=True))]
    if message.author.role in (Role.USER, Role.BOT) or post.part:
        return []
    lock = "🔒 " if message.visibility is Visibility.INTERNAL else ""
    return [section([*words(lock), *words(safe_name(message.author.name, "Desk"), bold=True)])]


def _plainly(text: str) -> list[Block]:
    return [section(words(text))] if text else []


def _marked_up(post: CustomerPost) -> list[Block]:
    """What bots and colleagues write is CommonMark; a part of a long text may begin in the midst of
    code."""
    whole = split(post.message.text, MAX_POST)
    before = "".join(whole[: post.part]) if post.text in whole else ""
    return markdown.parts(markdown.continued(before, post.text))


def _extras(post: CustomerPost) -> str:
    """With the last part of the words, what came with them."""
    if post.part + 1 < post.parts:
        return ""
    extras = [_clip(file) for file in post.message.attachments]
    if post.message.buttons:
        extras.append(" ".join(f"[ {each.text} ]" for each in post.message.buttons))
    return "\n".join(extras)


def _told(message: Message) -> str:
    """Its words, and the names of what came with it."""
    return " ".join(filter(None, [message.text, *map(_clip, message.attachments)]))


def _clip(file: Attachment) -> str:
    return f"📎 {isolated(file.name)}"


def preview(view: View, post: PreviewPost, key: str, *, private: bool = False) -> Body:
    """The messages before the handoff as one reply, a line each with author and time."""
    what = "What was said so far" if post.so_far else "Before the handoff"
    title = what + (f" (the last {len(post.messages)})" if post.more else "")
    parts = [section(words(title, bold=True))]
    room = PREVIEW
    whole = trouble(view.handoff)
    if units(whole) > QUOTE:
        shown = cut(whole, PREVIEW // 3)
        parts.append(section([*words("In full: ", bold=True), *words(shown)]))
        room -= units(shown)
    shares = _shares([_told(message) for message in (*post.messages, *post.notes)], room)
    before = [
        section(_line(message, view.contact, share))
        for message, share in zip((*post.messages, *post.notes), shares, strict=True)
    ]
    spoken, noted = before[: len(post.messages)], before[len(post.messages) :]
    above = NOTES_SO_FAR if post.so_far else NOTES
    parts += [*spoken, *([section(words(above, bold=True)), *noted] if noted else [])]
    text = f"{title}: {len(post.messages)} messages"
    blocks = [small(title, key), _spread(parts, "")] if private else [_spread(parts, key)]
    return Body(escape(text), blocks, plain=_plain(title, post, view.contact))


def _spread(parts: Sequence[Block], key: str) -> Block:
    """Sections run into each other without a line break between them."""
    for part, after in pairwise(parts):
        if part["type"] == after["type"] == richtext.SECTION:
            part["elements"].append({"type": "text", "text": "\n"})
    return rich(*parts, block_id=key)


def _line(message: Message, contact: Contact, room: int) -> list[Block]:
    """`Sam Rivera 14:02  Where is my parcel?`; a note of another time with its day."""
    seconds, note = message.sent_at // SECOND, message.visibility is Visibility.INTERNAL
    form = "{date_short_pretty} {time}" if note else "{time}"
    head = [
        *words(f"{'🔒 ' if note else ''}{speaker(message.author, contact)}", bold=True),
        *words(" "),
        moment(seconds, form, utc(message.sent_at, day=note)),
        *words("  "),
    ]
    if message.deleted:
        return [*head, *words("(removed)", italic=True)]
    text = _told(message)
    shown = text if units(text) <= room else next(iter(chunks(text, room)), "")
    said_ = words(shown) if message.author.role is Role.USER else markdown.flat(shown)
    if len(shown) < len(text):
        said_ += words(f" … ({len(text) - len(shown):,} more characters)", italic=True)
    return [*head, *said_]


def _shares(texts: Sequence[str], room: int) -> list[int]:
    """How many units of each text are shown, so that all fit: short ones whole, long ones alike."""
    lengths = [units(text) for text in texts]
    share = room // max(len(lengths), 1)
    long = [length for length in lengths if length > share]
    if long:
        spare = room - sum(length for length in lengths if length <= share)
        share = max(spare // len(long), 40)
    return [max(min(length, share), 2) for length in lengths]


def _plain(title: str, post: PreviewPost, contact: Contact) -> str:
    lines = (
        f"{escape(speaker(each.author, contact))}: {escape(each.text)}"
        for each in (*post.messages, *post.notes)
    )
    return cut("\n".join([title, *lines]), PREVIEW)
