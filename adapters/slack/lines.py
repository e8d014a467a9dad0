"""The desk's own lines in a thread: who has it, why nothing was sent, how it ended. Pure.

They are `rich_text` made of our words and other people's names, so a name can be no markup. Only
who did not act themselves is mentioned: a mention is a notification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.slack import alarms, closing, helping, mailed, replies
from adapters.slack.blocks import (
    MAX_POST,
    Block,
    Body,
    actions,
    button,
    called,
    cut,
    fallback,
    moment,
    row,
    spoken,
    user,
    words,
)
from adapters.slack.card import ENDS, ending, title_of, utc
from adapters.slack.ids import is_user
from adapters.slack.markdown import plain
from adapters.slack.missing import MAX_EXCERPT, excerpt, failed
from adapters.slack.names import customer_name, first_name, number_of, safe_name
from adapters.slack.rated import rated
from bridge.claiming import ONLINE_REQUIRED
from bridge.effects import Line
from bridge.model import SECOND, Message, Micros, Role, Standing, Status, Visibility
from bridge.views import LinePost, View

AFTER_THE_END = frozenset({"ended", "bot_in_charge"})
"""Reasons to hold a message that is sent only by opening the conversation again."""
CORRECTION = "correction"


def line(view: View, post: LinePost, key: str, hint: str = "") -> Body:
    """The line, with a hint behind it, and below it the buttons that help, if any."""
    if post.line is alarms.TRIGGERED:
        return alarms.line(view, post, key, hint)
    elements = [*_MAKERS[post.line](view, post), *words(f" {hint}" if hint else "")]
    blocks = [row(elements, key)]
    if offers := _offers(view, post):
        blocks.append(actions(offers))
    text = spoken(elements)
    return Body(text, blocks, plain=text)


def settled(text: str) -> Body:
    """A line whose buttons were used: what was done, and nothing more to press."""
    return Body(fallback(text), [row(words(text))], plain=fallback(text))


def chosen(view: View, how: str, name: str) -> Body:
    """What became of a held message, or of a handoff that waited, in place of the line that asked.
    The latter may be read in the channel, so it names the handoff."""
    if how in ("taken", "ended"):
        taken = f"{safe_name(name, 'Somebody')} took it"
        return settled(f"{_about(view)} · {taken if view.handoff.is_open else ending(view)}")
    return settled(decided(CHOSEN[how], name, first_name(view.contact)))


def decided(text: str, name: str, customer: str = "", rule: str = "") -> str:
    return text.format(customer=customer, rule=rule, by=f" by {safe_name(name)}" if name else "")


CHOSEN: Mapping[str, str] = {
    "sent": "✋ Held at first, then sent{by}",
    "note": "🔒 Kept as a note{by}",
    "used": "💡 Suggestion used{by}",
    "dismissed": "💡 Suggestion dismissed{by}",
    "deleted": "✋ Held, and deleted before anybody sent it: {customer} has not got it",
}
"""The answer to who pressed says the same: either of the two may come first."""


def _name(post: LinePost) -> str:
    """At the beginning of a sentence."""
    return safe_name(post.name, "A colleague")


def _named(post: LinePost) -> str:
    """In the middle of one."""
    return safe_name(post.name, "a colleague")


# --- what each line says -------------------------------------------------------------------------


def _held(view: View, post: LinePost) -> list[Block]:
    what = [*words("✋ "), *excerpt(post.message)]
    return [*what, *words(f" was not sent to {first_name(view.contact)}: {_why_held(view, post)}")]


def _why_held(view: View, post: LinePost) -> str:
    reasons = (post.message.held_for if post.message else "") or post.detail
    author = post.message.author.name if post.message else post.name
    return replies.held(
        reasons,
        assignee=safe_name(view.handoff.assignee_name, "a colleague"),
        author=safe_name(author, "the author"),
        customer=first_name(view.contact),
    )


def _still_held(view: View, post: LinePost) -> list[Block]:
    """Its author is called; a message that was settled meanwhile has no buttons, and says so."""
    name = first_name(view.contact)
    what = [*words("✋ "), *_whom(post), *words(" "), *excerpt(post.message)]
    return [*what, *words(f" still waits for a word from you: {name} has not got it")]


def _whom(post: LinePost) -> list[Block]:
    mention = called(post.who)
    return [mention] if mention else words(_name(post))


def _assigned(_: View, post: LinePost) -> list[Block]:
    return _given(post, " has it")


def _transferred(_: View, post: LinePost) -> list[Block]:
    return _given(post, " has it now")


def _given(post: LinePost, what: str) -> list[Block]:
    """Who took it is not told what they know; who was given it is mentioned."""
    if post.detail == "self" or not is_user(post.who):
        return [*words(f"{_name(post)}{what}"), *_word(post)]
    by = f", by {safe_name(post.detail)}" if post.detail else ""
    return [user(post.who), *words(f"{what}{by}"), *_word(post)]


def _word(post: LinePost) -> list[Block]:
    """What who hands it on has to say to who has it next, whole: it stands nowhere else."""
    said = plain(post.message.text) if post.message and not post.message.deleted else ""
    return words(f"\n🔒 {cut(said, MAX_POST)}") if said else []


def _released(_: View, post: LinePost) -> list[Block]:
    where = f"gave it to {post.detail}" if post.detail else "gave it back"
    return [*words(f"{_name(post)} {where}: it waits for somebody"), *_word(post)]


def _ended(view: View, post: LinePost) -> list[Block]:
    """The view may be some seconds old, and then knows of no end yet."""
    if not view.handoff.is_open:
        return words(ending(view))
    end = {str(status): text for status, text in ENDS.items()}.get(post.detail, "Ended")
    by = f" by {_named(post)}" if post.detail in (Status.RESOLVED, Status.REJECTED) else ""
    return words(f"{end}{by}")


def _reopened(_: View, post: LinePost) -> list[Block]:
    return words(f"Reopened by {_named(post)}" if post.name else "Reopened")


def _snoozed(view: View, post: LinePost) -> list[Block]:
    at = int(post.detail) if post.detail.isdigit() else view.handoff.snoozed_until
    until = moment(at // SECOND, "{date_short_pretty} {time}", utc(at, day=True))
    return [*words(f"{_name(post)} snoozed it until "), until]


def _woken(view: View, post: LinePost) -> list[Block]:
    why = "its time is over" if post.detail == "time" else f"{first_name(view.contact)} wrote"
    mention = called(post.who)
    return [*([mention, *words(" ")] if mention else []), *words(f"Awake again: {why}")]


def _paused(view: View, post: LinePost) -> list[Block]:
    return words(f"{_name(post)} paused the bot for {first_name(view.contact)}")


def _resumed(view: View, post: LinePost) -> list[Block]:
    return words(f"{_name(post)} resumed the bot for {first_name(view.contact)}")


def _refused(view: View, post: LinePost) -> list[Block]:
    why = replies.refusal(post.detail, customer=first_name(view.contact))
    return words(f"⚠️ {_name(post)}: {why}")


def _correction(view: View, post: LinePost) -> list[Block]:
    return words(f"⚠️ {replies.correction(post.detail, customer=first_name(view.contact))}")


def _recalled(view: View, post: LinePost) -> list[Block]:
    text = words(f"“{cut(' '.join(post.detail.split()), MAX_EXCERPT)}”", italic=True)
    return [*words(f"{_name(post)} took back "), *text, *words(f" from {first_name(view.contact)}")]


def _deleted(_: View, post: LinePost) -> list[Block]:
    return words(f"{_name(post)} deleted the conversation: what was said is kept nowhere but here")


def _recall(view: View, post: LinePost) -> list[Block]:
    name = first_name(view.contact)
    how = f": that channel cannot take it back from {name}" if post.detail else ""
    what = f" is a note now, and yet {name} has it as it was sent{how}"
    return [*words("⚠️ "), *excerpt(post.message), *words(what)]


def _silent(view: View, _: LinePost) -> list[Block]:
    return words(f"The bot is silent here anyway: {first_name(view.contact)} is with a person")


def _waiting(view: View, post: LinePost) -> list[Block]:
    what = f" nobody has taken this yet: {first_name(view.contact)} has been waiting since "
    return [*_whom(post), *words(what), _since(view)]


def _overdue(view: View, _: LinePost) -> list[Block]:
    """Read in the channel, where the card is not beside it, so it names the handoff."""
    waits = words(f"{_about(view)} · waiting since ")
    return [*words("Overdue: ", bold=True), *waits, _since(view)]


def _about(view: View) -> str:
    handoff = view.handoff
    told = (number_of(handoff), customer_name(view.contact), title_of(handoff))
    return ", ".join(filter(None, told))


def _unanswered(view: View, post: LinePost) -> list[Block]:
    lead = f"; {_named(post)} has it" if post.detail == "lead" else ""
    what = f" {first_name(view.contact)} has been waiting for an answer since "
    return [*_whom(post), *words(what), _since(view), *words(lead)]


def _goal(view: View, post: LinePost) -> list[Block]:
    what = " not resolved in time: open since " if post.detail else " resolve soon: open since "
    return [*_whom(post), *words(what), _moment(view.handoff.opened_at)]


def _away(view: View, post: LinePost) -> list[Block]:
    return words(f"{_name(post)} is away: {first_name(view.contact)} waits for somebody else")


def _moved(_: View, post: LinePost) -> list[Block]:
    """The first line of a new thread; its assignee has followed the old one."""
    mention = called(post.who)
    return [*([mention, *words(" ")] if mention else []), *words(replies.moved(post.detail))]


def _window(view: View, post: LinePost) -> list[Block]:
    """Nothing can be said there after that, so the assignee is called."""
    at = (int(post.detail) if post.detail.isdigit() else view.answer_until) // SECOND
    closes = moment(at, "{time}", utc(at * SECOND))
    whom = [*_whom(post), *words(" ")] if post.who else []
    name, channel = first_name(view.contact), view.conversation.channel.capitalize()
    until = words(f" takes no answers to {name} after ")
    writes = words(f", until {name} writes again")
    return [*words("⏳ "), *whom, *words(channel), *until, closes, *writes]


def _since(view: View) -> Block:
    return _moment(view.conversation.awaiting_since or view.handoff.opened_at)


def _moment(at: Micros) -> Block:
    return moment(at // SECOND, "{time} ({ago})", utc(at))


_MAKERS: Mapping[Line, Callable[[View, LinePost], list[Block]]] = {
    Line.HELD: _held,
    Line.FAILED: failed,
    Line.ASSIGNED: _assigned,
    Line.TRANSFERRED: _transferred,
    Line.RELEASED: _released,
    Line.ENDED: _ended,
    Line.REOPENED: _reopened,
    Line.SNOOZED: _snoozed,
    Line.WOKEN: _woken,
    Line.PAUSED: _paused,
    Line.RESUMED: _resumed,
    Line.RECALLED: _recalled,
    Line.DELETED: _deleted,
    Line.REFUSED: _refused,
    Line.CORRECTION: _correction,
    Line.RECALL: _recall,
    Line.STILL_HELD: _still_held,
    Line.SILENT: _silent,
    Line.WAITING: _waiting,
    Line.AWAY: _away,
    Line.OVERDUE: _overdue,
    Line.UNANSWERED: _unanswered,
    Line.MOVED: _moved,
    Line.GOAL: _goal,
    Line.WINDOW: _window,
    Line.MAILED: mailed.went,
    Line.NOT_MAILED: mailed.did_not_go,
    **helping.MAKERS,
    **closing.MAKERS,
    Line.RATED: rated,
}


# --- what can be done about it -------------------------------------------------------------------


def _offers(view: View, post: LinePost) -> list[Block]:
    message, handoff, name = post.message, view.handoff, first_name(view.contact)
    number = number_of(handoff)
    if post.line in closing.MAKERS:
        return closing.offers(view, post)
    if post.line in (Line.HELD, Line.STILL_HELD) and message:
        return _held_offers(view, message)
    if post.line is Line.FAILED and message:
        return [_retry(message, name)]
    if post.line is Line.RECALL and message and not post.detail:
        short = cut(name, 30)
        return [button("recall", f"Take it back from {short}", message.id)]
    if post.line is Line.ENDED:
        whole = button("history", "Transcript", handoff.id, f"All of {number}".strip())
        again = button("reopen", "Reopen", handoff.id, f"Reopen {number}".strip())
        return [again, whole]
    if post.line is Line.REFUSED:
        away = post.detail == ONLINE_REQUIRED
        return [replies.go_online("take", handoff.id)] if away else []
    return _offers_while_open(view, post) if handoff.is_open else []


def _retry(message: Message, name: str) -> Block:
    here = message.author.role is Role.USER or message.visibility is Visibility.INTERNAL
    spoken = "Show it here again" if here else f"Send it to {name} again"
    return button("send_again", "Retry", message.id, spoken)


def _offers_while_open(view: View, post: LinePost) -> list[Block]:
    handoff = view.handoff
    number = number_of(handoff)
    if post.line is Line.SUGGESTED and post.message:
        return helping.offers(view, post.message)
    if post.line in (Line.WAITING, Line.OVERDUE) and handoff.assignee is None:
        about = f"Assign {number} to me"
        return [button("assign_me", "Assign to me", handoff.id, about, "primary")]
    return []


def _held_offers(view: View, message: Message) -> list[Block]:
    """What was held for several reasons is sent by the button that answers them all."""
    if message.standing is not Standing.HELD or message.deleted:
        return []
    reasons, name = set(message.held_for.split(",")), cut(first_name(view.contact), 30)
    keep = button("keep_as_note", "Keep as note", message.id, f"Keep it inside, not for {name}")
    empty = not message.text.strip() and not message.attachments
    if empty or "window_closed" in reasons:
        return [keep]
    send = f"Send to {name}"
    if reasons & AFTER_THE_END or not view.handoff.is_open:
        send = "Reopen and send"
    elif "files" in reasons:
        send = f"Send the words to {name}"
    elif CORRECTION in reasons:
        send = "Send as a correction"
    offers = [button("send_held", send, message.id)]
    if ONLINE_REQUIRED in reasons:
        offers = [replies.go_online("send_held", message.id, "Go online and send")]
    if "foreign" in reasons:
        offers.append(button("take_over_and_send", "Take over and send", message.id))
        offers.append(button("join_and_send", "Join and send", message.id, "Join in and send it"))
    return [*offers, keep]
