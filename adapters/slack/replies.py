"""What the desk says to agents, in plain words: a table for every code that the core answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_MEMBER = "Only members of this desk can do that. Ask to be added to its channel."

REFUSALS: Mapping[str, str] = {
    "not_a_member": NOT_MEMBER,
    "assignee_not_a_member": "{name} is not a member of this desk, so they cannot take it.",
    "not_now": "That cannot be done in its present state.",
    "already_decided": "Somebody has decided that already.",
    "already_ended": "This conversation has ended already.",
    "already_assigned": "That is already so.",
    "handoff_open": "{customer} is with a person now, so the bot is silent anyway. "
    "Resolve the conversation to give {customer} back.",
    "not_in_the_future": "That time has passed already.",
    "not_open": "This conversation has ended. Reopen it first.",
    "nothing_to_resume": "The bot is not paused here.",
    "unknown_thread": "There is no conversation in this thread.",
    "unknown_handoff": "I know no conversation like that.",
    "unknown_conversation": "I know no conversation like that.",
    "unknown_message": "I do not know that message any more.",
    "human_in_control": "A person is answering here.",
    "stale_epoch": "Somebody else was faster. Look again.",
    "id_reused": "That was done already.",
    "store_unavailable": "I could not write that down just now, so nothing was done. "
    "Please try again in a moment.",
    "membership_unknown": "I could not ask Slack whether you belong to this desk, so nothing was "
    "done. Please try again in a moment.",
}

HELD: Mapping[str, str] = {
    "unknown_command": "it begins like a command that I do not know.",
    "foreign": "{assignee} has this conversation.",
    "ended": "this conversation has ended.",
    "bot_in_charge": "this conversation has ended and the bot answers now.",
    "mention": "it names a colleague.",
    "files": "files cannot be sent there yet.",
    "not_a_member": "{author} is not a member of this desk.",
    "membership_unknown": "Slack did not say whether {author} is a member of this desk.",
}

FAILURES: Mapping[str, str] = {
    "too_long": "it is too long for that channel",
    "user_gone": "the customer cannot be reached there any more",
    "window_closed": "the channel no longer allows an answer",
    "given_up": "the channel could not be reached for a long time",
}

CORRECTIONS: Mapping[str, str] = {
    "edit_stays_inside": "Your edit stays here: {customer} still sees the message as it was sent.",
    "cannot_edit": "{customer} still sees the message as it was first sent: "
    "that channel cannot change it.",
    "cannot_delete": "{customer} still sees the message: that channel cannot remove it.",
}

HELP = """\
*In a thread* your words go to the customer; a mark on each says what became of it:
✅ sent · 🔒 note, stays here · ✋ held, nothing sent · ⚠️ failed
`!n text` or `;; text` a note · `!r text` a reply, even if it looks like a note
`!assign me` · `!assign @colleague` · `!release` · `!resolve [reason]` · `!reopen`
`!snooze 2h` · `!wake` · `!priority high` · `!label vip -spam`
*Anywhere*
`/assign [42] [me | @colleague]` · `/resolve [42] [reason]`
`/pause [42 | name]` · `/resume [42 | name]`
`/desk queue` who waits · `/desk mine` what you have · `/desk help` this page
`/desk assign`, `/desk resolve`, `/desk pause` and `/desk resume` do the same.
Numbers may be written `42`, `#42` or as a link to the thread."""


def refusal(reason: str, **values: str) -> str:
    """Why the core said no. A code that is not in the table is shown as it is."""
    text = REFUSALS.get(reason)
    if text is None:
        return f"That did not work ({reason})."
    return _sentence(text.format_map(_Values(values)))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def held(reason: str, **values: str) -> str:
    text = HELD.get(reason, f"of a rule ({reason}).")
    return text.format_map(_Values(values))


def failure(reason: str) -> str:
    """Why the user's channel did not take a message."""
    return FAILURES.get(reason, f"the channel refused it ({reason})")


def correction(reason: str, **values: str) -> str:
    text = CORRECTIONS.get(reason, "{customer} still sees the message as it was sent.")
    return _sentence(text.format_map(_Values(values)))


class _Values(dict[str, Any]):
    """What a sentence is filled with; what is not known is called so."""

    def __missing__(self, key: str) -> str:
        return _UNNAMED.get(key, "They")


_UNNAMED = {
    "customer": "the customer",
    "assignee": "A colleague",
    "author": "the author",
    "name": "That person",
}
