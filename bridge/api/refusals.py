"""What was refused by the core, as an answer: the status, the words, and what the caller needs to
go on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from bridge.labels import UNKNOWN
from bridge.problems import problem

REFUSALS = {
    "handoff_open": (409, "A handoff is open already."),
    "human_in_control": (409, "A human has the conversation."),
    "stale_epoch": (409, "The conversation has changed hands since."),
    "id_reused": (409, "This id was used for something else."),
    "assigned_already": (409, "Somebody else has it by now."),
    "online_required": (409, "That agent is not online."),
    "already_ended": (409, "The handoff has ended."),
    "not_in_the_future": (409, "That moment is over."),
    "not_a_member": (403, "That agent is no member of the desk."),
    "assignee_not_a_member": (409, "That agent is no member of the desk."),
    "wrap_up_required": (409, "Its queue wants to be told more before it is resolved."),
    "unknown_label": (409, "This desk has no such label."),
    "blocked": (403, "This user is blocked."),
    "open_elsewhere": (409, "Another handoff of this user is open."),
    "delete_not_allowed": (403, "The settings do not allow deleting."),
    "unknown_queue": (404, "There is no such queue."),
    "unknown_handoff": (404, "There is no such handoff."),
    "bad_data": (422, "This cannot be stored."),
    "unknown_approval": (404, "There is no such approval."),
    "already_decided": (409, "Somebody has decided that already."),
    "already_voted": (409, "This vote was given before; another one has to follow."),
    "draft_changed": (409, "Somebody has changed it since: look at it again."),
    "not_a_reviewer": (403, "It is for others to decide."),
    "own_draft": (403, "Whoever asked does not decide: use another key, or the card in Slack."),
    "act_not_allowed": (403, "Whoever asked does not allow that."),
    "bad_value": (409, "Some fields do not fit."),
    "leaks": (409, "It seems to hold something secret."),
    "unknown_user": (404, "There is no such user."),
    "unknown_conversation": (404, "There is no such conversation."),
}


def refused(reason: str, data: dict[str, Any]) -> Response:
    """Why not, with what the caller needs to go on; behind a line break stands what is meant."""
    reason, _, of = reason.partition("\n")
    if reason == UNKNOWN:
        strange, *near = of.split("\n")
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        data = {**data, "fields": {"labels": f"there is no {strange}{meant}"}}
    status, message = REFUSALS.get(reason, (409, "This cannot be done now."))
    code = "not_found" if status == HTTPStatus.NOT_FOUND else reason
    return problem(code, message, status, data=data)
