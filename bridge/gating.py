"""What a bot's answer may have to pass: holding it back as a draft, and keeping an approval.

A held draft is no message: nothing of it is among what was said, so nothing of it can reach a user
before somebody approved it. Who decides, and what follows, is in `approving.py`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bridge import triggering
from bridge.commands import Escalation, Reply
from bridge.effects import SetTimer, TimerKind
from bridge.events import Kind
from bridge.favours import AskApproval
from bridge.gates import CHANNEL, VERDICTS, Act, Approval, Ask
from bridge.model import Attachment, Author, Button, HandoffId, derive_id, replace
from bridge.opening import queue_of
from bridge.turn import Turn

TITLE = "Answer of the assistant"


def why_held(turn: Turn, intent: str) -> str:
    """Why the bot's answer must be approved: by a rule, once, or by the settings; empty: it need
    not be."""
    if said := turn.conversation.approve_next:
        return said
    gate = turn.policy.gate
    return gate.holds(turn.contact, _queue(turn) if gate.queues else "", intent)


def _queue(turn: Turn) -> str:
    """Where a handoff of this user would go by now: by their topics and by what rules wish, too."""
    wish = triggering.wished(turn, Escalation(""))
    return wish.queue or queue_of(turn, [*wish.labels, *turn.topics])


def hold(turn: Turn, author: Author, reply: Reply, why: str, asker: str = "") -> Approval:
    """In place of being said."""
    turn.conversation = replace(turn.conversation, approve_next="")
    ask = Ask(TITLE, draft_of(reply), send=True, why=why)
    return request(turn, author, author.id, ask, asker)


def strictly(turn: Turn, ask: Ask) -> Ask:
    """What a bot wants to be sent is asked as the settings have it, where they hold all that it
    says: else it would choose its own reviewers, or that nobody's answer is a yes."""
    if not ask.send or not (why := why_held(turn, "")):
        return ask
    turn.conversation = replace(turn.conversation, approve_next="")
    quorum = max(ask.quorum or 1, turn.policy.gate.quorum)
    return replace(ask, reviewers=None, quorum=quorum, expires_in=None, on_timeout=None, why=why)


def request(turn: Turn, by: Author, bot_id: str, ask: Ask, asker: str) -> Approval:
    gate, conversation = turn.policy.gate, turn.conversation
    waits = gate.expires_in if ask.expires_in is None else ask.expires_in
    approval = Approval(
        id=derive_id("apr", turn.key, len(turn.approvals)),
        workspace_id=conversation.workspace_id,
        conversation_id=conversation.id,
        epoch=0 if conversation.channel == CHANNEL else conversation.epoch,
        handoff_id=_open_handoff(turn),
        bot_id=bot_id,
        asked_by=asker,
        title=ask.title,
        draft=ask.draft,
        form=ask.form,
        allowed=tuple(act for act in VERDICTS if act in (*ask.allowed, Act.REJECT)),
        reviewers=gate.reviewers if ask.reviewers is None else ask.reviewers,
        others=gate.others,
        quorum=gate.quorum if ask.quorum is None else ask.quorum,
        send=ask.send,
        on_timeout=gate.on_timeout if ask.on_timeout is None else ask.on_timeout,
        context=ask.context,
        why=ask.why,
        value=ask.draft,
        created_at=turn.at,
        expires_at=turn.at + waits,
    )
    keep(turn, approval)
    turn.note(Kind.APPROVAL_REQUESTED, by, approval=approval.id, why=ask.why)
    if turn.policy.staffed:
        turn.do(AskApproval(approval.id))
    set_timer(turn, approval)
    return approval


def _open_handoff(turn: Turn) -> HandoffId | None:
    handoff = turn.handoff
    return handoff.id if handoff and handoff.is_open else None


def keep(turn: Turn, approval: Approval) -> None:
    """As it is now; the conversation counts those that are pending."""
    before = turn.approvals.get(approval.id)
    turn.approvals[approval.id] = approval
    more = int(approval.is_pending) - int(before is not None and before.is_pending)
    if more:
        drafts = turn.conversation.drafts + more
        turn.conversation = replace(turn.conversation, drafts=drafts)


def set_timer(turn: Turn, approval: Approval, after: int | None = None) -> None:
    due = approval.next_due(turn.at if after is None else after)
    epoch = turn.conversation.epoch
    turn.do(SetTimer(TimerKind.APPROVAL, due, epoch, approval.id))


# --- drafts --------------------------------------------------------------------------------------


def draft_of(reply: Reply) -> dict[str, Any]:
    """A bot's answer as a draft."""
    files = [asdict(each) for each in reply.attachments]
    buttons = [asdict(each) for each in reply.buttons]
    more = {"buttons": buttons, "attachments": files}
    return {"text": reply.text, **{name: value for name, value in more.items() if value}}


def reply_of(draft: dict[str, Any]) -> Reply:
    """The answer of a draft."""
    return Reply(
        draft["text"],
        tuple(Button(**each) for each in draft.get("buttons", ())),
        tuple(Attachment(**each) for each in draft.get("attachments", ())),
    )
