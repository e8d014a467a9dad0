"""Every fault that a script may name: whom it hits and what it does. The docs print this table."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CALL, EVENT, REQUEST, TRIGGER, ALL = "call", "event", "request", "trigger", "all"
POSTS = ("chat.postMessage", "chat.postEphemeral")
TOUCHES = ("chat.update", "chat.delete", "chat.getPermalink", "reactions.add", "reactions.remove")
READS = ("conversations.history", "conversations.replies", "conversations.info")
VIEWS = ("views.open", "views.push")


@dataclass(frozen=True, slots=True)
class FaultKind:
    """`hits` is what it strikes, `keys` the rule keys of its own, `methods` those it means unless
    the rule names others. With `is_error` the kind is the name of the error that is answered."""

    hits: str
    tells: str
    keys: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    is_error: bool = False


def _error(tells: str, *methods: str) -> FaultKind:
    return FaultKind(CALL, tells, ("when",), methods, is_error=True)


CALLS: Mapping[str, FaultKind] = MappingProxyType(
    {
        "ratelimit": FaultKind(CALL, "429 with `Retry-After`", ("retry_after",)),
        "tier_limits": FaultKind(
            CALL, "429 for who exceeds the method's tier (or `per_minute` calls a minute)",
            ("per_minute",),
        ),
        "channel_limit": FaultKind(
            CALL, "429 for more than `rate` posts a second and channel, after `burst`",
            ("rate", "burst"), ("chat.postMessage",),
        ),
        "slow": FaultKind(CALL, "answers `seconds` late", ("seconds",)),
        "hang": FaultKind(CALL, "never answers; drops the connection when the rule ends"),
        "drop_connection_before": FaultKind(CALL, "connection lost, nothing stored"),
        "drop_response_after_store": FaultKind(CALL, "stored, then the connection is lost"),
        "http_500": FaultKind(CALL, "500, `before` or `after` it is stored", ("when",)),
        "http_502_html": FaultKind(CALL, "a gateway's HTML page, nothing stored"),
        "http_503": FaultKind(CALL, "503 `service_unavailable`, nothing stored"),
        "error": FaultKind(CALL, "the `error` of that name", ("error", "when")),
    }
)  # fmt: skip
ERRORS: Mapping[str, FaultKind] = MappingProxyType(
    {
        "token_revoked": _error("the token was taken back"),
        "invalid_auth": _error("the token is not known"),
        "account_inactive": _error("the app's user is gone"),
        "missing_scope": _error("a scope was not granted"),
        "is_archived": _error("the channel was archived", *POSTS, "reactions.add"),
        "channel_not_found": _error(
            "the channel was deleted, or went private without the app", *POSTS, *TOUCHES, *READS
        ),
        "not_in_channel": _error("the app was removed", *POSTS, *READS, "reactions.add"),
        "restricted_action": _error("posting is for some people only", *POSTS),
        "restricted_action_thread_locked": _error("the thread is locked", "chat.postMessage"),
        "cannot_reply_to_message": _error("no thread may be there", "chat.postMessage"),
        "thread_not_found": _error(
            "the thread's root is gone", "conversations.replies", "chat.postMessage"
        ),
        "message_not_found": _error("the message is gone", *TOUCHES),
        "cant_update_message": _error("not the app's to change", "chat.update"),
        "edit_window_closed": _error("too old to change (see `older_than`)", "chat.update"),
        "cant_delete_message": _error("not the app's to delete", "chat.delete"),
        "msg_too_long": _error("over the length", *POSTS, "chat.update"),
        "message_limit_exceeded": _error("the workspace's limit of messages", *POSTS),
        "rate_limited": _error("a limit told without status 429", "chat.postMessage"),
        "user_not_in_channel": _error("not shown to who is not there", "chat.postEphemeral"),
        "already_reacted": _error("the reaction is there", "reactions.add"),
        "no_reaction": _error("the reaction is not there", "reactions.remove"),
        "expired_trigger_id": _error("the trigger came too late", *VIEWS),
        "exchanged_trigger_id": _error("the trigger was used", *VIEWS),
        "trigger_expired": _error("the older name of an expired trigger", *VIEWS),
        "trigger_exchanged": _error("the older name of a used trigger", *VIEWS),
        "hash_conflict": _error("the view changed since", "views.update", "views.publish"),
        "user_not_found": _error("nobody of that id", "users.info", "users.getPresence"),
        "file_not_found": _error("no file of that id", "files.info"),
        "internal_error": _error("Slack's own fault; part of it may have happened"),
        "fatal_error": _error("Slack's own fault; part of it may have happened"),
        "service_unavailable": _error("Slack is out of order"),
        "request_timeout": _error("Slack did not read the request to its end"),
    }
)
EVENTS: Mapping[str, FaultKind] = MappingProxyType(
    {
        "lose_events": FaultKind(EVENT, "lost for good"),
        "late_events": FaultKind(EVENT, "`seconds` late", ("seconds",)),
        "shuffle_events": FaultKind(EVENT, "late by up to `seconds`, each else", ("seconds",)),
        "duplicate_events": FaultKind(
            EVENT, "sent twice, at once or (`concurrent: false`) one after the other",
            ("concurrent",),
        ),
        "silence": FaultKind(
            EVENT, "held back for `seconds` (with `lose: true` lost)", ("seconds", "lose")
        ),
        "lose_answers": FaultKind(EVENT, "the app's answer is lost, so the event is repeated"),
        "cut_socket": FaultKind(EVENT, "the socket is lost with the event in it"),
        "event_limit": FaultKind(
            EVENT, "over `per_hour` events an hour lost, with `app_rate_limited` each minute",
            ("per_hour",),
        ),
    }
)  # fmt: skip
REQUESTS: Mapping[str, FaultKind] = MappingProxyType(
    {
        "late_requests": FaultKind(
            REQUEST, "commands and clicks come `seconds` late: their trigger has expired",
            ("seconds",),
        ),
        "lose_requests": FaultKind(REQUEST, "commands and clicks never arrive; who acts sees it"),
        "expired_trigger": FaultKind(TRIGGER, "triggers are handed out already expired"),
        "used_trigger": FaultKind(TRIGGER, "triggers are handed out already used"),
        "outage": FaultKind(
            ALL, "Slack silent: calls hang (`mode: hang`), are cut (`drop`) or answer 503 "
            "(`fail`); events wait until it is over (with `lose: true` they are lost); commands "
            "and clicks never arrive",
            ("mode", "lose"),
        ),
    }
)  # fmt: skip
KINDS: Mapping[str, FaultKind] = MappingProxyType({**CALLS, **ERRORS, **EVENTS, **REQUESTS})


def table() -> str:
    """All kinds in Markdown."""
    head = "| kind | hits | what happens | keys of its own | methods, unless named |\n"
    rows = [_row(name, kind) for name, kind in KINDS.items()]
    return head + "|---|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _row(name: str, kind: FaultKind) -> str:
    keys = ", ".join(f"`{key}`" for key in kind.keys)
    every = "all" if kind.hits in {CALL, ALL} else ""
    methods = ", ".join(f"`{method}`" for method in kind.methods) or every
    return f"| `{name}` | {kind.hits} | {kind.tells} | {keys} | {methods} |"
