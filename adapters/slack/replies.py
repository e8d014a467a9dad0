"""What the desk says to agents, in plain words: a table for every code that the core answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack.blocks import Block, Body, actions, button, escape, fallback, row, words
from adapters.slack.failures import CHANNEL
from adapters.slack.verbs import TABLE, About, Verb
from bridge.actions import MISSING
from bridge.claiming import ONLINE_REQUIRED
from bridge.labels import UNKNOWN as UNKNOWN_LABEL
from bridge.readymade import MACRO, UNFILLED

ONLINE = "online:"
"""Before the name of a button: it says first that who presses it is online."""
NOT_MEMBER = "Only members of this desk can do that. Ask to be added to its channel."

REFUSALS: Mapping[str, str] = {
    "not_a_member": NOT_MEMBER,
    "assignee_not_a_member": "{name} is not a member of this desk, so they cannot take it.",
    "assigned_already": "Somebody else has it by now. To have it all the same, take it over.",
    "not_now": "That cannot be done in its present state.",
    "not_your_queue": "It came to a queue that is not yours, so only its members can look at it.",
    "already_decided": "Somebody has decided that already.",
    "no_words": "That has no words that could be sent.",
    "unknown_approval": "I know no such approval any more.",
    "already_voted": "You have voted for it already; others have to agree.",
    "draft_changed": "Somebody has changed the draft since. Look at it again, then decide.",
    "not_a_reviewer": "It is for others to decide: ask those who are named on the card.",
    "act_not_allowed": "Whoever asked does not allow that.",
    "bad_value": "Some of that does not fit.",
    "already_ended": "This conversation has ended already.",
    "leaks": "That seems to hold something secret, so nothing was sent. Written as a reply in the "
    "thread it can be looked at, and sent all the same.",
    "window_closed": "{customer} has been silent for so long that the channel takes no answers.",
    "handoff_open": "{customer} is with a person now, so the bot is silent anyway. "
    "Resolve the conversation to give {customer} back.",
    "wrap_up_required": "Its queue wants to be told more before the end: a label, how it ended, "
    "or both. Resolve asks for what is missing.",
    "not_in_the_future": "That time has passed already.",
    "not_allowed": "Your role on this desk does not allow that. Ask a supervisor.",
    "online_required": "You are away, and only those who are online take conversations here.",
    "away": "{name} is away.",
    "no_room": "{name} has no room for another conversation.",
    "unknown_queue": "There is no queue of that name.",
    "nothing_to_recall": "There is no reply of yours to take back.",
    "already_recalled": "Your last reply was taken back already.",
    "delete_not_allowed": "Deleting is not allowed by the settings of this desk.",
    "open_elsewhere": "{customer} has another open conversation: block them there.",
    "blocked": "{customer} is blocked.",
    "bot_paused": "The bot is paused in all conversations, until somebody says /desk resume all.",
    "unknown_thread": "There is no conversation in this thread.",
    "unknown_handoff": "I know no conversation like that.",
    "unknown_user": "I know no customer like that.",
    "unknown_conversation": "I know no conversation like that.",
    "unknown_message": "I do not know that message any more.",
    "human_in_control": "A person is answering here.",
    "stale_epoch": "Somebody else was faster. Look again.",
    "bad_profile": "Some of that cannot be shown to customers.",
    "bad_data": "I could not write that down, so nothing was done.",
    "id_reused": "That was done already.",
    "store_unavailable": "I could not write that down just now, so nothing was done. "
    "Please try again in a moment.",
    "unknown_label": "This desk has no such label.",
    "unknown_template": "There is no template of that name.",
    "unfilled": "Nothing was sent: I do not know everything that it says about this customer.",
    "not_a_reply": "It begins like a note or a command, so nothing was sent.",
    "not_understood": "I do not understand it.",
    "held": "It is held and was not sent: the thread has what can be done.",
    "not_for_customers": "That is for the team, and not for customers.",
    "unknown_action": "This desk has no action of that name.",
    "action_missing": "It needs more to be filled in; its form asks for it.",
    "action_takes_nothing": "That action takes no words.",
    "question_over": "The conversation that this question was about has ended.",
    "membership_unknown": "I could not ask Slack whether you belong to this desk, so nothing was "
    "done. Please try again in a moment.",
}

UNHEARD = frozenset({"not_a_member", "question_over"})
"""Why somebody's words in a thread reached nobody, of whom no line tells."""

