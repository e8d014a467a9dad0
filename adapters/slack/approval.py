"""An approval as reviewers see it: its card, the call to who has not looked, and what changed when
it was edited. Pure; its forms are in `deciding.py`.

The draft is somebody's words, so it goes only where nothing is markup. What is decided says by whom
in words, and has nothing more to press.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import orjson

from adapters.slack import markdown
from adapters.slack.blocks import (
    Block,
    Body,
    actions,
    button,
    called,
    cut,
    fallback,
    moment,
    quote,
    rich,
    row,
    section,
    spoken,
    units,
    words,
)
from adapters.slack.card import utc
from adapters.slack.names import customer_name, safe_name, speaker
from bridge.gates import Act, Approval, Stand
from bridge.model import SECOND, Attachment, Message, Micros
from bridge.reviewing import Shown
from bridge.spans import span

PRESS = "approval_"
"""Before the name of an act: what a button does."""
WHOLE = "approval_whole"
"""The button that shows all of a draft that the card shows the beginning of."""
MAX_DRAFT = 2_500
"""Units of a draft, and of each side of a change."""
MAX_SAID = 200
MOST_LINES = 40
COMPARED, MOST_PAIRS = 600, 20_000
"""Words of a text that are compared one by one, and how many of one side may be the same as one of
the other: by them it takes its time."""
LABELS: Mapping[Act, tuple[str, str]] = {
    Act.APPROVE: ("Approve", "Approve it as it is"),
    Act.EDIT: ("Edit…", "Edit it, and approve that"),
    Act.REJECT: ("Reject…", "Reject it with a reason"),
    Act.RESPOND: ("Respond instead…", "Answer in place of it"),
}
WHY: Mapping[str, str] = {
    "everything": "all the assistant says is approved first",
    "user": "what this customer is told is approved first",
    "queue": "answers in this queue are approved first",
    "intent": "answers of this kind are approved first",
}
ENDED: Mapping[str, str] = {
    "human_in_control": "Not sent: a person has the conversation now.",
    "conversation_moved_on": "Not sent: the conversation has changed hands since.",
    "conversation_deleted": "Not sent: the conversation was deleted.",
}
_ENDS: Mapping[Stand, str] = {
    Stand.APPROVED: "Approved by ",
    Stand.EDITED: "Approved after an edit by ",
    Stand.RESPONDED: "Answered instead by ",
    Stand.REJECTED: "Rejected by ",
}


def card(shown: Shown, block_id: str, whom: Sequence[str] = (), *, private: bool = False) -> Body:
    """`whom`: who is called to it. `private`: notifications have no words of it."""
    it = shown.approval
    head = row(_head(shown), block_id)
    body = _pending(it, shown, whom) if it.is_pending else _settled(it)
    text = _notice(shown, private=private)
    return Body(text, [head, *body], plain=text)


def call(shown: Shown, whom: Sequence[str], block_id: str) -> Body:
    """Below the card: it waits still."""
    it = shown.approval
    mentions = _mentions(whom)
    left = f"This waits for a decision until {utc(it.expires_at)}, {_default(it)}."
    until = _time(it.expires_at)
    said = [*words("This waits for a decision until "), until, *words(f", {_default(it)}.")]
    elements = [*mentions, *said]
    return Body(spoken([*mentions, *words(left)]), [row(elements, block_id)], plain=left)


def decided(it: Approval) -> str:
    """Who did what, for who was too late."""
    if it.is_pending:
        return "It is not decided yet."
    return spoken(_outcome(it))


def _notice(shown: Shown, *, private: bool) -> str:
    it = shown.approval
    state = "To approve" if it.is_pending else decided(it)
    name = "" if private or shown.contact is None else f"{customer_name(shown.contact)}, "
    about = "" if private else f": {name}{cut(' '.join(it.title.split()), 200)}"
    return fallback(f"{state}{about}")


def _head(shown: Shown) -> list[Block]:
    title = words(" ".join(shown.approval.title.split()) or "Approval")
    if shown.contact is None:
        return [{**each, "style": {"bold": True}} for each in title]
    return [*words(customer_name(shown.contact), bold=True), *words(" · "), *title]


def _pending(it: Approval, shown: Shown, whom: Sequence[str]) -> list[Block]:
    label = "Draft of the assistant" if it.revision == 1 else f"Edited by {_editor(it)}"
    parts = [*_said(shown), section(words(label, italic=True)), quote(_value(it.value))]
    if not _is_shown_whole(it.value):
        parts.append(section(words(BEGINNING, bold=True)))
    mentions = _mentions(whom)
    below = [row(mentions)] if mentions else []
    return [rich(*parts), row(_state(it)), *below, _buttons(it)]


BEGINNING = "This is only its beginning. Show all… has the rest."


def _said(shown: Shown) -> list[Block]:
    """What was said last, each in a line."""
    if shown.contact is None:
        return []
    contact = shown.contact
    lines = []
    for message in shown.said:
        who = [*words(speaker(message.author, contact), bold=True), *words(": ")]
        lines.append(section([*who, *words(_line(message))]))
    return lines


def _line(message: Message) -> str:
    if message.deleted:
        return "(removed)"
    files = [f"📎 {each.name}" for each in message.attachments]
    return cut(" ".join([*message.text.split(), *files]), MAX_SAID) or "…"


def _editor(it: Approval) -> str:
    return safe_name(it.votes[0].name, "somebody") if it.votes else "somebody"


def _state(it: Approval) -> list[Block]:
    """`Waits since 14:02 · until 14:17, then rejected · 1 of 2 for it: Ana · queues · why`. People
    and groups are mentioned below it."""
    since, until = _time(it.created_at), _time(it.expires_at)
    parts = [*words("Waits since "), since, *words(" · until "), until]
    told = [_default(it)]
    if it.quorum > 1:
        names = ", ".join(safe_name(vote.name, "somebody") for vote in it.votes)
        told.append(f"{len(it.votes)} of {it.quorum} for it{f': {names}' if names else ''}")
    if queues := [name for name in it.reviewers if not called(name)]:
        too = ", too" if len(queues) < len(it.reviewers) else ""
        told.append(f"who is in {' or '.join(queues)} may decide{too}")
    if it.why:
        told.append(WHY.get(it.why, it.why))
    first, *rest = told
    return [*parts, *words(cut(f", {' · '.join([first, *rest])}", 1_000))]


def _default(it: Approval) -> str:
    return "then it is approved" if it.on_timeout == Act.APPROVE else "then it is rejected"


def _buttons(it: Approval) -> Block:
    value = f"{it.id}|{it.revision}"
    made = [
        button(
            f"{PRESS}{act}",
            label,
            value,
            spoken_label,
            {Act.APPROVE: "primary", Act.REJECT: "danger"}.get(act, ""),
        )
        for act, (label, spoken_label) in LABELS.items()
        if act in it.allowed
    ]
    if not _is_shown_whole(it.value):
        made.append(button(WHOLE, "Show all…", value, "Show all of the draft"))
    return actions(made, f"{it.id}:{it.version}")


def _settled(it: Approval) -> list[Block]:
    blocks = [row(_outcome(it))]
    if it.usable is None:
        parts = [section(words("The draft was:", italic=True)), quote(_value(it.draft))]
        return [*blocks, rich(*parts)] if it.draft is not None else blocks
    if it.usable == it.draft or it.status is Stand.RESPONDED:
        return [*blocks, rich(quote(_value(it.usable)))]
    return [*blocks, rich(section(words("What changed:", italic=True)), quote(_changed(it)))]


def _outcome(it: Approval) -> list[Block]:
    if it.status is Stand.EXPIRED:
        return words(_expired(it))
    parts = words(f"{_ENDS[it.status]}{safe_name(it.decided_name, 'somebody')}")
    after = f" · {span(it.decided_at - it.created_at)}"
    if it.status is Stand.REJECTED and it.reason.strip():
        after += f" · {cut(' '.join(it.reason.split()), 500)}"
    if it.send and it.usable is not None:
        sent = f" · {ENDED.get(it.not_sent, 'Not sent.')}" if it.not_sent else " · sent"
        after += sent
    return [*parts, *words(after)]


def _expired(it: Approval) -> str:
    if it.reason in ENDED:
        return ENDED[it.reason]
    default = "approved" if it.usable is not None else "rejected"
    sent = " and sent" if it.message_id else ""
    return f"Nobody decided in time, so it was {default} by itself{sent}."


def _mentions(whom: Sequence[str]) -> list[Block]:
    found = [mention for each in whom if (mention := called(each))]
    return [part for each in found for part in (each, *words(" "))]


def _time(at: Micros) -> Block:
    return moment(at // SECOND, "{time}", utc(at))


# --- what a draft says ---------------------------------------------------------------------------


def _value(value: Any) -> list[Block]:
    """Words as the customer will read them, an action a line for each of its parts."""
    if is_words(value):
        told_too = words(cut(_extras(value), MAX_DRAFT))
        return [*markdown.flat(cut(value["text"], MAX_DRAFT)), *told_too] or words(" ")
    return words(cut(told(value, MOST_LINES), MAX_DRAFT) or " ")


def _is_shown_whole(value: Any) -> bool:
    said = told(value)
    return units(said) <= MAX_DRAFT and said == told(value, MOST_LINES)


def told(value: Any, lines: int = 0) -> str:
    """At most so many `lines` of an action; zero: all."""
    if is_words(value):
        return f"{value['text']}{_extras(value)}"
    return "\n".join(lines_of(value, lines))


def is_words(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("text"), str)


def _extras(value: dict[str, Any]) -> str:
    buttons, files = value.get("buttons"), value.get("attachments")
    told = [f"[ {each.get('text')} ]" for each in _dicts(buttons)]
    told += [f"📎 {Attachment(**each).name}" for each in _dicts(files) if each.keys() == _FILE]
    return "\n" + " ".join(told) if told else ""


_FILE = {"name", "mime", "size", "ref"}


def _dicts(given: object) -> list[dict[str, Any]]:
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def lines_of(value: Any, most: int = MOST_LINES) -> list[str]:
    """`amount: 5`, `items.0.name: Shoe`. At most so many; zero: all."""
    lines = [f"{path}: {text}" if path else text for path, text in _flat(value)]
    more = len(lines) - most if most else 0
    return [*lines[:-more], f"… and {more} more"] if more > 0 else lines


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    pairs: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    if not pairs:
        yield path, value if isinstance(value, str) else orjson.dumps(value).decode()
    for name, inner in pairs:
        yield from _flat(inner, f"{path}.{name}" if path else str(name))


# --- what changed --------------------------------------------------------------------------------


def _changed(it: Approval) -> list[Block]:
    """Struck out what is gone, bold what is new."""
    if is_words(it.draft) and is_words(it.usable):
        before, after = it.draft["text"].split(" "), it.usable["text"].split(" ")
        joint = " "
    else:
        before, after, joint = lines_of(it.draft), lines_of(it.usable), "\n"
    if max(len(before), len(after)) > COMPARED or _pairs(before, after) > MOST_PAIRS:
        return _value(it.usable)
    return _marked(before, after, joint)


def _pairs(before: Sequence[str], after: Sequence[str]) -> int:
    """Of a word that is in both, each with each."""
    there = Counter(after)
    return sum(number * there[word] for word, number in Counter(before).items())


def _marked(before: Sequence[str], after: Sequence[str], joint: str) -> list[Block]:
    parts: list[Block] = []
    room = MAX_DRAFT
    for _, start, end, new_start, new_end in SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        gone, new = before[start:end], after[new_start:new_end]
        same = gone == new
        for piece, style in ((gone, {} if same else {"strike": True}), (new, {"bold": True})):
            if not piece or (same and style) or room <= 0:
                continue
            text = cut(joint.join(piece), room)
            room -= len(text)
            parts += [*words(text, **style), *words(joint)]
    return parts or words(" ")
