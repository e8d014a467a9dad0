"""What the Graph API's refusals mean for us: each as one of the bridge's errors. Pure.

Codes are Meta's (`error.code` and `error.error_subcode`; Messenger Platform: Error codes). The same
texts come with several codes, and in the language of whoever made the token, so only numbers count.
A reason is a code of ours, which the desk has words for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from bridge.errors import Broken, DeliveryError, Refused, Retry, Scope, Unknown

RATE = frozenset({4, 17, 32, 613, 80006})
TEMPORARY = frozenset({1, 2})
TOKEN = frozenset({102, 190, 467})
PERMISSION = frozenset({3, 10, 200, 210})
RESTRICTED = frozenset({368, 2022})
BLOCKED = frozenset({551})
WINDOW_CLOSED = "window_closed"
LATER = 60.0
"""Seconds to wait for a rate limit of which nothing else is said."""


@dataclass(frozen=True, slots=True)
class GraphError:
    """What an answer says. `code` zero: it is no error of the Graph API's."""

    status: int
    code: int = 0
    subcode: int = 0
    transient: bool = False


SUBCODES: Mapping[int, str] = {
    2018278: WINDOW_CLOSED,
    2534022: WINDOW_CLOSED,
    2018065: WINDOW_CLOSED,
    2018108: "blocked",
    1545041: "blocked",
    2018338: "tag_abused",
    2018001: "user_gone",
    2534014: "user_gone",
    33: "user_gone",
    2018008: "bad_attachment",
    2018047: "bad_attachment",
    2018074: "bad_attachment",
    2018109: "bad_attachment",
    2018294: "bad_attachment",
    2018300: "other_app_in_control",
    2018321: "other_app_in_control",
    2534037: "other_app_in_control",
    2018218: "no_profile",
    2018247: "no_profile",
}
"""Final for the one message, by subcode, or by a code that stands in its place."""
RESTRICTED_SUBCODES = frozenset({1893063, 1404170})
BAD_PARAMETER = 100
BAD_MESSAGE = "bad_message"


def of_answer(told: GraphError, *, repeatable: bool) -> DeliveryError:
    """The error for an answer that is none of success. `repeatable`: twice does no harm."""
    final = SUBCODES.get(told.subcode) or SUBCODES.get(told.code)
    if final:
        return Refused(final)
    if told.status == HTTPStatus.TOO_MANY_REQUESTS or told.code in RATE:
        return Retry("rate_limited", LATER, counts=False)
    if told.code in BLOCKED:
        return Refused("blocked")
    if broken := _broken(told):
        return broken
    if told.code in TEMPORARY or told.transient:
        return Retry(f"meta_{told.code}")
    if not told.code:
        return _of_nobody(told.status, repeatable=repeatable)
    return Refused(BAD_MESSAGE if told.code == BAD_PARAMETER else _name(told))


def _broken(told: GraphError) -> Broken | None:
    if told.code in RESTRICTED or told.subcode in RESTRICTED_SUBCODES:
        return Broken("page_restricted", Scope.CHANNEL)
    if told.code in TOKEN or told.status == HTTPStatus.UNAUTHORIZED:
        return Broken("token_refused", Scope.TOKEN)
    if told.code in PERMISSION:
        return Broken("no_permission", Scope.TOKEN)
    return None


def _of_nobody(status: int, *, repeatable: bool) -> DeliveryError:
    """An answer that is not the Graph API's: somebody between us gave up waiting for it, or let
    nothing through."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status < HTTPStatus.MULTIPLE_CHOICES:
        return of_doubt(f"http_{status}", repeatable=repeatable)
    return Retry(f"http_{status}")


def of_doubt(reason: str, *, repeatable: bool) -> DeliveryError:
    """The answer is lost: harmless things are done again, a message waits for its echo."""
    return Retry(reason) if repeatable else Unknown(reason)


def _name(told: GraphError) -> str:
    return f"meta_{told.code}" + (f"_{told.subcode}" if told.subcode else "")