HELD: Mapping[str, str] = {
    "unknown_command": "it begins like a command that I do not understand.",
    "foreign": "{assignee} has this conversation.",
    "online_required": "{author} is away, and only those who are online take conversations here.",
    "ended": "this conversation has ended.",
    "bot_in_charge": "this conversation has ended and the bot answers now.",
    "mention": "it names a colleague.",
    "files": "files cannot be sent there.",
    "file_elsewhere": "a file of it is kept outside Slack, or hidden, and cannot be sent.",
    "no_words": "it has no words of its own, and what it shares stays here.",
    "window_closed": "{customer} has been silent for so long that the channel takes no answers.",
    "correction": "it replaces what {customer} has, which that channel cannot change.",
    "leak:private_key": "it seems to hold a private key.",
    "leak:api_key": "it seems to hold a key or a token.",
    "leak:password": "it seems to hold a password.",
    "leak:card_number": "it seems to hold a card number.",
    "leak:iban": "it seems to hold the number of a bank account.",
    "leak:internal_link": "it has a link into your own network.",
    "leak:other": "it has words that your desk keeps to itself.",
    "not_a_member": "{author} is not a member of this desk.",
    "membership_unknown": "Slack did not say whether {author} is a member of this desk.",
}

SLOW = "leak:unchecked."
"""Before the number of a pattern."""

FILES: Mapping[str, str] = {
    "file_too_large": "a file of it is over 25 MiB",
    "file_type": "a file of it could run where it is opened, and such files are not sent",
    "file_empty": "a file of it is empty",
    "file_gone": "a file of it is gone",
    "file_elsewhere": "a file of it is kept outside Slack",
    "file_not_allowed": "the app may not read files here; it needs the permission files:read",
    "no_room": "there is no room for more files; an administrator can make some",
}
"""Why what came with a message could not be sent."""

FAILURES: Mapping[str, str] = {
    "too_long": "it is too long for that channel",
    "user_gone": "the customer cannot be reached there any more",
    "window_closed": "the channel no longer allows an answer",
    "no_channel": "this desk has no such channel any more",
    "blocked": "the customer has blocked the page, or cannot be reached there any more",
    "window_closed_for_agents": "the customer has been silent for over seven days, "
    "after which the channel takes no answers",
    "human_agent_not_granted": "the customer has been silent for over 24 hours; later answers need "
    "Meta's permission Human Agent, which this page has not been granted",
    "page_restricted": "Meta has restricted the page; an administrator has to look at its inbox",
    "no_permission": "the page's token lacks a permission; an administrator has to renew it",
    "token_refused": "Meta refuses the page's token; an administrator has to renew it",
    "other_app_in_control": "another app, the page's inbox for one, has the conversation. "
    "Let it go there, then press Retry",
    "bad_attachment": "the channel did not take the file",
    "tag_abused": "Meta warns that late answers are used too often; an administrator has to look",
    "bad_message": "the channel cannot show this message",
    **FILES,
    "given_up": "the channel could not be reached for a long time",
}

NOT_SHOWN: Mapping[str, str] = {
    "file_gone": "the file is not kept any more",
    "file_not_allowed": "the app may not upload files here; it needs the permission files:write",
    "no_room": "there is no room for more files",
    "file_type": "files of its kind are not accepted",
    "file_too_large": "it is too large",
    "file_elsewhere": "it is kept where it cannot be read",
}

CORRECTIONS: Mapping[str, str] = {
    "edit_stays_inside": "Your edit stays here: {customer} still sees the message as it was sent.",
    "edit_mentions": "Your edit names a colleague and stays here: {customer} still sees "
    "the message as it was sent.",
    "edit_leaks": "Your edit seems to hold something secret and stays here: {customer} still sees "
    "the message as it was sent.",
    "cannot_edit": "{customer} still sees the message as it was first sent: "
    "that channel cannot change it.",
    "cannot_delete": "{customer} still sees the message: that channel cannot remove it.",
}

MOVED: Mapping[str, str] = {
    "cannot_reply_to_message": "The thread of this handoff takes no more replies",
    "restricted_action_thread_locked": "The thread of this handoff was locked",
    **dict.fromkeys(CHANNEL, "The channel of this handoff's thread cannot be used any more"),
}

HEAD = """\
*In a thread* your words go to the customer; a mark on each says what became of it:
✅ sent · ⏳ about to leave · 🔒 note, stays here · ✋ held, nothing sent · ⚠️ failed
`!n text` or `;; text` a note · `!r text` a reply, even if it looks like a note · `!` alone: buttons
*Every command*, as `!word` in a thread or `/desk word` anywhere; with `/desk` say which one: `42`,
`#42`, a link to the thread or, for a customer, a name"""
"""What stands above the list of verbs on the help page."""
TAIL = "`/assign`, `/resolve`, `/pause` and `/resume` are short for `/desk assign` and so on."


def plain(text: str) -> Body:
    return Body(fallback(text), [row(words(text))])


def online_first(action_id: str, value: str) -> Body:
    """Who is away takes nothing, but for this: it goes online, and does what was asked for."""
    text = REFUSALS[ONLINE_REQUIRED]
    return Body(escape(text), [row(words(text)), actions([go_online(action_id, value)])])


def go_online(action_id: str, value: str, label: str = "Go online and take it") -> Block:
    return button(f"{ONLINE}{action_id}", label, value, style="primary")


def usage(verb: Verb) -> Body:
    """How the verb is written."""
    return plain(f"I did not understand that. It is: {spelt(verb)} — {verb.help}")


