"""When rules are asked, and what is done when one fires: parts of the steps in `talk.py`,
`answering.py` and `opening.py`.

While the bot has the conversation a rule may hand it over; what else it wishes (labels, a priority,
a queue) is for the handoff that opens, now or later. In a handoff it is done at once; a queue and
handing over mean nothing there. Each firing is an event, and a line in the thread; a rule that took
too long to look is an event, and nothing follows.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.commands import Escalation, FalseAlarm, Reply
from bridge.effects import Line
from bridge.events import Kind
from bridge.memory import NO_MEMORY, Firing
from bridge.model import Author, Message, Mode, Priority, Role, replace
from bridge.patterns import TOO_LONG
from bridge.triggers import sensitive
from bridge.triggers.rules import Rule, Said, look
from bridge.turn import DESKBRIDGE, Turn

REASON = "trigger"
"""Of a handoff that a rule opened."""
TITLE = 80
_RANKS = tuple(Priority)


def user_said(turn: Turn, message: Message) -> Escalation | None:
    """What the rules make of it: the handoff that one wishes, if any does. A new visit is a new
    beginning; rules never see more than this message and what is remembered."""
    if not turn.policy.triggers:
        return None
    before = turn.case.conversation.user_at
    if _with_bot(turn) and before and turn.at - before >= turn.policy.visit_gap:
        turn.conversation = replace(turn.conversation, memory=NO_MEMORY)
    said = Said(
        Role.USER, message.text, turn.at, turn.conversation.channel, turn.contact.attributes
    )
    fired = _looked(turn, said, message.author, message=message.id)
    wish = _wish(turn, fired, message.text)
    if wish:  # there is no next answer of the bot's that somebody would have to approve
        turn.conversation = replace(turn.conversation, approve_next="")
    return wish


def bot_said(turn: Turn, author: Author, replies: Sequence[Reply]) -> Escalation | None:
    """The same for what the bot is about to say, all of one answer together. What is to be approved
    is held, whether it is handed over or not."""
    if not turn.policy.triggers:
        return None
    channel, attributes = turn.conversation.channel, turn.contact.attributes
    fired: list[Rule] = []
    for each in replies:
        said = Said(Role.BOT, each.text, turn.at, channel, attributes, each.confidence, each.intent)
        fired += _looked(turn, said, author)
    asked = turn.case.subject
    return _wish(turn, fired, asked.text if asked else "")


def _with_bot(turn: Turn) -> bool:
    return turn.conversation.mode is Mode.BOT


def _looked(turn: Turn, said: Said, author: Author, **about: str) -> list[Rule]:
    """All that fire on one message are told by one post."""
    found = look(turn.policy.triggers, said, turn.conversation.memory)
    turn.conversation = replace(turn.conversation, memory=found.memory)
    firings = [_fired(turn, rule, why, author, **about) for rule, why in found.fired]
    for rule in found.unchecked:
        body = {"rule": rule.name, "kind": rule.kind, "why": TOO_LONG, **about}
        turn.note(Kind.TRIGGER_UNCHECKED, author, **body)
    if turn.handoff and turn.handoff.is_open:
        _done(turn, firings)
    elif firings:
        wishes = (*found.memory.wishes, *firings)
        turn.conversation = replace(turn.conversation, memory=replace(found.memory, wishes=wishes))
    return [rule for rule, _ in found.fired]


def _fired(turn: Turn, rule: Rule, why: str, author: Author, **about: str) -> Firing:
    does, with_bot = rule.does, _with_bot(turn)
    body = {"rule": rule.name, "kind": rule.kind, "why": why, **about}
    turn.note(Kind.TRIGGER_FIRED, author, **body, handed_over=does.hand_over and with_bot)
    if does.approve and with_bot:
        turn.conversation = replace(turn.conversation, approve_next=f"{rule.name}: {why}")
    named, priority = turn.events[-1].id, str(does.priority or "")
    return Firing(rule.name, rule.kind, why, named, does.labels, priority, does.queue)


def _wish(turn: Turn, fired: Sequence[Rule], text: str) -> Escalation | None:
    """`text`: what the user wrote."""
    if not _with_bot(turn) or not any(rule.does.hand_over for rule in fired):
        return None
    why = "; ".join(firing.why for firing in turn.conversation.memory.wishes)
    return Escalation(title_of(text), reason=REASON, reason_text=why)


def title_of(text: str) -> str:
    """Of a handoff about what a user wrote: its first line, unless something in it is to be
    repeated nowhere."""
    secret = sensitive.find(text, sensitive.SECRET)
    return "" if secret else text.strip().split("\n")[0][:TITLE]


# --- the handoff ---------------------------------------------------------------------------------


def wished(turn: Turn, wish: Escalation) -> Escalation:
    """With what rules wished for the handoff that opens, whoever opens it. Who opens it knows its
    queue better."""
    wishes = turn.conversation.memory.wishes
    if not wishes:
        return wish
    labels = (*wish.labels, *(each for firing in wishes for each in firing.labels))
    queue = next((firing.queue for firing in wishes if firing.queue), "")
    why = tuple(f"{firing.rule}: {firing.why}" for firing in wishes)
    return replace(
        wish, labels=labels, queue=wish.queue or queue, terms=replace(wish.terms, why=why)
    )


def raised(turn: Turn, priority: Priority) -> Priority:
    """The highest of those wished for and this one."""
    wished = (Priority(each.priority) for each in turn.conversation.memory.wishes if each.priority)
    return max((priority, *wished), key=_RANKS.index)


def shown(turn: Turn) -> None:
    """What fired before the handoff was open is done and told in it."""
    memory = turn.conversation.memory
    _done(turn, memory.wishes)
    if memory.wishes:
        turn.conversation = replace(turn.conversation, memory=replace(memory, wishes=()))


def _apply(turn: Turn, firing: Firing) -> None:
    handoff = turn.open_handoff
    new = [each for each in firing.labels if each not in handoff.labels]
    wanted = Priority(firing.priority) if firing.priority else handoff.priority
    priority = max((handoff.priority, wanted), key=_RANKS.index)
    if new or priority is not handoff.priority:
        turn.change(labels=(*handoff.labels, *new), priority=priority)
        before = str(handoff.priority)
        turn.note(Kind.HANDOFF_CHANGED, DESKBRIDGE, add=new, priority=[before, str(priority)])


def _done(turn: Turn, firings: Sequence[Firing]) -> None:
    """What they wish, and one post for all of them."""
    for firing in firings:
        _apply(turn, firing)
    if firings:
        turn.line(Line.TRIGGERED, detail="\n".join(map(_told, firings)))


def _told(firing: Firing) -> str:
    """In a line, as `read_told` reads it."""
    parts = (firing.id, firing.rule, firing.why)
    return "\t".join(" ".join(part.split()) for part in parts)


def read_told(detail: str) -> list[tuple[str, str, str]]:
    """Of each firing its id, the rule and why."""
    lines = (line.partition("\t") for line in detail.split("\n"))
    parts = ((firing, rest.partition("\t")) for firing, _, rest in lines)
    return [(firing, rule, why) for firing, (rule, _, why) in parts]


def false_alarm(turn: Turn, command: FalseAlarm) -> None:
    """Somebody says that a rule should not have fired. What it did stays as it is."""
    by = command.by.as_author()
    turn.note(Kind.FALSE_ALARM, by, firing=command.firing, rule=command.rule)
    turn.data = {"firing": command.firing}
