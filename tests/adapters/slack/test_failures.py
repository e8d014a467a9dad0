from __future__ import annotations

import pytest

from adapters.slack import failures, replies
from bridge.errors import Broken, DeliveryError, Refused, Retry, Scope, Unknown


@pytest.mark.parametrize(
    ("status", "name", "kind", "scope"),
    [
        (429, "ratelimited", Retry, Scope.MESSAGE),
        (200, "rate_limited", Retry, Scope.MESSAGE),
        (429, "", Retry, Scope.MESSAGE),
        (200, "message_limit_exceeded", Retry, Scope.MESSAGE),
        (200, "thread_not_found", Broken, Scope.THREAD),
        (200, "message_not_found", Broken, Scope.THREAD),
        (200, "channel_not_found", Broken, Scope.CHANNEL),
        (200, "is_archived", Broken, Scope.CHANNEL),
        (200, "not_in_channel", Broken, Scope.CHANNEL),
        (200, "token_revoked", Broken, Scope.TOKEN),
        (200, "invalid_auth", Broken, Scope.TOKEN),
        (200, "account_inactive", Broken, Scope.TOKEN),
        (200, "missing_scope", Broken, Scope.TOKEN),
        (500, "", Unknown, Scope.MESSAGE),
        (503, "", Unknown, Scope.MESSAGE),
        (200, "fatal_error", Unknown, Scope.MESSAGE),
        (200, "internal_error", Unknown, Scope.MESSAGE),
        (200, "invalid_blocks", Refused, Scope.MESSAGE),
        (200, "brand_new_error", Refused, Scope.MESSAGE),
        (403, "", Retry, Scope.MESSAGE),
        (404, "", Retry, Scope.MESSAGE),
    ],
)
def test_a_refusal_is_told_by_its_remedy(
    status: int, name: str, kind: type[DeliveryError], scope: Scope
) -> None:
    error = failures.of_answer(status, name, 7.0, repeatable=False)
    assert type(error) is kind
    assert error.scope is scope


def test_what_may_be_done_twice_is_just_done_again() -> None:
    assert type(failures.of_answer(500, "", 1.0, repeatable=True)) is Retry
    assert type(failures.of_doubt("no_answer", repeatable=False)) is Unknown


@pytest.mark.parametrize("name", sorted(failures.LATER))
def test_a_short_trouble_of_slacks_names_no_time_so_that_the_first_tries_come_soon(
    name: str,
) -> None:
    error = failures.of_answer(503, name, 30.0, repeatable=False)
    assert isinstance(error, Retry)
    assert (error.after, error.counts) == (0.0, True)


def test_a_rate_limit_is_a_wait_and_no_failure() -> None:
    error = failures.of_answer(429, "ratelimited", 30.0, repeatable=False)
    assert isinstance(error, Retry)
    assert (error.after, error.counts) == (30.0, False)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, 1.0), ("", 1.0), ("30", 30.0), ("soon", 1.0), ("-5", 0.0), ("999999", 3_600.0)],
)
def test_retry_after_is_read_with_care(header: str | None, seconds: float) -> None:
    assert failures.retry_after(header) == seconds


@pytest.mark.parametrize("reason", sorted(replies.REFUSALS))
def test_every_refusal_is_a_plain_sentence(reason: str) -> None:
    text = replies.refusal(reason)
    assert text[0].isupper()
    assert text.endswith(".")
    assert "{" not in text
    assert "_" not in text


def test_an_unknown_refusal_names_its_code() -> None:
    assert replies.refusal("brand_new") == "That did not work (brand_new)."
    slow = "pattern 2 of the leak guard took too long and was not checked."
    assert replies.held("leak:unchecked.2") == slow
    assert replies.held("brand_new") == "of a rule (brand_new)."
    assert replies.failure("brand_new") == "the channel refused it (brand_new)"
    assert replies.correction("x") == "The customer still sees the message as it was sent."