def spelt(verb: Verb) -> str:
    """`/desk snooze 42 2h | 30m`"""
    which = "" if verb.about is About.DESK else "42"
    return " ".join(filter(None, ["/desk", verb.name, which, verb.usage]))


def help_page(lead: str = "") -> Body:
    """Every command there is."""
    lines = [f"`{verb.name}{_behind(verb)}` {verb.help}" for verb in TABLE]
    parts = ["\n".join(filter(None, [lead, HEAD])), "\n".join([*lines, TAIL])]
    blocks: list[Block] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": part, "verbatim": True}}
        for part in parts
    ]
    return Body("\n".join(parts), blocks)


def _behind(verb: Verb) -> str:
    return f" {verb.usage}" if verb.usage else ""


def refusal(reason: str, **values: str) -> str:
    """Why the core said no. A code that is not in the table is shown as it is; behind a line break
    stands of what it is, or of which step of a macro."""
    code, _, of = reason.partition("\n")
    if code == MACRO:
        step, _, why = of.partition("\n")
        return stopped(step, why, **values)
    text = REFUSALS.get(code)
    if text is None:
        return f"That did not work ({code})."
    if code == UNKNOWN_LABEL and of:
        return _no_such_label(text, of)
    return " ".join(filter(None, [_sentence(text.format_map(_Values(values))), _named(code, of)]))


def stopped(step: str, reason: str, **values: str) -> str:
    """Where a macro ended."""
    return f"“{step}” was not done, nor what follows it. {refusal(reason, **values)}"


def _no_such_label(text: str, of: str) -> str:
    strange, *near = of.splitlines()
    return f"{text.removesuffix('.')}: {strange}. {meant(near)}".strip()


def _named(code: str, of: str) -> str:
    if code == UNFILLED and of:
        return f"Missing: {', '.join(f'{{{{{name}}}}}' for name in of.splitlines())}."
    if code == MISSING:
        return f"Missing: {', '.join(of.splitlines())}."
    return meant(of.splitlines())


def meant(near: Sequence[str]) -> str:
    """What may have been meant; empty: nobody knows."""
    return f"Did you mean {' or '.join(near)}?" if near else ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def held(reasons: str, **values: str) -> str:
    """Why a message was held, be it for several reasons (codes with commas between)."""
    texts = [HELD.get(reason) or _strange(reason) for reason in reasons.split(",")]
    said = ", and ".join(text.removesuffix(".") for text in texts)
    return f"{said.format_map(_Values(values))}."


def _strange(reason: str) -> str:
    _, slow, number = reason.partition(SLOW)
    if slow:
        return f"pattern {number} of the leak guard took too long and was not checked."
    return f"of a rule ({reason})."


def failure(reason: str) -> str:
    """Why the user's channel did not take a message."""
    return FAILURES.get(reason, f"the channel refused it ({reason})")


UNKNOWN = "unknown_outcome"
"""The answer of a channel was lost: the user may have the message, or not."""


def not_shown(reason: str) -> str:
    """Why the desk did not take a post, or what came with it."""
    return NOT_SHOWN.get(reason, f"Slack did not take it ({reason})")


def not_given(reason: str) -> str:
    """Why a user's channel did not give what came with a message."""
    return NOT_SHOWN.get(reason, f"the channel did not give it ({reason})")


NOT_ASKED: Mapping[str, str] = {
    "no_such_place": "there is no such channel with you and this app in it. /invite the app there.",
    "place_archived": "it is archived.",
    "place_shared": "people of other organizations are in it.",
}


def not_asked(reason: str) -> str:
    """Why a question was not put into another channel."""
    return NOT_ASKED.get(reason, f"Slack did not take it ({reason}).")


NOT_DONE: Mapping[str, str] = {
    "private_address": "its address leads inside the network, which the settings do not allow.",
    "no_action": "the settings do not have it any more.",
}


def not_done(reason: str) -> str:
    """Why an action of the desk's own was not done, as far as we know."""
    if reason.startswith("failed_"):
        return "the other system could not be reached, or did not answer in time."
    if reason.startswith("http_"):
        return f"the other system refused it ({reason.removeprefix('http_')})."
    return NOT_DONE.get(reason, f"something went wrong ({reason}).")


def moved(reason: str) -> str:
    """Why a handoff goes on in another thread."""
    return f"{MOVED.get(reason, 'The thread of this handoff was deleted')}; it goes on here."


def correction(reason: str, **values: str) -> str:
    text = CORRECTIONS.get(reason, "{customer} still sees the message as it was sent.")
    return _sentence(text.format_map(_Values(values)))


class _Values(dict[str, Any]):
    """What a sentence is filled with; what is not known is called so."""

    def __missing__(self, key: str) -> str:
        return _UNNAMED.get(key, "They")


_UNNAMED = {
    "customer": "the customer",
    "assignee": "a colleague",
    "author": "the author",
    "name": "That person",
}
