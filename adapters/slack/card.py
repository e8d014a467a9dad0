"""The card: the root of a handoff's thread, which says at a glance who waits, for whom, since when.

Pure: a view in, a message out. Every state is a word, never only a colour; only buttons that work
are shown; each refresh has new block ids, since clients keep the state of elements by id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from adapters.slack import menus
from adapters.slack.blocks import (
    Block,
    Body,
    actions,
    button,
    context,
    cut,
    escape,
    fallback,
    quote,
    rich,
    row,
    section,
    small,
    units,
    words,
)
from adapters.slack.names import customer_name, first_name, isolated, number_of, safe_name
from adapters.slack.targets import Target, of_view
from adapters.slack.verbs import VERBS
from bridge.actions import NONE, Actions
from bridge.model import SECOND, Awaiting, Handoff, Micros, Priority, Status
from bridge.scores import stars
from bridge.spans import span
from bridge.templates import WORD
from bridge.views import View

QUOTE = 200
"""Units of the customer's trouble that the card shows; the whole of it is in the thread."""
MAX_TITLE = 200
SHORT = 60
"""Characters of a profile's value that fits into a line beside others."""
SHUTS_SOON = 7_200 * SECOND
"""So long before its end the card says that a sending window closes."""
LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "he": "Hebrew",
    "it": "Italian",
    "ja": "Japanese",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}
REASONS = {
    "user_request": "asked for a human",
    "bot_request": "handed over by the assistant",
    "bot_unavailable": "the assistant did not answer",
    "draft_expired": "its answer was not sent, and no other came",
    "draft_rejected": "a reviewer rejected it, and no other came",
}
ENDS = {
    Status.RESOLVED: "Resolved",
    Status.REJECTED: "Rejected",
    Status.EXPIRED: "Nobody took it in time",
    Status.CANCELLED: "Left by the customer",
}


def card(
    view: View,
    block_id: str = "",
    *,
    private: bool = False,
    again: str = "",
    notes_first: bool = False,
    goal: Micros = 0,
    opens: Micros = 0,
    now: Micros = 0,
    never: Sequence[str] = (WORD,),
    own: Actions = NONE,
    known: Sequence[str] | None = None,
) -> Body:
    """`block_id`: of the first block, where a look-up finds it again; the handoff's by default.
    `again`: something new, when the same is drawn anew, so that clients forget what was chosen.

    `private`: notifications carry nothing of the customer, neither `text` (shown by phones) nor the
    first block (shown by desktops). `notes_first`: only `!r` sends. `goal`: how long the customer
    was to wait at most, once they have waited longer. `opens`: when its queue does, which is
    closed; `now`: for what shuts soon. `never`: verbs not offered; `own`: actions. `known`:
    what the settings wish to see of the customer's attributes; None: they name none.
    """
    first = block_id or _id(view, 0)
    head = _id(view, 6) if private else first
    told = [context(_state(view, goal, opens, now), _id(view, 2 if not goal else 7))]
    if profile := _profile(view, known):
        told.append(small(profile, _id(view, 3)))
    if why := "; ".join(view.handoff.terms.why):
        told.append(small(f"Why: {cut(why, 600)}", _id(view, 9)))
    blocks = (
        _ended(view, head)
        if not view.handoff.is_open
        else _open(view, head, told, notes_first, _buttons(view, tuple(never), own))
    )
    if private:
        blocks = [_state_alone(view, first), *blocks]
    if again:
        blocks = [{**block, "block_id": f"{block['block_id']}:{again}"} for block in blocks]
    return Body(_notice(view, private), blocks, plain=_notice(view, private))


def moved(view: View, channel: str) -> Body:
    """The card of a thread that was left: the handoff is in a queue of another channel now."""
    where = context(f"Moved to {escape(view.handoff.queue)} in <#{channel}>", _id(view, 8))
    text = f"Moved: {_notice(view, private=True)}"
    return Body(text, [_head(view, _id(view, 0)), where], plain=text)


def title_of(handoff: Handoff, limit: int = MAX_TITLE) -> str:
    return isolated(cut(" ".join(handoff.title.split()), limit))


def _id(view: View, place: int) -> str:
    """Unique in the message and new with each version."""
    turn = view.conversation.awaiting_since // SECOND
    return f"{view.handoff.id}:{view.handoff.version}:{turn}:{place}"


