"""What Slack's refusals mean for us: every failure of a call as one of the bridge's errors. Pure.

The names are Slack's (`error` of an answer; docs.slack.dev/reference/methods). One that is not in a
table is final for the one message; a refusal without a name is not Slack's but of somebody between
us, who let nothing through, and is tried again.
"""

from __future__ import annotations

from http import HTTPStatus

from bridge.errors import Broken, DeliveryError, Refused, Retry, Scope, Unknown

RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
LATER = frozenset({"message_limit_exceeded", "service_unavailable", "team_added_to_org"})
"""Nothing was done. How soon it is tried again is the outbox's business, which begins with little:
a thread that is to be opened does not wait for long after a short trouble."""
DOUBTFUL = frozenset({"internal_error", "fatal_error", "request_timeout"})
"""Slack: for these some aspect of the operation may have succeeded."""

BLOCKS = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long"}
)
"""Said of a message whose words may yet go as plain text."""

THREAD = frozenset(
    {
        "thread_not_found",
        "invalid_thread_ts",
        "cannot_reply_to_message",
        "restricted_action_thread_locked",
        "message_not_found",
    }
)
CHANNEL = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_only_channel",
        "ekm_access_denied",
    }
)
READ_ONLY = frozenset({"is_archived", *(name for name in CHANNEL if name.startswith("restricted"))})
"""Refusals of a channel that can still be read."""
TOKEN = frozenset(
    {
        "token_revoked",
        "token_expired",
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "missing_scope",
        "no_permission",
        "access_denied",
        "team_access_not_granted",
        "org_login_required",
        "not_allowed_token_type",
    }
)


def of_answer(status: int, error: str, retry_after: float, *, repeatable: bool) -> DeliveryError:
    """The error for an answer that is not ok. `repeatable`: doing it twice does no harm."""
    if status == HTTPStatus.TOO_MANY_REQUESTS or error in RATE_LIMITED:
        return Retry("rate_limited", retry_after, counts=False)
    for names, scope in ((THREAD, Scope.THREAD), (CHANNEL, Scope.CHANNEL), (TOKEN, Scope.TOKEN)):
        if error in names:
            return Broken(error, scope)
    if error in LATER:
        return Retry(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or error in DOUBTFUL:
        return of_doubt(error or f"http_{status}", repeatable=repeatable)
    if not error:
        return Retry(f"http_{status}")
    return Refused(error)


def of_doubt(reason: str, *, repeatable: bool) -> DeliveryError:
    """The answer is lost, or says nothing: harmless things are done again, others looked up."""
    return Retry(reason) if repeatable else Unknown(reason)


def retry_after(header: str | None) -> float:
    """Seconds of a Retry-After header; a missing or odd one is a second."""
    try:
        return min(max(float(header or 1), 0.0), 3_600.0)
    except ValueError:
        return 1.0