def _notice(view: View, private: bool) -> str:
    """What a notification says: `Waiting: Sam Rivera, My parcel never arrived (#42)`."""
    handoff = view.handoff
    about = (
        "" if private else ", ".join(filter(None, [customer_name(view.contact), title_of(handoff)]))
    )
    number = f"({number_of(handoff)})" if about and handoff.number else number_of(handoff)
    return fallback(f"{state_word(view)}: {' '.join(filter(None, [about, number]))}".rstrip(": "))


def state_word(view: View) -> str:
    """The handoff's state in a word or two."""
    handoff = view.handoff
    if handoff.ends_at:
        return "Resolving"
    if handoff.status is Status.QUEUED:
        return "Waiting"
    if handoff.status is Status.SNOOZED:
        return "Snoozed"
    if handoff.status is Status.ASSIGNED:
        return safe_name(handoff.assignee_name, "A colleague")
    return ENDS[handoff.status]


# --- the two frames ------------------------------------------------------------------------------


def _open(
    view: View, first: str, told: list[Block], notes_first: bool, buttons: list[Block]
) -> list[Block]:
    blocks = [_head(view, first), *_trouble(view), *told, actions(buttons, _id(view, 4))]
    if view.handoff.status is Status.ASSIGNED:
        blocks.append(small(_hint(view, notes_first), _id(view, 5)))
    return blocks


def _ended(view: View, first: str) -> list[Block]:
    return [_head(view, first), small(ending(view), _id(view, 1))]


def _head(view: View, block_id: str) -> Block:
    """① **Sam Rivera** · My parcel never arrived `#42`"""
    handoff = view.handoff
    elements = words(customer_name(view.contact), bold=True)
    if title := title_of(handoff):
        elements += words(f" · {title}")
    if handoff.number:
        elements += [*words(" "), *words(number_of(handoff), code=True)]
    return row(elements, block_id)


def _state_alone(view: View, block_id: str) -> Block:
    """Before ①, where notifications are private: **Waiting** `#42`"""
    elements = words(state_word(view), bold=True)
    if view.handoff.number:
        elements += [*words(" "), *words(number_of(view.handoff), code=True)]
    return row(elements, block_id)


def _trouble(view: View) -> list[Block]:
    """② What it is about, in the words of whoever opened it; nothing when the title says it."""
    text = trouble(view.handoff)
    if not text or text == view.handoff.title.strip():
        return []
    parts = [quote(words(cut(text, QUOTE)))]
    if units(text) > QUOTE:
        parts.append(section(words("whole text in the thread", italic=True)))
    return [rich(*parts, block_id=_id(view, 1))]


def trouble(handoff: Handoff) -> str:
    reason = "" if handoff.terms.why else handoff.reason_text  # which the card tells beside it
    return (handoff.description or handoff.summary or reason).strip()


def _state(view: View, goal: Micros, opens: Micros, now: Micros) -> str:
    """③ `Waiting since 14:02 (3 minutes ago) · Orders · high · webchat · English`; what is overdue
    in bold, with its goal."""
    facts = (escape(each) for each in _facts(view))
    closed = f"closed until {date(opens)}" if opens else ""
    shuts = window(view.answer_until, now)
    return " · ".join(filter(None, [_lead(view, goal), closed, *facts, shuts]))


def _lead(view: View, goal: Micros) -> str:
    handoff, conversation = view.handoff, view.conversation
    if handoff.ends_at:
        return f"Resolved by {escape(safe_name(handoff.closed_by))}, unless somebody undoes it now"
    if handoff.status is Status.QUEUED and conversation.awaiting is Awaiting.AGENT:
        return _wait("Waiting", conversation.awaiting_since or handoff.opened_at, goal)
    if handoff.status is Status.SNOOZED:
        name = f"{escape(safe_name(handoff.assignee_name))} · " if handoff.assignee else ""
        return f"{name}Snoozed until {date(handoff.snoozed_until)}"
    waiting = {
        Awaiting.AGENT: _wait("customer waiting", conversation.awaiting_since, goal),
        Awaiting.CUSTOMER: f"answered {clock(conversation.awaiting_since)}",
        Awaiting.NOBODY: "",
    }[conversation.awaiting]
    return " · ".join(filter(None, [escape(state_word(view)), waiting]))


def _wait(who: str, since: Micros, goal: Micros) -> str:
    text = f"{who} since {clock(since)}"
    return f"*{text}, goal {span(goal)}*" if goal else text


def _facts(view: View) -> list[str]:
    handoff, conversation = view.handoff, view.conversation
    queue = "" if handoff.queue == "default" else handoff.queue
    priority = "" if handoff.priority is Priority.NORMAL else str(handoff.priority)
    locale = (conversation.locale or view.contact.locale).split("-")[0].split("_")[0].lower()
    facts = [queue, priority, conversation.channel, LANGUAGES.get(locale, "")]
    return [cut(fact, 60) for fact in facts if fact]


def _profile(view: View, known: Sequence[str] | None) -> str:
    """④ `Pro · on /checkout · Chrome on Android · asked for a human · 2nd contact`"""
    handoff = view.handoff
    every = view.contact.attributes.values() if known is None else known
    said = [str(value) for value in every if _short(value)][:3]
    path = urlsplit(view.conversation.page_url).path if view.conversation.page_url else ""
    page = f"on {path}" if path and path != "/" else ""
    again = f"{_ordinal(view.earlier + 1)} contact" if view.earlier else ""
    facts = [
        view.contact.email,
        *said,
        page,
        view.conversation.device,
        REASONS.get(handoff.reason, ""),
        again,
        *handoff.labels,
    ]
    return cut(" · ".join(isolated(cut(fact, 80)) for fact in facts if fact), 600)


def _short(value: object) -> bool:
    return isinstance(value, str | int | float) and 0 < len(str(value)) <= SHORT


def _ordinal(number: int) -> str:
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _buttons(view: View, but: tuple[str, ...], own: Actions) -> list[Block]:
    """⑤ What can be done with it now."""
    target, status = of_view(view), view.handoff.status
    if view.handoff.ends_at:
        return [menus.press(VERBS["reopen"], target, "primary")]
    if status is Status.QUEUED:
        about = f"Assign {target.read_out} to me"
        take = button("assign_me", "Assign to me", target.about, about, "primary")
        return [take, *_named(target, ("assign",), but, own)]
    names = ("wake", "resolve", WORD, "note") if status is Status.SNOOZED else HAD
    return _named(target, tuple(name for name in names if name not in but), but, own)


HAD = ("resolve", WORD, "note")


def _named(
    target: Target, names: tuple[str, ...], but: tuple[str, ...], own: Actions
) -> list[Block]:
    """Their buttons, and *More…* with the rest. A resolve with a reason is in there, too."""
    shown = tuple(name for name in names if name != "resolve")
    more = menus.more(target, shown + but, own)
    return [*(menus.press(VERBS[name], target) for name in names), *more]


def _hint(view: View, notes_first: bool) -> str:
    """⑥"""
    if notes_first:
        return f"!r text goes to {first_name(view.contact)} · all else stays here · ! for actions"
    return f"Replies here go to {first_name(view.contact)} · !n note · ! for actions"


def ending(view: View) -> str:
    """`Resolved by Ana · 12 min · ★★★★★ · refund`"""
    handoff = view.handoff
    by_agent = handoff.status in (Status.RESOLVED, Status.REJECTED)
    by = f" by {safe_name(handoff.closed_by)}" if by_agent and handoff.closed_by else ""
    outcome = isolated(handoff.outcome) if by_agent else ""
    rated = stars(handoff.rating.score) if handoff.rating.score else ""
    took = span(handoff.closed_at - handoff.opened_at)
    facts = [f"{ENDS[handoff.status]}{by}", took, rated, outcome]
    return cut(" · ".join(fact for fact in facts if fact), 1_000)


def window(until: Micros, now: Micros) -> str:
    """Until when the customer's channel takes answers; empty: always."""
    if not until:
        return ""
    if now >= until:
        return "*too late to answer until they write again*"
    if until - now <= SHUTS_SOON:
        return f"*closes {moment_of(until)}*"
    return f"answer until {date(until)}"


# --- times ---------------------------------------------------------------------------------------


def clock(at: Micros) -> str:
    """`14:02 (3 minutes ago)`, ticking by itself in Slack."""
    seconds = at // SECOND
    return f"<!date^{seconds}^{{time}}|{utc(at)}> (<!date^{seconds}^{{ago}}|{utc(at)}>)"


def moment_of(at: Micros) -> str:
    return f"<!date^{at // SECOND}^{{time}}|{utc(at)}>"


def date(at: Micros) -> str:
    return f"<!date^{at // SECOND}^{{date_short_pretty}} {{time}}|{utc(at, day=True)}>"


def utc(at: Micros, *, day: bool = False) -> str:
    """For where Slack cannot show the reader's own time."""
    moment = datetime.fromtimestamp(at / SECOND, UTC)
    return moment.strftime("%d %b %H:%M UTC" if day else "%H:%M UTC")
